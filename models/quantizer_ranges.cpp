#include "models/quantizer_ranges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace haltere::models {
namespace {

constexpr std::size_t searched_values = 20'000;  // enough for the range of a tensor
constexpr float softmax_reach = 12.0F;           // logits further below the largest have no share
constexpr float tanh_reach = 4.0F;               // beyond, tanh is within half a step of 1
constexpr float sigmoid_reach = 6.0F;

constexpr Quantization tanh_output{1.0F / 128.0F, 0};
constexpr Quantization share_output{1.0F / 256.0F, -128};  // sigmoid and softmax

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

double squared_error(std::span<const float> values, Quantization to) {
  const std::size_t stride = values.size() / searched_values + 1;
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); i += stride) {
    const float back = to.scale * static_cast<float>(quantize_value(values[i], to) - to.zero_point);
    sum += static_cast<double>((values[i] - back) * (values[i] - back));
  }
  return sum;
}

/// Squared error of a leaky relu's results when sums and results have the quantization `to`.
double leaky_error(const LayerTrace& trace, Quantization to) {
  const std::size_t stride = trace.sums.size() / searched_values + 1;
  const auto read = [to](int q) { return to.scale * static_cast<float>(q - to.zero_point); };
  double sum = 0.0;
  for (std::size_t i = 0; i < trace.sums.size(); i += stride) {
    const float back = read(quantize_value(trace.sums[i], to));
    const float result = read(quantize_value(back < 0.0F ? leak * back : back, to));
    sum += static_cast<double>((trace.outputs[i] - result) * (trace.outputs[i] - result));
  }
  return sum;
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

}  // namespace

int quantize_value(float value, Quantization to) {
  const float steps = std::clamp(value / to.scale, -1024.0F, 1024.0F);
  return std::clamp(static_cast<int>(std::lround(steps)) + to.zero_point, -128, 127);
}

void round_to(Quantization grid, std::span<float> values) {
  for (float& value : values)
    value = grid.scale * static_cast<float>(quantize_value(value, grid) - grid.zero_point);
}

Quantization output_of(Activation activation, Quantization sums) {
  switch (activation) {
    case Activation::linear:
    case Activation::relu:
    case Activation::leaky_relu: break;
    case Activation::tanh: return tanh_output;
    case Activation::sigmoid:
    case Activation::softmax: return share_output;
  }
  return sums;
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

namespace {

/// Range of a leaky relu's sums, which its results share: so far below 0 that what is cut off there
/// and the step that it costs above 0 make the smallest squared error of the results together.
Quantization choose_leaky(const LayerTrace& trace) {
  const Range full = range_of(trace.sums);
  Quantization best = quantization_of(full);
  double least = leaky_error(trace, best);
  for (int halvings = 1; halvings < 10; ++halvings) {
    const Quantization narrower = quantization_of({std::ldexp(full.low, -halvings), full.high});
    const double error = leaky_error(trace, narrower);
    if (error >= least) continue;
    least = error;
    best = narrower;
  }
  return best;
}

}  // namespace

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

Quantization choose_sums(const DenseLayer& layer, LayerTrace& trace, RangeRule rule, bool is_last) {
  switch (layer.activation) {
    case Activation::linear: break;
    case Activation::relu: return choose(trace.outputs, rule);
    case Activation::tanh: keep_within(trace.sums, tanh_reach); break;
    case Activation::sigmoid: keep_within(trace.sums, sigmoid_reach); break;
    case Activation::leaky_relu: return choose_leaky(trace);
    case Activation::softmax: drop_hopeless_logits(trace.sums, layer.outputs); break;
  }
  if (!is_last) return choose(trace.sums, rule);
  // A regression may go a little beyond what it has seen; nothing of it clips.
  const Range seen = range_of(trace.sums);
  const float margin = layer.activation == Activation::linear ? 1.1F : 1.0F;
  return quantization_of({seen.low * margin, seen.high * margin});
}

}  // namespace haltere::models
