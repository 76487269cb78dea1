#include "agent/compress/report.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "config/text.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

std::string widths_text(const std::vector<std::size_t>& widths) {
  std::string text;
  for (const std::size_t width : widths) text += (text.empty() ? "" : ",") + std::to_string(width);
  return text.empty() ? "none" : text;
}

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

bool is_classifier(const CompressResult& result) { return result.measure == Measure::accuracy; }

/// Of the column of scores, and of the same in JSON.
const char* title_of(Measure measure) {
  switch (measure) {
    case Measure::accuracy: return "ACCURACY";
    case Measure::absolute_error: return "MAE";
    case Measure::worst_target: return "MAE/STD";
    case Measure::roc_auc: return "ROC AUC";
    case Measure::reconstruction: break;
  }
  return "ERROR";
}

const char* key_of(Measure measure) {
  switch (measure) {
    case Measure::accuracy: return "accuracy";
    case Measure::absolute_error: return "mae";
    case Measure::worst_target: return "worst_mae_in_deviations";
    case Measure::roc_auc: return "roc_auc";
    case Measure::reconstruction: break;
  }
  return "reconstruction_error";
}

std::string short_number(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

std::string score_text(const CompressResult& result, const CompressLine& line) {
  if (is_classifier(result)) return fixed(100.0 * line.judgement.score, 2) + " %";
  return short_number(line.judgement.score);
}

/// Each target's own error.
std::string targets_text(const CompressResult& result, const CompressLine& line) {
  std::string text;
  for (std::size_t t = 0; t < line.judgement.target_errors.size(); ++t)
    text += (t == 0 ? "  " : ", ") + result.targets[t] + ' ' +
            short_number(line.judgement.target_errors[t]);
  return text;
}

void print_costs(std::ostringstream& text, const CompressResult& result, const CompressLine& line) {
  const models::Cost& cost = line.cost;
  text << std::right << std::setw(8) << cost.flash_bytes << std::setw(7) << cost.ram_bytes
       << std::setw(9) << cost.multiply_accumulates << std::setw(9) << fixed(1e3 * cost.seconds, 3)
       << std::setw(9)
       << (result.chip.joules_per_cycle > 0.0 ? fixed(1e3 * cost.joules, 5) : std::string("-"));
}

void print_line(std::ostringstream& text, const CompressResult& result, std::size_t index) {
  const CompressLine& line = result.lines[index];
  text << (index == result.chosen ? "> " : "  ") << std::left << std::setw(24) << line.method
       << std::setw(12) << widths_text(line.widths) << std::right << std::setw(9)
       << score_text(result, line);
  const Judgement& judgement = line.judgement;
  if (is_classifier(result))
    text << std::setw(9)
         << (judgement.worst_class.empty() ? std::string("-")
                                           : fixed(100.0 * judgement.worst_recall, 1) + " %");
  if (line.is_int8) print_costs(text, result, line);
  text << targets_text(result, line);
  if (!line.limits.empty()) text << "  " << config::join(line.limits);
  text << '\n';
}

ordered_json line_json(const CompressResult& result, const CompressLine& line) {
  ordered_json json;
  json["method"] = line.method;
  json["layers"] = line.widths;
  const Judgement& judgement = line.judgement;
  json[key_of(result.measure)] = judgement.score;
  if (!judgement.worst_class.empty())
    json["worst_class"] = {{"label", judgement.worst_class}, {"recall", judgement.worst_recall}};
  for (std::size_t t = 0; t < judgement.target_errors.size(); ++t)
    json["mae"][result.targets[t]] = judgement.target_errors[t];
  if (!line.is_int8) return json;
  json["flash_bytes"] = line.cost.flash_bytes;
  json["ram_bytes"] = line.cost.ram_bytes;
  json["macs"] = line.cost.multiply_accumulates;
  json["instructions"] = line.cost.instructions;
  json["estimated_ms"] = 1e3 * line.cost.seconds;
  json["estimated_mj"] =
      result.chip.joules_per_cycle > 0.0 ? ordered_json(1e3 * line.cost.joules) : ordered_json();
  json["fits"] = line.fits();
  if (!line.limits.empty()) json["limits"] = line.limits;
  return json;
}

/// The line that comes nearest to the budget: the smallest.
const CompressLine& smallest(const CompressResult& result) {
  return *std::ranges::min_element(result.lines, {}, [](const CompressLine& line) {
    return line.is_int8 ? line.cost.flash_bytes : static_cast<std::size_t>(-1);
  });
}

}  // namespace

std::string compress_text(const CompressResult& result) {
  std::ostringstream text;
  text << result.rows << " rows to train on, " << result.held_back
       << " held back to judge by; target " << config::in_quotes(result.target) << "\n\n  "
       << std::left << std::setw(24) << "MODEL" << std::setw(12) << "LAYERS" << std::right
       << std::setw(9) << title_of(result.measure);
  if (is_classifier(result)) text << std::setw(9) << "WORST";
  text << std::setw(8) << "FLASH" << std::setw(7) << "RAM" << std::setw(9) << "MACS" << std::setw(9)
       << "~MS" << std::setw(9) << "~MJ" << '\n';
  for (std::size_t i = 0; i < result.lines.size(); ++i) print_line(text, result, i);
  text << "\n~ms and ~mJ are estimates for " << result.chip.name
       << ": instructions counted under emulation";
  if (result.chip.joules_per_cycle > 0.0)
    text << ", energy from the data sheet of " << result.chip.energy_of;
  text << ".\n";
  if (result.chosen < result.lines.size()) {
    const CompressLine& line = result.lines[result.chosen];
    text << "chosen: " << line.method << ", layers " << widths_text(line.widths) << '\n';
  } else {
    text << "nothing fits; the smallest tried breaks " << config::join(smallest(result).limits)
         << '\n';
  }
  return text.str();
}

ordered_json compress_json(const CompressResult& result) {
  ordered_json json;
  json["chip"] = result.chip.name;
  json["target"] = result.target;
  json["rows"] = result.rows;
  json["held_back"] = result.held_back;
  json["estimates"] = "instructions counted under emulation; ms and mJ are estimates";
  for (const CompressLine& line : result.lines)
    json["candidates"].push_back(line_json(result, line));
  const bool is_chosen = result.chosen < result.lines.size();
  json["chosen"] = is_chosen ? line_json(result, result.lines[result.chosen]) : ordered_json();
  if (!is_chosen) json["limits"] = smallest(result).limits;
  return json;
}

}  // namespace haltere::agent
