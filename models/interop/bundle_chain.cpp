#include "models/interop/bundle_chain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "models/activation_tables.hpp"
#include "models/float_loops.hpp"
#include "models/interop/tflite_arithmetic.hpp"
#include "models/interop/weight_scales.hpp"

namespace haltere::models::interop {
namespace {

using kernels::Activation;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

/// The fused activation that limits `layer` as it is limited.
std::optional<Fused> fused_of(const BundleLayer& layer, const Tensor& sums) {
  constexpr std::array all{Fused::none, Fused::relu, Fused::relu6, Fused::relu_n1_to_1};
  const auto fits = [&](Fused fused) {
    const Clamp clamp = clamp_of(fused, sums);
    return clamp.low == layer.clamp_min && clamp.high == layer.clamp_max;
  };
  if (layer.activation == Activation::relu && fits(Fused::relu)) return Fused::relu;
  const auto* found = std::ranges::find_if(all, fits);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

Tensor int8_tensor(std::size_t size, float scale, std::int32_t zero_point, std::string name) {
  return {TensorType::int8, size, scale, zero_point, std::move(name)};
}

Result<Op> dense_of(const BundleLayer& layer, const Tensor& input, std::string name) {
  Op op;
  op.output =
      int8_tensor(layer.outputs, layer.output_scale, layer.output_zero_point, std::move(name));
  const auto fused = fused_of(layer, op.output);
  if (!fused) return invalid("it is limited as no activation is");
  op.fused = *fused;
  auto scales = weight_scales_of(layer, input.scale);
  if (!scales) return scales.error();
  op.weight_scales = std::move(scales).value();
  op.weights_s8 = layer.weights;
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    std::int64_t bias = layer.layer_bias[o];
    for (std::size_t i = 0; i < layer.inputs; ++i)
      bias += std::int64_t{input.zero_point} * layer.weights[o * layer.inputs + i];
    op.bias_s32.push_back(static_cast<std::int32_t>(bias));
  }
  return op;
}

bool is_table(const std::vector<std::int8_t>& table, const ActivationTable& expected) {
  return std::ranges::equal(table, expected);
}

/// The operator behind the dense one of `layer`, if there is one.
Result<std::optional<Op>> activation_of(const BundleLayer& layer, const Tensor& sums,
                                        std::string name) {
  Op op;
  const auto fixed = [&](OpKind kind, float scale, std::int32_t zero_point) {
    op.kind = kind;
    op.output = int8_tensor(layer.outputs, scale, zero_point, std::move(name));
  };
  bool good = true;
  switch (layer.activation) {
    case Activation::linear:
    case Activation::relu: return std::optional<Op>();
    case Activation::tanh:
      fixed(OpKind::tanh, 1.0F / 128.0F, 0);
      good = is_table(layer.table, tanh_table(sums.scale, sums.zero_point));
      break;
    case Activation::sigmoid:
      fixed(OpKind::logistic, 1.0F / 256.0F, -128);
      good = is_table(layer.table, logistic_table(sums.scale, sums.zero_point));
      break;
    case Activation::softmax: {
      fixed(OpKind::softmax, 1.0F / 256.0F, -128);
      const kernels::SoftmaxS8 factor = softmax_factor(sums.scale, 1.0F);
      good = factor.multiplier == layer.softmax.multiplier && factor.shift == layer.softmax.shift;
      break;
    }
    case Activation::leaky_relu:
      fixed(OpKind::leaky_relu, sums.scale, sums.zero_point);
      op.factor = leak;
      good = is_table(layer.table, leaky_relu_table(sums.scale, sums.zero_point, leak));
      break;
  }
  if (!good) return invalid("its activation is not what TensorFlow Lite computes");
  return std::optional(op);
}

std::string layer_name(std::size_t index, const char* what) {
  return "layer" + std::to_string(index) + "/" + what;
}

Fused fused_of(const FloatStep& step) {
  const float largest = std::numeric_limits<float>::max();
  if (step.low == 0.0F && step.high == 6.0F) return Fused::relu6;
  if (step.low == 0.0F && step.high == largest) return Fused::relu;
  if (step.low == -1.0F && step.high == 1.0F) return Fused::relu_n1_to_1;
  return Fused::none;
}

/// The operator of a clamp of its own.
OpKind clamp_kind(const FloatStep& step) {
  if (step.low == -1.0F) return OpKind::relu_n1_to_1;
  return step.high == 6.0F ? OpKind::relu6 : OpKind::relu;
}

}  // namespace

Result<Chain> chain_of(const Bundle& bundle) {
  Chain chain;
  const bool plain = bundle.recipe.size() == 20;
  kernels::RecipeView recipe{};
  recipe.bytes = bundle.recipe.data();
  Tensor now = int8_tensor(bundle.layers.front().inputs, bundle.input_scale,
                           bundle.input_zero_point, "input_int8");
  chain.input = now;
  chain.input.name = "input";
  if (plain && kernels::recipe_input_type(recipe) == TensorType::float32) {
    chain.input = {TensorType::float32, now.size, 0.0F, 0, "input"};
    chain.ops.push_back({.kind = OpKind::quantize, .output = now});
  }
  for (std::size_t i = 0; i < bundle.layers.size(); ++i) {
    const BundleLayer& layer = bundle.layers[i];
    auto dense = dense_of(layer, now, layer_name(i, "dense"));
    if (!dense) return invalid("layer " + std::to_string(i) + ": " + dense.error().message);
    chain.ops.push_back(*dense);
    const auto activation = activation_of(layer, dense->output, layer_name(i, "activation"));
    if (!activation)
      return invalid("layer " + std::to_string(i) + ": " + activation.error().message);
    if (*activation) chain.ops.push_back(**activation);
    now = chain.ops.back().output;
  }
  if (plain && kernels::recipe_output_type(recipe) == TensorType::float32)
    chain.ops.push_back(
        {.kind = OpKind::dequantize, .output = {TensorType::float32, now.size, 0.0F, 0, ""}});
  chain.ops.back().output.name = "output";
  return chain;
}

Result<Chain> chain_of(const FloatModel& model) {
  Chain chain;
  chain.input = {TensorType::float32, model.inputs(), 0.0F, 0, "input"};
  for (std::size_t i = 0; i < model.steps.size(); ++i) {
    const FloatStep& step = model.steps[i];
    Op op;
    op.output = {TensorType::float32, step.outputs, 0.0F, 0, "step" + std::to_string(i)};
    switch (step.kind) {
      case FloatStepKind::dense:
        op.fused = fused_of(step);
        op.weights = step.weights;
        op.bias = step.bias;
        break;
      case FloatStepKind::clamp: op.kind = clamp_kind(step); break;
      case FloatStepKind::tanh: op.kind = OpKind::tanh; break;
      case FloatStepKind::sigmoid: op.kind = OpKind::logistic; break;
      case FloatStepKind::softmax: op.kind = OpKind::softmax; break;
    }
    chain.ops.push_back(std::move(op));
  }
  chain.ops.back().output.name = "output";
  return chain;
}

}  // namespace haltere::models::interop
