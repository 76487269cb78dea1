#include "agent/compress/search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "agent/cli/learn_folds.hpp"
#include "config/units.hpp"
#include "learner/candidate.hpp"
#include "learner/compress/candidates.hpp"
#include "models/dequantizer.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using learner::Target;

constexpr std::size_t parts = 4;
constexpr std::size_t fewest_rows = 40;
constexpr float label_smoothing = 0.05F;
constexpr float reach = 8.0F;  ///< of normalised values, as the learner's

/// Rows to train on and rows held back.
struct Split {
  BundleRows train;
  BundleRows judge;
};

Split split(const BundleRows& rows, std::size_t classes) {
  Split both;
  both.train.inputs = both.judge.inputs = rows.inputs;
  FoldDealer dealer({.count = parts, .by = "rows"}, std::max<std::size_t>(classes, 1),
                    rows.targets.size(), 1);
  for (std::size_t r = 0; r < rows.targets.size(); ++r) {
    const bool is_judge = dealer.next(rows.targets[r].label, {}) == 0;
    BundleRows& to = is_judge ? both.judge : both.train;
    const auto row = rows.values.begin() + static_cast<std::ptrdiff_t>(r * rows.inputs);
    to.values.insert(to.values.end(), row, row + static_cast<std::ptrdiff_t>(rows.inputs));
    to.targets.push_back(rows.targets[r]);
  }
  return both;
}

/// Scale and offset of a regression's answers, in the target's unit.
models::OutputScale target_scale(const models::Bundle& bundle) {
  models::OutputScale scale = bundle.output_scales.front();
  scale.scale /= bundle.output_scale;
  return scale;
}

std::vector<float> normalised(const BundleRows& rows, const std::vector<float>& mean,
                              const std::vector<float>& std) {
  std::vector<float> x(rows.values);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t column = i % rows.inputs;
    x[i] = std::clamp((x[i] - mean[column]) / std[column], -reach, reach);
  }
  return x;
}

/// What a net with the bundle's outputs should answer.
std::vector<float> wanted(const models::Bundle& bundle, const BundleRows& rows) {
  std::vector<float> values;
  if (bundle.task == kernels::Task::regress) {
    const models::OutputScale scale = target_scale(bundle);
    for (const Target& target : rows.targets)
      values.push_back((target.value - scale.offset) / scale.scale);
    return values;
  }
  const std::size_t classes = bundle.labels.size();
  values.assign(rows.targets.size() * classes, label_smoothing / static_cast<float>(classes));
  for (std::size_t r = 0; r < rows.targets.size(); ++r)
    values[r * classes + static_cast<std::size_t>(rows.targets[r].label)] += 1.0F - label_smoothing;
  return values;
}

/// Sums up answers to the rows held back.
class Judge {
 public:
  Judge(const models::Bundle& bundle, const BundleRows& rows) : bundle_(bundle), rows_(rows) {}

  /// `answer(row)` gives a Prediction.
  template <typename Answer>
  void judge(const Answer& answer, CompressLine& line) const {
    std::vector<std::size_t> asked(bundle_.labels.size(), 0);
    std::vector<std::size_t> right(bundle_.labels.size(), 0);
    double error = 0.0;
    for (std::size_t r = 0; r < rows_.targets.size(); ++r) {
      const learner::Prediction prediction = answer(r);
      const Target& target = rows_.targets[r];
      if (bundle_.task == kernels::Task::regress) {
        error += std::abs(static_cast<double>(prediction.value - target.value));
        continue;
      }
      const auto label = static_cast<std::size_t>(target.label);
      ++asked[label];
      right[label] += prediction.label == target.label ? 1U : 0U;
    }
    line.score = error / static_cast<double>(rows_.targets.size());
    if (bundle_.task == kernels::Task::classify) sum_up(asked, right, line);
  }

 private:
  void sum_up(const std::vector<std::size_t>& asked, const std::vector<std::size_t>& right,
              CompressLine& line) const {
    std::size_t all = 0;
    line.worst_recall = 2.0;
    for (std::size_t c = 0; c < asked.size(); ++c) {
      all += right[c];
      if (asked[c] == 0) continue;
      const double recall = static_cast<double>(right[c]) / static_cast<double>(asked[c]);
      if (recall >= line.worst_recall) continue;
      line.worst_recall = recall;
      line.worst_class = bundle_.labels[c];
    }
    line.score = static_cast<double>(all) / static_cast<double>(rows_.targets.size());
  }

  const models::Bundle& bundle_;
  const BundleRows& rows_;
};

CompressLine line_of(const std::string& method, const std::vector<std::size_t>& widths) {
  CompressLine line;
  line.method = method;
  line.widths = widths;
  return line;
}

/// Makes, judges and weighs candidates one after the other.
class Search {
 public:
  Search(const models::Bundle& bundle, const BundleRows& judge, const Budget& budget,
         CompressResult& result)
      : bundle_(bundle), rows_(judge), judge_(bundle, judge), budget_(budget), result_(result) {}

  void add_float(const learner::Compressor& compressor, const std::vector<float>& x) {
    const models::Network& network = compressor.network();
    const std::vector<float> outputs = learner::answers(
        network, {.inputs = rows_.inputs, .outputs = network.outputs(), .x = x, .targets = {}});
    CompressLine line = line_of("float", learner::hidden_widths(network));
    line.is_int8 = false;
    judge_.judge([&](std::size_t r) { return as_prediction(outputs, r, network.outputs()); }, line);
    result_.lines.push_back(std::move(line));
  }

  Status add(const Result<learner::Candidate>& candidate) {
    if (!candidate) return candidate.error();
    CompressLine line = line_of(candidate->method, candidate->widths);
    Result<std::vector<std::uint8_t>> bytes = models::encode(candidate->bundle);
    if (!bytes) return bytes.error();
    Result<models::Int8Model> model = models::Int8Model::create(*bytes);
    if (!model) return model.error();
    judge_.judge(
        [&](std::size_t r) {
          return learner::predict_int8(
              *model, std::span(rows_.values).subspan(r * rows_.inputs, rows_.inputs));
        },
        line);
    const Result<models::Cost> cost = models::cost_of(candidate->bundle, result_.chip);
    if (!cost) return cost.error();
    line.cost = *cost;
    line.bundle = std::move(bytes).value();
    find_limits(line);
    result_.lines.push_back(std::move(line));
    return {};
  }

  /// The best line that fits; of those alike the smallest.
  [[nodiscard]] std::size_t best() const {
    std::size_t best = result_.lines.size();
    for (std::size_t i = 0; i < result_.lines.size(); ++i) {
      if (!result_.lines[i].fits()) continue;
      if (best == result_.lines.size() || is_better(result_.lines[i], result_.lines[best]))
        best = i;
    }
    return best;
  }

 private:
  [[nodiscard]] learner::Prediction as_prediction(const std::vector<float>& outputs, std::size_t r,
                                                  std::size_t width) const {
    learner::Prediction prediction;
    const auto row = std::span(outputs).subspan(r * width, width);
    if (bundle_.task == kernels::Task::regress) {
      const models::OutputScale scale = target_scale(bundle_);
      prediction.value = scale.offset + scale.scale * row.front();
    } else {
      prediction.label = static_cast<int>(std::ranges::max_element(row) - row.begin());
    }
    return prediction;
  }

  [[nodiscard]] bool is_better(const CompressLine& a, const CompressLine& b) const {
    if (a.score != b.score)
      return bundle_.task == kernels::Task::regress ? a.score < b.score : a.score > b.score;
    return a.cost.flash_bytes < b.cost.flash_bytes;
  }

  void find_limits(CompressLine& line) const {
    const auto check = [&](const char* what, double needed, std::optional<double> most,
                           Dimension dimension) {
      if (most && needed > *most)
        line.limits.push_back(std::string(what) + ": " +
                              config::format_quantity(needed, dimension) + " of " +
                              config::format_quantity(*most, dimension));
    };
    check("RAM", static_cast<double>(line.cost.ram_bytes), budget_.ram_bytes, Dimension::bytes);
    check("flash", static_cast<double>(line.cost.flash_bytes), budget_.flash_bytes,
          Dimension::bytes);
    check("time", line.cost.seconds, budget_.seconds, Dimension::time);
  }

  const models::Bundle& bundle_;
  const BundleRows& rows_;
  Judge judge_;
  const Budget& budget_;
  CompressResult& result_;
};

/// A draft of what comes in place of `bundle`.
models::Bundle draft_of(const models::Bundle& bundle, std::uint64_t identity) {
  models::Bundle draft;
  draft.task = bundle.task;
  draft.provenance = bundle.provenance;
  ++draft.provenance.version;
  draft.provenance.parent = identity;
  draft.recipe = bundle.recipe;
  draft.labels = bundle.labels;
  if (bundle.task == kernels::Task::regress) draft.output_scales = {target_scale(bundle)};
  return draft;
}

Result<learner::CompressSource> source_of(const models::Bundle& bundle, const BundleRows& train) {
  Result<models::Network> network = models::dequantize(bundle);
  if (!network) return network.error();
  const Result<std::vector<std::uint8_t>> bytes = models::encode(bundle);
  if (!bytes) return bytes.error();
  const Result<kernels::BundleView> view = models::open(*bytes);
  if (!view) return view.error();
  learner::CompressSource source{.network = std::move(network).value(),
                                 .draft = draft_of(bundle, kernels::bundle_identity(*view)),
                                 .mean = bundle.mean,
                                 .std = {},
                                 .raw = train.values,
                                 .rows = {}};
  for (const float gain : bundle.gain) source.std.push_back(1.0F / (gain * bundle.input_scale));
  source.rows = {.inputs = train.inputs,
                 .outputs = source.network.outputs(),
                 .x = normalised(train, source.mean, source.std),
                 .targets = wanted(bundle, train)};
  return source;
}

Status add_all(Search& search, learner::Compressor& compressor, const models::Bundle& bundle) {
  const std::vector<std::size_t> widths = learner::hidden_widths(compressor.network());
  if (Status added = search.add(learner::Candidate{"as given", widths, bundle}); !added)
    return added;
  if (Status added = search.add(compressor.rounded(false)); !added) return added;
  if (Status added = search.add(compressor.rounded(true)); !added) return added;
  if (Status added = search.add(compressor.aware()); !added) return added;
  for (const std::vector<std::size_t>& narrow : learner::narrower(widths)) {
    if (Status added = search.add(compressor.pruned(narrow)); !added) return added;
    if (Status added = search.add(compressor.distilled(narrow)); !added) return added;
  }
  return {};
}

}  // namespace

Result<CompressResult> compress(const models::Bundle& bundle, const BundleRows& rows,
                                const models::Chip& chip, const Budget& budget) {
  if (rows.targets.size() < fewest_rows)
    return Error{ErrorKind::invalid, "only " + std::to_string(rows.targets.size()) +
                                         " rows to train on and to judge by; at least " +
                                         std::to_string(fewest_rows) + " are needed"};
  const Split both = split(rows, bundle.labels.size());
  Result<learner::CompressSource> source = source_of(bundle, both.train);
  if (!source) return source.error();
  const std::vector<float> judged_x = normalised(both.judge, source->mean, source->std);
  CompressResult result{.task = bundle.task,
                        .target = rows.target,
                        .rows = both.train.targets.size(),
                        .held_back = both.judge.targets.size(),
                        .chip = chip,
                        .lines = {}};
  learner::Compressor compressor(std::move(source).value());
  Search search(bundle, both.judge, budget, result);
  search.add_float(compressor, judged_x);
  if (const Status added = add_all(search, compressor, bundle); !added) return added.error();
  result.chosen = search.best();
  return result;
}

}  // namespace haltere::agent
