#include "agent/compress/source.hpp"

#include <algorithm>
#include <utility>

#include "agent/compress/judge.hpp"
#include "agent/learn/folds.hpp"
#include "models/dequantizer.hpp"
#include "models/random.hpp"

namespace haltere::agent {
namespace {

using learner::Target;

constexpr std::size_t parts = 4;
constexpr float label_smoothing = 0.05F;
constexpr float reach = 8.0F;  ///< of normalised values, as the learner's

/// What a net with the bundle's outputs should answer to rows that are `x` normalised.
std::vector<float> wanted(const models::Bundle& bundle, const BundleRows& rows,
                          const std::vector<float>& x) {
  if (bundle.task == kernels::Task::anomaly) return x;
  std::vector<float> values;
  if (bundle.task == kernels::Task::regress) {
    const std::vector<models::OutputScale> scales = target_scales(bundle);
    for (const Target& target : rows.targets)
      for (std::size_t t = 0; t < scales.size(); ++t)
        values.push_back((learner::value_at(target, t) - scales[t].offset) / scales[t].scale);
    return values;
  }
  const std::size_t classes = bundle.labels.size();
  values.assign(rows.targets.size() * classes, label_smoothing / static_cast<float>(classes));
  for (std::size_t r = 0; r < rows.targets.size(); ++r)
    values[r * classes + static_cast<std::size_t>(rows.targets[r].label)] += 1.0F - label_smoothing;
  return values;
}

/// A draft of what comes in place of `bundle`.
models::Bundle draft_of(const models::Bundle& bundle, std::uint64_t identity) {
  models::Bundle draft;
  draft.task = bundle.task;
  draft.provenance = bundle.provenance;
  ++draft.provenance.version;
  draft.provenance.parent = identity;
  draft.recipe = bundle.recipe;
  draft.labels = bundle.labels;
  if (bundle.task == kernels::Task::regress) draft.output_scales = target_scales(bundle);
  return draft;
}

/// An autoencoder learns to mend rows in which one value is nonsense, or it would pass any value
/// straight through; and what it computes with reaches as far as the learner's float net sees.
void add_nonsense(learner::CompressSource& source) {
  learner::FitRows& rows = source.rows;
  models::Random random(source.seed);
  const std::size_t count = rows.count();
  rows.x.reserve(2 * rows.x.size());
  rows.targets.reserve(2 * rows.targets.size());
  for (std::size_t i = 0; i < count * rows.inputs; ++i) {
    rows.x.push_back(rows.x[i]);
    rows.targets.push_back(rows.targets[i]);
  }
  for (std::size_t r = count; r < 2 * count; ++r)
    rows.x[r * rows.inputs + random.below(rows.inputs)] = reach * random.symmetric();
  for (const float limit : {-reach, reach})
    for (std::size_t i = 0; i < rows.inputs; ++i)
      source.raw.push_back(source.mean[i] + limit * source.std[i]);
}

}  // namespace

CompressRows part_rows(const models::Bundle& bundle, const BundleRows& rows) {
  const std::size_t classes = bundle.task == kernels::Task::classify  ? bundle.labels.size()
                              : bundle.task == kernels::Task::anomaly ? 2
                                                                      : 1;
  CompressRows both;
  both.train.inputs = both.judge.inputs = rows.inputs;
  FoldDealer dealer({.count = parts, .by = "rows"}, classes, rows.targets.size(), 1);
  for (std::size_t r = 0; r < rows.targets.size(); ++r) {
    const bool is_abnormal = bundle.task == kernels::Task::anomaly && rows.targets[r].label == 1;
    const int label = std::max(0, rows.targets[r].label);
    const bool is_judge = dealer.next(classes > 1 ? label : 0, {}) == 0;
    if (is_abnormal && !is_judge) continue;  // nothing abnormal is learned
    BundleRows& to = is_judge ? both.judge : both.train;
    const auto row = rows.values.begin() + static_cast<std::ptrdiff_t>(r * rows.inputs);
    to.values.insert(to.values.end(), row, row + static_cast<std::ptrdiff_t>(rows.inputs));
    to.targets.push_back(rows.targets[r]);
  }
  return both;
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

Result<learner::CompressSource> compress_source(const models::Bundle& bundle,
                                                const BundleRows& train) {
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
                 .targets = {}};
  source.rows.targets = wanted(bundle, train, source.rows.x);
  if (bundle.task == kernels::Task::anomaly) add_nonsense(source);
  return source;
}

}  // namespace haltere::agent
