#include "agent/compress/search.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "agent/compress/judge.hpp"
#include "agent/compress/source.hpp"
#include "config/units.hpp"
#include "learner/candidate.hpp"
#include "learner/compress/candidates.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;

constexpr std::size_t fewest_rows = 40;
constexpr double largest_threshold = 2147483647.0;

CompressLine line_of(const std::string& method, const std::vector<std::size_t>& widths) {
  CompressLine line;
  line.method = method;
  line.widths = widths;
  return line;
}

/// Mean score of an anomaly bundle over `rows`; 0 if it does not run.
double mean_score(const models::Bundle& bundle, const BundleRows& rows) {
  Result<std::vector<std::uint8_t>> bytes = models::encode(bundle);
  if (!bytes) return 0.0;
  Result<models::Int8Model> model = models::Int8Model::create(std::move(bytes).value());
  if (!model) return 0.0;
  double sum = 0.0;
  for (std::size_t r = 0; r < rows.targets.size(); ++r) {
    const auto row = std::span(rows.values).subspan(r * rows.inputs, rows.inputs);
    sum += static_cast<double>(learner::predict_int8(*model, row).value);
  }
  return sum / static_cast<double>(rows.targets.size());
}

/// Makes, judges and weighs candidates one after the other.
class Search {
 public:
  Search(const models::Bundle& bundle, const CompressRows& both, const Budget& budget,
         CompressResult& result)
      : bundle_(bundle),
        normal_(both.train),
        rows_(both.judge),
        judge_(bundle, both.judge),
        budget_(budget),
        result_(result) {
    result_.measure = judge_.measure();
  }

  void add_float(const learner::Compressor& compressor, const std::vector<float>& x) {
    const models::Network& network = compressor.network();
    const std::vector<float> outputs = learner::answers(
        network, {.inputs = rows_.inputs, .outputs = network.outputs(), .x = x, .targets = {}});
    CompressLine line = line_of("float", learner::hidden_widths(network));
    line.is_int8 = false;
    line.judgement = judge_.judge([&](std::size_t r) {
      const std::size_t width = network.outputs();
      return as_prediction(std::span(outputs).subspan(r * width, width),
                           std::span(x).subspan(r * rows_.inputs, rows_.inputs));
    });
    result_.lines.push_back(std::move(line));
  }

  Status add(const Result<learner::Candidate>& candidate) {
    if (!candidate) return candidate.error();
    CompressLine line = line_of(candidate->method, candidate->widths);
    Result<std::vector<std::uint8_t>> bytes = encoded(candidate->bundle);
    if (!bytes) return bytes.error();
    Result<models::Int8Model> model = models::Int8Model::create(*bytes);
    if (!model) return model.error();
    line.judgement = judge_.judge([&](std::size_t r) {
      return learner::predict_int8(*model,
                                   std::span(rows_.values).subspan(r * rows_.inputs, rows_.inputs));
    });
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
  /// What a float net's `outputs` to the normalised row `x` mean.
  [[nodiscard]] learner::Prediction as_prediction(std::span<const float> outputs,
                                                  std::span<const float> x) const {
    learner::Prediction prediction;
    switch (bundle_.task) {
      case kernels::Task::classify:
        prediction.label = static_cast<int>(std::ranges::max_element(outputs) - outputs.begin());
        break;
      case kernels::Task::regress: {
        const std::vector<models::OutputScale> scales = target_scales(bundle_);
        for (std::size_t t = 0; t < scales.size(); ++t)
          learner::value_at(prediction, t) = scales[t].offset + scales[t].scale * outputs[t];
        break;
      }
      case kernels::Task::anomaly:
        for (std::size_t i = 0; i < x.size(); ++i)
          prediction.value +=
              (outputs[i] - x[i]) * (outputs[i] - x[i]) / static_cast<float>(x.size());
        break;
    }
    return prediction;
  }

  [[nodiscard]] bool is_better(const CompressLine& a, const CompressLine& b) const {
    const double first = a.judgement.score;
    const double second = b.judgement.score;
    if (first != second) return (first > second) == higher_is_better(result_.measure);
    return a.cost.flash_bytes < b.cost.flash_bytes;
  }

  /// anomaly: with the threshold as many times the mean score of normal rows as in the model given.
  [[nodiscard]] Result<std::vector<std::uint8_t>> encoded(models::Bundle candidate) const {
    if (candidate.task != kernels::Task::anomaly) return models::encode(candidate);
    const double before = mean_score(bundle_, normal_);
    const double after = mean_score(candidate, normal_);
    const auto unit = static_cast<double>(bundle_.input_scale / candidate.input_scale);
    const double threshold = static_cast<double>(bundle_.anomaly_threshold) * unit * unit *
                             (before > 0.0 ? after / before : 1.0);
    candidate.anomaly_threshold =
        static_cast<std::uint32_t>(std::clamp(threshold, 0.0, largest_threshold));
    return models::encode(candidate);
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
  const BundleRows& normal_;
  const BundleRows& rows_;
  Judge judge_;
  const Budget& budget_;
  CompressResult& result_;
};

Status add_pruned(Search& search, learner::Compressor& compressor,
                  std::span<const std::size_t> widths) {
  const Status added = search.add(compressor.pruned(widths));
  if (!added || !learner::has_big_layer(compressor.pruned_network())) return added;
  return search.add(compressor.pruned_int4());
}

Status add_all(Search& search, learner::Compressor& compressor, const models::Bundle& bundle) {
  const std::vector<std::size_t> widths = learner::hidden_widths(compressor.network());
  if (Status added = search.add(learner::Candidate{"as given", widths, bundle}); !added)
    return added;
  if (Status added = search.add(compressor.rounded(false)); !added) return added;
  if (Status added = search.add(compressor.rounded(true)); !added) return added;
  if (Status added = search.add(compressor.aware()); !added) return added;
  if (learner::has_big_layer(compressor.network())) {
    if (Status added = search.add(compressor.rounded_int4()); !added) return added;
    if (Status added = search.add(compressor.aware_int4()); !added) return added;
  }
  for (const std::vector<std::size_t>& narrow : learner::narrower(widths)) {
    if (Status added = add_pruned(search, compressor, narrow); !added) return added;
    // A wider autoencoder passes more through, and is no better one.
    if (bundle.task == kernels::Task::anomaly) continue;
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
  const CompressRows both = part_rows(bundle, rows);
  Result<learner::CompressSource> source = compress_source(bundle, both.train);
  if (!source) return source.error();
  const std::vector<float> judged_x = normalised(both.judge, source->mean, source->std);
  CompressResult result{.task = bundle.task,
                        .target = rows.target,
                        .targets = rows.target_names,
                        .rows = both.train.targets.size(),
                        .held_back = both.judge.targets.size(),
                        .chip = chip,
                        .lines = {}};
  learner::Compressor compressor(std::move(source).value());
  Search search(bundle, both, budget, result);
  search.add_float(compressor, judged_x);
  if (const Status added = add_all(search, compressor, bundle); !added) return added.error();
  result.chosen = search.best();
  return result;
}

}  // namespace haltere::agent
