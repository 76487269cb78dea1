#include "learner/candidate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "learner/online_normaliser.hpp"
#include "models/quantizer.hpp"

namespace haltere::learner {

namespace {

kernels::Task bundle_task(Task task) {
  switch (task) {
    case Task::classify: return kernels::Task::classify;
    case Task::regress: return kernels::Task::regress;
    case Task::anomaly: return kernels::Task::anomaly;
  }
  return kernels::Task::classify;
}

float prequential_score(const OnlineModel& model) {
  switch (model.settings().task) {
    case Task::classify: return static_cast<float>(model.class_metrics().recent().accuracy());
    case Task::regress: return static_cast<float>(model.regression_metrics().recent().mae());
    // Without enough rows there is no threshold yet: nothing is abnormal.
    case Task::anomaly: return std::isfinite(model.threshold()) ? model.threshold() : 0.0F;
  }
  return 0.0F;
}

/// `text` cut to `most` bytes, between characters of UTF-8.
std::string cut_name(const std::string& text, std::size_t most = kernels::name_bytes) {
  std::size_t size = std::min(text.size(), most);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  return text.substr(0, size);
}

/// Names and scales of what a regression answers: "CO", and with an interval "CO low", "CO high".
void name_values(const OnlineModel& model, const CandidateInfo& info, models::Bundle& draft) {
  const std::size_t targets = model.settings().targets;
  const std::size_t values = values_of(model.settings());
  constexpr std::array<const char*, 3> parts{"", " low", " high"};
  for (std::size_t o = 0; o < values; ++o) {
    const std::size_t t = o % targets;
    // The ends of an interval are moved out by their offsets, which costs a microcontroller
    // nothing.
    const float sides = o < targets ? 0.0F : o < 2 * targets ? -1.0F : 1.0F;
    const float deviation = model.target_deviation()[t];
    draft.output_scales.push_back(
        {deviation, model.target_mean()[t] + sides * model.interval_margin(t) * deviation});
    if (info.target_name.size() != targets) continue;
    const std::string part = parts[o / targets];
    draft.labels.push_back(cut_name(info.target_name[t], kernels::name_bytes - part.size()) + part);
  }
}

models::Bundle make_draft(const OnlineModel& model, const CandidateInfo& info) {
  models::Bundle draft;
  draft.task = bundle_task(model.settings().task);
  draft.recipe = info.recipe;
  draft.provenance.model_id = cut_name(info.model_id);
  draft.provenance.version = info.version;
  draft.provenance.parent = info.parent;
  draft.provenance.created_ns = info.created_ns;
  draft.provenance.windows_learned = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(model.counters().learned, std::numeric_limits<std::uint32_t>::max()));
  draft.provenance.prequential_score = prequential_score(model);
  for (const std::string& label : model.settings().labels) draft.labels.push_back(cut_name(label));
  if (model.settings().task == Task::regress) {
    name_values(model, info, draft);
  }
  return draft;
}

/// Mean squared error in normalised units of an anomaly bundle's sum of squared differences.
float int8_score(const kernels::BundleView& view, std::int32_t sum) {
  return static_cast<float>(sum) * view.input_scale * view.input_scale /
         static_cast<float>(view.inputs);
}

/// The float threshold as a sum of squared int8 differences, raised by what quantization adds to
/// the scores of the remembered rows on average.
Result<std::uint32_t> int8_threshold(const OnlineModel& model, const models::Bundle& bundle,
                                     const OnlineModel::Rows& rows) {
  Result<std::vector<std::uint8_t>> bytes = models::encode(bundle);
  if (!bytes) return bytes.error();
  Result<models::Int8Model> int8 = models::Int8Model::create(std::move(bytes).value());
  if (!int8) return int8.error();
  double added = 0.0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::span<const float> row =
        std::span(rows.values).subspan(i * model.inputs(), model.inputs());
    added += static_cast<double>(predict_int8(*int8, row).value) -
             static_cast<double>(model.reconstruction_score(row));
  }
  const double mean_added = std::max(0.0, added / static_cast<double>(rows.count));
  const auto scale = static_cast<double>(bundle.input_scale);
  const double sum = (static_cast<double>(model.threshold()) + mean_added) *
                     static_cast<double>(model.inputs()) / (scale * scale);
  return static_cast<std::uint32_t>(std::clamp(sum, 0.0, 2147483647.0));
}

std::int8_t quantized_output(const models::Bundle& bundle, float value) {
  const float code =
      std::round(value / bundle.output_scale) + static_cast<float>(bundle.output_zero_point);
  return static_cast<std::int8_t>(std::clamp(code, -128.0F, 127.0F));
}

/// An anomaly model must see what it does not know: its inputs' range is not that of the
/// remembered, normal rows but all that the float model tells apart. Two more rows say so.
void widen(OnlineModel::Rows& rows, const OnlineModel& model) {
  for (const float reach : {-normalised_limit, normalised_limit})
    for (std::size_t i = 0; i < model.inputs(); ++i)
      rows.values.push_back(model.input_mean()[i] + reach * model.input_deviation()[i]);
}

}  // namespace

Result<models::Bundle> make_candidate(const OnlineModel& model, const CandidateInfo& info) {
  const OnlineModel::Rows rows = model.remembered_rows();
  if (rows.count == 0)
    return Error{ErrorKind::invalid, "the model remembers no rows to calibrate a quantizer with"};
  const bool anomaly = model.settings().task == Task::anomaly;
  OnlineModel::Rows calibrating = rows;
  if (anomaly) widen(calibrating, model);
  models::Calibration calibration;
  calibration.rows = calibrating.values;
  if (anomaly) calibration.range = models::RangeRule::min_max;
  calibration.mean = model.input_mean();
  calibration.std = model.input_deviation();
  Result<models::Bundle> bundle =
      models::quantize(model.network(), calibration, make_draft(model, info));
  if (bundle && model.least_confidence() > 0.0F)
    bundle->unknown_below = quantized_output(*bundle, model.least_confidence());
  if (!bundle || !anomaly) return bundle;
  const Result<std::uint32_t> threshold = int8_threshold(model, *bundle, rows);
  if (!threshold) return threshold.error();
  bundle->anomaly_threshold = *threshold;
  return bundle;
}

Prediction predict_int8(models::Int8Model& model, std::span<const float> row) {
  Prediction prediction;
  if (!is_usable(row)) return prediction;
  const kernels::Verdict verdict = model.run(row);
  const kernels::BundleView& view = model.view();
  prediction.valid = true;
  switch (view.task) {
    case kernels::Task::classify:
      prediction.label = verdict.label;
      prediction.confidence =
          static_cast<float>(verdict.score - view.output_zero_point) * view.output_scale;
      break;
    case kernels::Task::regress:
      for (std::uint16_t o = 0; o < std::min<std::size_t>(view.outputs, max_values); ++o)
        value_at(prediction, o) = kernels::output_value(view, o, model.outputs()[o]);
      break;
    case kernels::Task::anomaly:
      prediction.value = int8_score(view, verdict.score);
      prediction.abnormal = verdict.label == 1;
      break;
  }
  return prediction;
}

}  // namespace haltere::learner
