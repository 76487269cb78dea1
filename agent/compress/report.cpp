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

bool is_regression(const CompressResult& result) { return result.task == kernels::Task::regress; }

std::string score_text(const CompressResult& result, const CompressLine& line) {
  if (!is_regression(result)) return fixed(100.0 * line.score, 2) + " %";
  std::ostringstream text;
  text << std::setprecision(4) << line.score;
  return text.str();
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
  if (!is_regression(result))
    text << std::setw(9)
         << (line.worst_class.empty() ? std::string("-")
                                      : fixed(100.0 * line.worst_recall, 1) + " %");
  if (line.is_int8) print_costs(text, result, line);
  if (!line.limits.empty()) text << "  " << config::join(line.limits);
  text << '\n';
}

ordered_json line_json(const CompressResult& result, const CompressLine& line) {
  ordered_json json;
  json["method"] = line.method;
  json["layers"] = line.widths;
  json[is_regression(result) ? "mae" : "accuracy"] = line.score;
  if (!line.worst_class.empty())
    json["worst_class"] = {{"label", line.worst_class}, {"recall", line.worst_recall}};
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
       << std::setw(9) << (is_regression(result) ? "MAE" : "ACCURACY");
  if (!is_regression(result)) text << std::setw(9) << "WORST";
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
