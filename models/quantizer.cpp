#include "models/quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "models/activation_tables.hpp"
#include "models/quantizer_ranges.hpp"
#include "models/weight_grid.hpp"

namespace haltere::models {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr double largest_bias = 268435456.0;  // 2^28: leaves room for the sum and the zero point

kernels::Activation kernel_activation(Activation activation) {
  switch (activation) {
    case Activation::linear: return kernels::Activation::linear;
    case Activation::relu: return kernels::Activation::relu;
    case Activation::tanh: return kernels::Activation::tanh;
    case Activation::sigmoid: return kernels::Activation::sigmoid;
    case Activation::softmax: return kernels::Activation::softmax;
    case Activation::leaky_relu: return kernels::Activation::leaky_relu;
  }
  return kernels::Activation::linear;
}

/// Of the weights to each output, on a grid of `steps`; wider where the layer_bias would have too
/// many of them.
std::vector<float> weight_scales(const DenseLayer& layer, int steps, float input_scale,
                                 bool per_channel) {
  std::vector<float> scales = weight_grid(layer, steps);
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    const double for_bias = std::fabs(static_cast<double>(layer.layer_bias[o])) /
                            (static_cast<double>(input_scale) * largest_bias);
    scales[o] = std::max({scales[o], static_cast<float>(for_bias), 1e-20F});
  }
  if (!per_channel) scales.assign(layer.outputs, *std::ranges::max_element(scales));
  return scales;
}

/// How a layer's numbers become integers.
struct LayerScales {
  Quantization input;
  Quantization sums;
  int steps = int8_steps;
  std::vector<float> weights;     ///< [outputs]
  std::vector<float> layer_bias;  ///< [outputs], corrected

  [[nodiscard]] float rounded(float weight, std::size_t o) const {
    return steps_of(weight, weights[o], steps);
  }
};

/// What rounding the weights takes from each output's sum on average over the rows `x`
/// [rows][inputs].
std::vector<float> lost_by_rounding(const DenseLayer& layer, const LayerScales& scales,
                                    std::span<const float> x) {
  std::vector<double> mean(layer.inputs, 0.0);
  const double share = static_cast<double>(layer.inputs) / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    mean[i % layer.inputs] += static_cast<double>(x[i]) * share;
  std::vector<float> lost(layer.outputs, 0.0F);
  for (std::size_t i = 0; i < layer.inputs; ++i)
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      const float weight = layer.weights[i * layer.outputs + o];
      const float rounded = scales.weights[o] * scales.rounded(weight, o);
      lost[o] += static_cast<float>(mean[i]) * (weight - rounded);
    }
  return lost;
}

/// Input scale times weight scale, as TensorFlow Lite multiplies them: as float where one scale is
/// that of the whole tensor, else as double.
double sum_scale_of(const LayerScales& scales, float weight_scale) {
  const bool one =
      std::ranges::adjacent_find(scales.weights, std::not_equal_to<>{}) == scales.weights.end();
  if (one) return static_cast<double>(scales.input.scale * weight_scale);
  return static_cast<double>(scales.input.scale) * static_cast<double>(weight_scale);
}

/// Fills the row of output `o`.
void quantize_row(const DenseLayer& layer, std::size_t o, const LayerScales& scales,
                  BundleLayer& out) {
  std::int32_t sum = 0;
  const float scale = scales.weights[o];
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const auto weight =
        static_cast<std::int8_t>(scales.rounded(layer.weights[i * layer.outputs + o], o));
    out.weights[o * layer.inputs + i] = weight;
    sum += weight;
  }
  const double sum_scale = sum_scale_of(scales, scale);
  const double layer_bias = std::round(static_cast<double>(scales.layer_bias[o]) / sum_scale);
  out.layer_bias[o] =
      static_cast<std::int32_t>(std::clamp(layer_bias, -2.0 * largest_bias, 2.0 * largest_bias)) -
      scales.input.zero_point * sum;
  const FixedMultiplier factor =
      fixed_multiplier(sum_scale / static_cast<double>(out.output_scale));
  out.multipliers[o] = factor.multiplier;
  out.shifts[o] = static_cast<std::int8_t>(factor.shift);
}

/// Empty for activations that need none.
std::vector<std::int8_t> activation_table(Activation activation, Quantization sums) {
  ActivationTable table{};
  switch (activation) {
    case Activation::linear:
    case Activation::relu:
    case Activation::softmax: return {};
    case Activation::tanh: table = tanh_table(sums.scale, sums.zero_point); break;
    case Activation::sigmoid: table = logistic_table(sums.scale, sums.zero_point); break;
    case Activation::leaky_relu: table = leaky_relu_table(sums.scale, sums.zero_point, leak); break;
  }
  return {table.begin(), table.end()};
}

kernels::SoftmaxS8 softmax_scaling(float input_scale) {
  const double steps = std::min(static_cast<double>(input_scale) * 67108864.0, 1073741823.0);
  const FixedMultiplier factor = fixed_multiplier(steps);
  return {factor.multiplier, static_cast<std::int8_t>(factor.shift)};
}

BundleLayer quantize_layer(const DenseLayer& layer, const LayerScales& scales) {
  const Quantization sums = scales.sums;
  BundleLayer out;
  out.inputs = layer.inputs;
  out.outputs = layer.outputs;
  out.activation = kernel_activation(layer.activation);
  if (scales.steps == int4_steps) out.packing = kernels::WeightPacking::nibbles;
  out.output_scale = sums.scale;
  out.output_zero_point = static_cast<std::int8_t>(sums.zero_point);
  if (layer.activation == Activation::relu) out.clamp_min = out.output_zero_point;
  out.multipliers.resize(layer.outputs);
  out.shifts.resize(layer.outputs);
  out.layer_bias.resize(layer.outputs);
  out.weights.resize(layer.inputs * layer.outputs);
  for (std::size_t o = 0; o < layer.outputs; ++o) quantize_row(layer, o, scales, out);
  out.table = activation_table(layer.activation, sums);
  if (layer.activation == Activation::softmax) out.softmax = softmax_scaling(sums.scale);
  return out;
}

/// Sums cannot be finer than the products they are made of: no more than one step per product step.
Quantization coarse_enough(Quantization sums, std::span<const float> weights, Quantization input) {
  const float finest = input.scale * *std::ranges::max_element(weights);
  if (sums.scale >= finest) return sums;
  // The zero point stays: then an activation that must include 0 at one end still does.
  return {finest, sums.zero_point};
}

/// Those of a layer that gets the rows `x`, but for the sums'.
LayerScales scales_of(const DenseLayer& layer, const Calibration& calibration, Quantization input,
                      std::span<const float> x) {
  const int steps = weight_steps(layer, calibration.int4_from);
  LayerScales scales{.input = input,
                     .sums = {},
                     .steps = steps,
                     .weights = weight_scales(layer, steps, input.scale, calibration.per_channel),
                     .layer_bias = {layer.layer_bias.begin(), layer.layer_bias.end()}};
  if (!calibration.correct_bias) return scales;
  const std::vector<float> lost = lost_by_rounding(layer, scales, x);
  for (std::size_t o = 0; o < layer.outputs; ++o) scales.layer_bias[o] += lost[o];
  return scales;
}

/// Nothing above `ceiling`.
void limit(LayerTrace& trace, float ceiling) {
  for (float& value : trace.sums) value = std::min(value, ceiling);
  for (float& value : trace.outputs) value = std::min(value, ceiling);
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

Status check(const Network& network, const Calibration& calibration, const Bundle& draft) {
  const std::size_t inputs = network.inputs();
  const auto invalid = [](const char* message) { return Error{ErrorKind::invalid, message}; };
  if (calibration.mean.size() != inputs || calibration.std.size() != inputs)
    return invalid("calibration needs one mean and one deviation per input of the network");
  if (calibration.rows.empty() || calibration.rows.size() % inputs != 0)
    return invalid("calibration needs at least one whole row of features");
  if (!all_finite(calibration.rows) || !all_finite(calibration.mean) ||
      !all_finite(calibration.std) || !all_finite(network.parameters()))
    return invalid("a network or calibration with values that are not finite cannot be quantized");
  if (std::ranges::any_of(calibration.std, [](float std) { return !(std > 0.0F); }))
    return invalid("calibration needs deviations above 0");
  if (!calibration.ceilings.empty() && calibration.ceilings.size() != network.layer_count())
    return invalid("calibration needs one ceiling per layer, or none");
  if (draft.task == kernels::Task::regress && draft.output_scales.size() != network.outputs())
    return invalid("regression needs one {deviation, mean} of the target per output");
  if (draft.task == kernels::Task::anomaly &&
      (network.outputs() != inputs ||
       network.layer(network.layer_count() - 1).activation != Activation::linear))
    return invalid("an autoencoder needs as many linear outputs as inputs");
  return {};
}

void set_normalisation(const Calibration& calibration, Quantization input, Bundle& out) {
  out.input_scale = input.scale;
  out.input_zero_point = static_cast<std::int8_t>(input.zero_point);
  out.mean.assign(calibration.mean.begin(), calibration.mean.end());
  out.gain.clear();
  for (const float std : calibration.std) {
    const float gain = 1.0F / (std * input.scale);
    out.gain.push_back(std::isfinite(gain) ? gain : std::numeric_limits<float>::max());
  }
  const std::size_t inputs = calibration.mean.size();
  const std::size_t row = calibration.rows.size() / inputs / 2;  // as good as any other
  const auto features = calibration.rows.subspan(row * inputs, inputs);
  out.self_test_features.assign(features.begin(), features.end());
}

void set_output(Quantization output, Bundle& out) {
  out.output_scale = output.scale;
  out.output_zero_point = static_cast<std::int8_t>(output.zero_point);
  for (auto& target : out.output_scales) target.scale *= output.scale;
}

}  // namespace

FixedMultiplier fixed_multiplier(double real) {
  if (real <= 0.0) return {};
  int shift = 0;
  const double mantissa = std::frexp(real, &shift);
  auto fixed = static_cast<std::int64_t>(std::round(mantissa * 2147483648.0));
  if (fixed == std::int64_t{1} << 31U) {
    fixed /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<std::int32_t>(fixed), shift};
}

Result<Bundle> quantize(const Network& network, const Calibration& calibration, Bundle draft) {
  if (auto checked = check(network, calibration, draft); !checked) return checked.error();
  std::vector<float> x = normalised(calibration);
  const Quantization input = choose(x, calibration.range);
  set_normalisation(calibration, input, draft);
  draft.layers.clear();
  Quantization now = input;
  for (std::size_t i = 0; i < network.layer_count(); ++i) {
    const DenseLayer layer = network.layer(i);
    const bool is_last = i + 1 == network.layer_count();
    LayerScales scales = scales_of(layer, calibration, now, x);
    LayerTrace trace = trace_layer(layer, x);
    const float ceiling = calibration.ceilings.empty() ? infinite : calibration.ceilings[i];
    limit(trace, ceiling);
    x = trace.outputs;
    scales.sums =
        coarse_enough(choose_sums(layer, trace, calibration.range, is_last), scales.weights, now);
    if (is_last && draft.task == kernels::Task::anomaly) scales.sums = input;
    draft.layers.push_back(quantize_layer(layer, scales));
    draft.layers.back().clamp_max = static_cast<std::int8_t>(quantize_value(ceiling, scales.sums));
    now = output_of(layer.activation, scales.sums);
  }
  set_output(now, draft);
  return draft;
}

}  // namespace haltere::models
