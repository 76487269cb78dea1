#include "models/interop/tflite_arithmetic.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::models::interop {
namespace {

std::int8_t to_int8(std::int32_t value) {
  return static_cast<std::int8_t>(std::clamp(value, -128, 127));
}

}  // namespace

std::string to_string(OpKind kind) {
  switch (kind) {
    case OpKind::dense: return "FULLY_CONNECTED";
    case OpKind::relu: return "RELU";
    case OpKind::relu6: return "RELU6";
    case OpKind::relu_n1_to_1: return "RELU_N1_TO_1";
    case OpKind::leaky_relu: return "LEAKY_RELU";
    case OpKind::tanh: return "TANH";
    case OpKind::logistic: return "LOGISTIC";
    case OpKind::softmax: return "SOFTMAX";
    case OpKind::quantize: return "QUANTIZE";
    case OpKind::dequantize: return "DEQUANTIZE";
  }
  return "unknown";
}

std::vector<FixedMultiplier> dense_multipliers(float input_scale,
                                               std::span<const float> weight_scales,
                                               float output_scale) {
  std::vector<FixedMultiplier> factors;
  for (const float scale : weight_scales) {
    // One scale for the tensor is multiplied as float, one per row as double.
    const double product = weight_scales.size() == 1
                               ? static_cast<double>(input_scale * scale)
                               : static_cast<double>(input_scale) * static_cast<double>(scale);
    factors.push_back(fixed_multiplier(product / static_cast<double>(output_scale)));
  }
  return factors;
}

Clamp clamp_of(Fused fused, const Tensor& output) {
  const auto steps = [&output](float value) {
    const float rounded = std::round(value / output.scale);
    return to_int8(output.zero_point + static_cast<std::int32_t>(std::clamp(rounded, -1e6F, 1e6F)));
  };
  switch (fused) {
    case Fused::none: break;
    case Fused::relu: return {steps(0.0F), 127};
    case Fused::relu_n1_to_1: return {steps(-1.0F), steps(1.0F)};
    case Fused::relu6: return {steps(0.0F), steps(6.0F)};
  }
  return {};
}

kernels::SoftmaxS8 softmax_factor(float scale, float beta) {
  const double real =
      std::min(static_cast<double>(beta) * static_cast<double>(scale) * 67108864.0, 2147483647.0);
  const FixedMultiplier factor = fixed_multiplier(real);
  const bool usable = factor.multiplier != 0 && factor.shift >= 0 && factor.shift <= 30;
  return {factor.multiplier, static_cast<std::int8_t>(usable ? factor.shift : -1)};
}

std::int8_t quantize(float value, float scale, std::int32_t zero_point) {
  const float steps = std::round(value / scale);
  if (std::isnan(steps)) return to_int8(zero_point);
  return to_int8(zero_point + static_cast<std::int32_t>(std::clamp(steps, -1e6F, 1e6F)));
}

}  // namespace haltere::models::interop
