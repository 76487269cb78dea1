#include "models/quantizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace haltere::models {
namespace {

/// real = scale * (q - zero_point).
struct Quantization {
  float scale = 1.0F;
  int zero_point = 0;
};

constexpr Quantization tanh_output{1.0F / 128.0F, 0};
constexpr Quantization share_output{1.0F / 256.0F, -128};  // sigmoid and softmax
constexpr std::size_t searched_values = 20'000;            // enough for the range of a tensor
constexpr float softmax_reach = 12.0F;  // logits further below the largest have no share
constexpr float tanh_reach = 4.0F;      // beyond, tanh is within half a step of 1
constexpr float sigmoid_reach = 6.0F;
constexpr double largest_bias = 268435456.0;  // 2^28: leaves room for the sum and the zero point

struct Range {
  float low = 0.0F;
  float high = 0.0F;
};

/// Of all values and 0, which must be exact: an input of 0 is "as usual".
Range range_of(std::span<const float> values) {
  Range range;
  for (const float value : values) {
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

Quantization quantization_of(Range range) {
  const float width = range.high - range.low;
  if (!(width > 0.0F)) return {1.0F / 128.0F, 0};
  const float scale = std::max(width / 255.0F, std::numeric_limits<float>::min() * 256.0F);
  const auto zero_point = static_cast<int>(std::lround(-128.0F - range.low / scale));
  return {scale, std::clamp(zero_point, -128, 127)};
}

int quantize_value(float value, Quantization to) {
  const float steps = std::clamp(value / to.scale, -1024.0F, 1024.0F);
  return std::clamp(static_cast<int>(std::lround(steps)) + to.zero_point, -128, 127);
}

double squared_error(std::span<const float> values, Quantization to) {
  const std::size_t stride = values.size() / searched_values + 1;
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); i += stride) {
    const float back = to.scale * static_cast<float>(quantize_value(values[i], to) - to.zero_point);
    sum += static_cast<double>((values[i] - back) * (values[i] - back));
  }
  return sum;
}

Quantization choose(std::span<const float> values, RangeRule rule) {
  const Range full = range_of(values);
  Quantization best = quantization_of(full);
  if (rule == RangeRule::min_max) return best;
  double least = squared_error(values, best);
  for (int percent = 95; percent > 30; percent -= 5) {
    const float share = static_cast<float>(percent) / 100.0F;
    const Quantization narrower = quantization_of({full.low * share, full.high * share});
    const double error = squared_error(values, narrower);
    if (error >= least) continue;
    least = error;
    best = narrower;
  }
  return best;
}

/// Activations of the calibration rows: `sums` before the activation, `outputs` after it.
struct LayerTrace {
  std::vector<float> sums;     ///< [rows][outputs]
  std::vector<float> outputs;  ///< [rows][outputs]
};

std::vector<float> normalised(const Calibration& calibration) {
  const std::size_t inputs = calibration.mean.size();
  std::vector<float> rows(calibration.rows.begin(), calibration.rows.end());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t column = i % inputs;
    const float value = (rows[i] - calibration.mean[column]) / calibration.std[column];
    rows[i] = std::clamp(value, -calibration.limit, calibration.limit);
  }
  return rows;
}

LayerTrace trace_layer(const DenseLayer& layer, std::span<const float> x) {
  const std::size_t rows = x.size() / layer.inputs;
  LayerTrace trace;
  trace.sums.resize(rows * layer.outputs);
  for (std::size_t row = 0; row < rows; ++row)
    dense_sums(layer, x.subspan(row * layer.inputs, layer.inputs),
               std::span(trace.sums).subspan(row * layer.outputs, layer.outputs));
  trace.outputs = trace.sums;
  for (std::size_t row = 0; row < rows; ++row)
    activate(layer.activation,
             std::span(trace.outputs).subspan(row * layer.outputs, layer.outputs));
  return trace;
}

void keep_within(std::vector<float>& values, float reach) {
  for (float& value : values) value = std::clamp(value, -reach, reach);
}

/// Raises every row's small logits to what still counts beside the row's largest.
void drop_hopeless_logits(std::vector<float>& sums, std::size_t outputs) {
  for (std::size_t at = 0; at < sums.size(); at += outputs) {
    const auto row = std::span(sums).subspan(at, outputs);
    const float floor = *std::ranges::max_element(row) - softmax_reach;
    for (float& value : row) value = std::max(value, floor);
  }
}

/// Quantization of a layer's sums, which its clamp, table or softmax then works on.
Quantization choose_sums(const DenseLayer& layer, LayerTrace& trace, RangeRule rule, bool is_last) {
  switch (layer.activation) {
    case Activation::linear: break;
    case Activation::relu: return choose(trace.outputs, rule);
    case Activation::tanh: keep_within(trace.sums, tanh_reach); break;
    case Activation::sigmoid: keep_within(trace.sums, sigmoid_reach); break;
    case Activation::softmax: drop_hopeless_logits(trace.sums, layer.outputs); break;
  }
  if (!is_last) return choose(trace.sums, rule);
  // A regression may go a little beyond what it has seen; nothing of it clips.
  const Range seen = range_of(trace.sums);
  const float margin = layer.activation == Activation::linear ? 1.1F : 1.0F;
  return quantization_of({seen.low * margin, seen.high * margin});
}

kernels::Activation kernel_activation(Activation activation) {
  switch (activation) {
    case Activation::linear: return kernels::Activation::linear;
    case Activation::relu: return kernels::Activation::relu;
    case Activation::tanh: return kernels::Activation::tanh;
    case Activation::sigmoid: return kernels::Activation::sigmoid;
    case Activation::softmax: return kernels::Activation::softmax;
  }
  return kernels::Activation::linear;
}

/// Largest weight of output `o` is 127 steps, unless the layer_bias then has too many.
float weight_scale(const DenseLayer& layer, std::size_t o, float input_scale) {
  float largest = 0.0F;
  for (std::size_t i = 0; i < layer.inputs; ++i)
    largest = std::max(largest, std::fabs(layer.weights[i * layer.outputs + o]));
  const double for_bias = std::fabs(static_cast<double>(layer.layer_bias[o])) /
                          (static_cast<double>(input_scale) * largest_bias);
  const float scale = std::max(largest / 127.0F, static_cast<float>(for_bias));
  return std::max(scale, 1e-20F);
}

std::vector<float> weight_scales(const DenseLayer& layer, float input_scale) {
  std::vector<float> scales(layer.outputs);
  for (std::size_t o = 0; o < layer.outputs; ++o) scales[o] = weight_scale(layer, o, input_scale);
  return scales;
}

/// Fills the row of output `o`.
void quantize_row(const DenseLayer& layer, std::size_t o, float scale, Quantization input,
                  BundleLayer& out) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const float steps = std::round(layer.weights[i * layer.outputs + o] / scale);
    const auto weight = static_cast<std::int8_t>(std::clamp(steps, -127.0F, 127.0F));
    out.weights[o * layer.inputs + i] = weight;
    sum += weight;
  }
  const auto sum_scale = static_cast<double>(input.scale * scale);
  const double layer_bias = std::round(static_cast<double>(layer.layer_bias[o]) / sum_scale);
  out.layer_bias[o] =
      static_cast<std::int32_t>(std::clamp(layer_bias, -2.0 * largest_bias, 2.0 * largest_bias)) -
      input.zero_point * sum;
  const FixedMultiplier factor =
      fixed_multiplier(sum_scale / static_cast<double>(out.output_scale));
  out.multipliers[o] = factor.multiplier;
  out.shifts[o] = static_cast<std::int8_t>(factor.shift);
}

std::vector<std::int8_t> activation_table(Activation activation, Quantization sums) {
  std::array<float, 256> values{};
  int q = -128;
  for (float& value : values) value = sums.scale * static_cast<float>(q++ - sums.zero_point);
  activate(activation, values);
  const Quantization output = activation == Activation::tanh ? tanh_output : share_output;
  std::vector<std::int8_t> table;
  table.reserve(values.size());
  for (const float value : values)
    table.push_back(static_cast<std::int8_t>(quantize_value(value, output)));
  return table;
}

kernels::SoftmaxS8 softmax_scaling(float input_scale) {
  const double steps = std::min(static_cast<double>(input_scale) * 67108864.0, 1073741823.0);
  const FixedMultiplier factor = fixed_multiplier(steps);
  return {factor.multiplier, static_cast<std::int8_t>(factor.shift)};
}

/// Quantization of what leaves a layer, given that of its sums.
Quantization output_of(Activation activation, Quantization sums) {
  switch (activation) {
    case Activation::linear:
    case Activation::relu: break;
    case Activation::tanh: return tanh_output;
    case Activation::sigmoid:
    case Activation::softmax: return share_output;
  }
  return sums;
}

BundleLayer quantize_layer(const DenseLayer& layer, Quantization input, Quantization sums) {
  BundleLayer out;
  out.inputs = layer.inputs;
  out.outputs = layer.outputs;
  out.activation = kernel_activation(layer.activation);
  out.output_scale = sums.scale;
  out.output_zero_point = static_cast<std::int8_t>(sums.zero_point);
  if (layer.activation == Activation::relu) out.clamp_min = out.output_zero_point;
  out.multipliers.resize(layer.outputs);
  out.shifts.resize(layer.outputs);
  out.layer_bias.resize(layer.outputs);
  out.weights.resize(layer.inputs * layer.outputs);
  const std::vector<float> scales = weight_scales(layer, input.scale);
  for (std::size_t o = 0; o < layer.outputs; ++o) quantize_row(layer, o, scales[o], input, out);
  if (layer.activation == Activation::tanh || layer.activation == Activation::sigmoid)
    out.table = activation_table(layer.activation, sums);
  if (layer.activation == Activation::softmax) out.softmax = softmax_scaling(sums.scale);
  return out;
}

/// Sums cannot be finer than the products they are made of: no more than one step per product step.
Quantization coarse_enough(Quantization sums, const DenseLayer& layer, Quantization input) {
  const std::vector<float> scales = weight_scales(layer, input.scale);
  const float finest = input.scale * *std::ranges::max_element(scales);
  if (sums.scale >= finest) return sums;
  // The zero point stays: then an activation that must include 0 at one end still does.
  return {finest, sums.zero_point};
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
    LayerTrace trace = trace_layer(layer, x);
    x = trace.outputs;
    Quantization sums =
        coarse_enough(choose_sums(layer, trace, calibration.range, is_last), layer, now);
    if (is_last && draft.task == kernels::Task::anomaly) sums = input;
    draft.layers.push_back(quantize_layer(layer, now, sums));
    now = output_of(layer.activation, sums);
  }
  set_output(now, draft);
  return draft;
}

}  // namespace haltere::models
