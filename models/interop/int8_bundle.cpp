#include "models/interop/int8_bundle.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "models/activation_tables.hpp"
#include "models/interop/tflite_arithmetic.hpp"
#include "models/recipe.hpp"

namespace haltere::models::interop {
namespace {

using kernels::Activation;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

/// Builds the layers of a bundle, operator by operator.
class Builder {
 public:
  explicit Builder(Tensor input) : now_(std::move(input)) {}

  Status add(const Op& op);
  [[nodiscard]] const Tensor& now() const { return now_; }
  [[nodiscard]] const std::optional<Tensor>& first() const { return first_; }
  std::vector<BundleLayer>& layers() { return layers_; }
  Status finish();

 private:
  Status add_dense(const Op& op);
  Status add_relu(const Op& op);
  Status add_leaky_relu(const Op& op);
  Status add_curve(const Op& op);
  Status add_softmax(const Op& op);
  void add_rescaling(const Tensor& output, FixedMultiplier factor, Fused fused);
  void make_room_for_activation();

  Tensor now_;
  std::optional<Tensor> first_;  ///< what the first layer takes
  std::vector<BundleLayer> layers_;
};

BundleLayer empty_layer(const Tensor& input, const Tensor& output) {
  BundleLayer layer;
  layer.inputs = input.size;
  layer.outputs = output.size;
  layer.output_scale = output.scale;
  layer.output_zero_point = static_cast<std::int8_t>(output.zero_point);
  return layer;
}

void set_clamp(Fused fused, Clamp clamp, BundleLayer& layer) {
  layer.clamp_min = clamp.low;
  layer.clamp_max = clamp.high;
  if (fused == Fused::relu || fused == Fused::relu6) layer.activation = Activation::relu;
}

bool same_quantization(const Tensor& a, const Tensor& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point;
}

/// Whether `layer` may still get a clamp, a table or a softmax.
bool is_open(const BundleLayer& layer) { return layer.activation <= Activation::relu; }

Status Builder::add_dense(const Op& op) {
  BundleLayer layer = empty_layer(now_, op.output);
  if (std::ranges::find(op.weights_s8, std::int8_t{-128}) != op.weights_s8.end())
    return invalid("a weight is -128, which 8-bit weights of TensorFlow Lite may not be");
  const auto factors = dense_multipliers(now_.scale, op.weight_scales, op.output.scale);
  for (std::size_t row = 0; row < layer.outputs; ++row) {
    const FixedMultiplier factor = factors[factors.size() == 1 ? 0 : row];
    std::int64_t sum = op.bias_s32.empty() ? 0 : op.bias_s32[row];
    for (std::size_t i = 0; i < layer.inputs; ++i)
      sum -= std::int64_t{now_.zero_point} * op.weights_s8[row * layer.inputs + i];
    if (sum > (std::int64_t{1} << 30) || sum < -(std::int64_t{1} << 30) || factor.shift > 15)
      return invalid("row " + std::to_string(row) +
                     " could overflow: its bias or scale is too large");
    layer.multipliers.push_back(factor.multiplier);
    layer.shifts.push_back(static_cast<std::int8_t>(factor.shift));
    layer.layer_bias.push_back(static_cast<std::int32_t>(sum));
  }
  layer.weights = op.weights_s8;
  set_clamp(op.fused, clamp_of(op.fused, op.output), layer);
  layers_.push_back(std::move(layer));
  return {};
}

/// A layer that gives each input again, in the quantization of `output`.
void Builder::add_rescaling(const Tensor& output, FixedMultiplier factor, Fused fused) {
  BundleLayer layer = empty_layer(now_, output);
  layer.multipliers.assign(layer.outputs, factor.multiplier);
  layer.shifts.assign(layer.outputs, static_cast<std::int8_t>(factor.shift));
  layer.layer_bias.assign(layer.outputs, -now_.zero_point);
  layer.weights.assign(layer.outputs * layer.inputs, 0);
  for (std::size_t i = 0; i < layer.outputs; ++i) layer.weights[i * layer.inputs + i] = 1;
  set_clamp(fused, clamp_of(fused, output), layer);
  layers_.push_back(std::move(layer));
}

void Builder::make_room_for_activation() {
  if (layers_.empty() || !is_open(layers_.back()))
    add_rescaling(now_, fixed_multiplier(1.0), Fused::none);
}

Status Builder::add_relu(const Op& op) {
  const Fused fused = op.kind == OpKind::relu    ? Fused::relu
                      : op.kind == OpKind::relu6 ? Fused::relu6
                                                 : Fused::relu_n1_to_1;
  const Clamp clamp = clamp_of(fused, op.output);
  if (same_quantization(now_, op.output)) {
    make_room_for_activation();
    BundleLayer& last = layers_.back();
    set_clamp(fused,
              {std::clamp(clamp.low, last.clamp_min, last.clamp_max),
               std::clamp(clamp.high, last.clamp_min, last.clamp_max)},
              last);
    return {};
  }
  if (op.kind != OpKind::relu)
    return invalid("its input and output have different scales, which only RELU may have");
  add_rescaling(
      op.output,
      fixed_multiplier(static_cast<double>(now_.scale) / static_cast<double>(op.output.scale)),
      fused);
  return {};
}

Status Builder::add_leaky_relu(const Op& op) {
  if (!same_quantization(now_, op.output))
    return invalid("its input and output have different scales, which is not supported");
  if (!(op.factor >= 0.0F && op.factor <= 1.0F)) return invalid("its alpha is not 0 to 1");
  make_room_for_activation();
  const ActivationTable table = leaky_relu_table(now_.scale, now_.zero_point, op.factor);
  layers_.back().activation = Activation::leaky_relu;
  layers_.back().table.assign(table.begin(), table.end());
  return {};
}

Status Builder::add_curve(const Op& op) {
  const bool is_tanh = op.kind == OpKind::tanh;
  if (op.output.scale != (is_tanh ? 1.0F / 128.0F : 1.0F / 256.0F) ||
      op.output.zero_point != (is_tanh ? 0 : -128))
    return invalid(is_tanh ? "its output must have scale 1/128 and zero point 0"
                           : "its output must have scale 1/256 and zero point -128");
  make_room_for_activation();
  BundleLayer& last = layers_.back();
  const ActivationTable table = is_tanh ? tanh_table(now_.scale, now_.zero_point)
                                        : logistic_table(now_.scale, now_.zero_point);
  last.activation = is_tanh ? Activation::tanh : Activation::sigmoid;
  last.table.assign(table.begin(), table.end());
  return {};
}

Status Builder::add_softmax(const Op& op) {
  if (op.output.scale != 1.0F / 256.0F || op.output.zero_point != -128)
    return invalid("its output must have scale 1/256 and zero point -128");
  if (op.output.size > kernels::max_softmax_outputs)
    return invalid("it has more than " + std::to_string(kernels::max_softmax_outputs) + " outputs");
  make_room_for_activation();
  layers_.back().activation = Activation::softmax;
  layers_.back().softmax = softmax_factor(now_.scale, op.factor);
  if (layers_.back().softmax.shift < 0) return invalid("its input scale or beta is out of range");
  return {};
}

Status Builder::add(const Op& op) {
  if (!layers_.empty() && layers_.back().activation == Activation::softmax &&
      op.kind != OpKind::dequantize)
    return invalid("nothing but DEQUANTIZE may follow SOFTMAX");
  if (now_.type == TensorType::float32 && (first_ || op.kind != OpKind::quantize))
    return invalid("its input is float32, which an int8 model may have at its ends only");
  const bool starts = op.kind == OpKind::quantize && now_.type == TensorType::float32;
  if (!starts && !first_) first_ = now_;
  Status added;
  switch (op.kind) {
    case OpKind::dense: added = add_dense(op); break;
    case OpKind::relu:
    case OpKind::relu6:
    case OpKind::relu_n1_to_1: added = add_relu(op); break;
    case OpKind::leaky_relu: added = add_leaky_relu(op); break;
    case OpKind::tanh:
    case OpKind::logistic: added = add_curve(op); break;
    case OpKind::softmax: added = add_softmax(op); break;
    case OpKind::quantize:
      if (first_)
        add_rescaling(op.output,
                      fixed_multiplier(static_cast<double>(now_.scale) /
                                       static_cast<double>(op.output.scale)),
                      Fused::none);
      break;
    case OpKind::dequantize: break;
  }
  if (added) now_ = op.output;
  return added;
}

Status Builder::finish() {
  if (!first_) return invalid("it only quantizes");
  if (layers_.empty()) add_rescaling(*first_, fixed_multiplier(1.0), Fused::none);
  if (layers_.size() > kernels::max_bundle_layers)
    return invalid("it needs " + std::to_string(layers_.size()) + " layers; a bundle has at most " +
                   std::to_string(kernels::max_bundle_layers));
  return {};
}

/// Inputs for the self-test that use the whole range.
std::vector<float> self_test_inputs(const Tensor& input) {
  std::vector<float> values(input.size);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto q = static_cast<std::int32_t>((i * 73 + 19) % 255) - 127;
    values[i] = input.scale * static_cast<float>(q - input.zero_point);
  }
  return values;
}

/// The int8 tensor before a DEQUANTIZE at the end, else the last one.
Tensor last_int8(const Chain& chain) {
  Tensor last = chain.input;
  for (const Op& op : chain.ops)
    if (op.output.type == TensorType::int8) last = op.output;
  return last;
}

}  // namespace

bool is_int8(const Chain& chain) {
  return chain.input.type == TensorType::int8 || std::ranges::any_of(chain.ops, [](const Op& op) {
           return op.output.type == TensorType::int8;
         });
}

kernels::Task task_of(const Chain& chain, const ImportNames& names) {
  return labels_of(chain, names).size() > 1 ? kernels::Task::classify : kernels::Task::regress;
}

std::vector<std::string> labels_of(const Chain& chain, const ImportNames& names) {
  if (!names.labels.empty()) return names.labels;
  const bool has_softmax =
      std::ranges::any_of(chain.ops, [](const Op& op) { return op.kind == OpKind::softmax; });
  std::vector<std::string> labels;
  const std::size_t outputs = chain.ops.back().output.size;
  for (std::size_t i = 0; has_softmax && outputs > 1 && i < outputs; ++i)
    labels.push_back(std::to_string(i));
  return labels;
}

Result<Bundle> int8_bundle(const Chain& chain, const ImportNames& names) {
  Builder builder(chain.input);
  for (std::size_t i = 0; i < chain.ops.size(); ++i) {
    if (auto added = builder.add(chain.ops[i]); !added)
      return invalid("operator " + std::to_string(i) + " (" + to_string(chain.ops[i].kind) +
                     "): " + added.error().message);
  }
  if (auto finished = builder.finish(); !finished) return finished.error();
  if (!names.labels.empty() && names.labels.size() != chain.ops.back().output.size)
    return invalid(std::to_string(names.labels.size()) + " labels for " +
                   std::to_string(chain.ops.back().output.size) + " outputs");
  const Tensor& input = *builder.first();
  const Tensor output = last_int8(chain);
  Bundle bundle;
  bundle.task = task_of(chain, names);
  bundle.labels = labels_of(chain, names);
  bundle.input_scale = input.scale;
  bundle.input_zero_point = static_cast<std::int8_t>(input.zero_point);
  bundle.output_scale = output.scale;
  bundle.output_zero_point = static_cast<std::int8_t>(output.zero_point);
  bundle.provenance.model_id = names.model_id;
  const auto recipe = plain_recipe(input.size, chain.input.type, chain.ops.back().output.type);
  if (!recipe) return recipe.error();
  bundle.recipe = *recipe;
  const float gain = 1.0F / input.scale;
  if (!std::isfinite(gain)) return invalid("its input scale is too small");
  bundle.mean.assign(input.size, 0.0F);
  bundle.gain.assign(input.size, gain);
  bundle.layers = std::move(builder.layers());
  if (bundle.task == kernels::Task::regress)
    bundle.output_scales.assign(output.size, {output.scale, 0.0F});
  bundle.self_test_features = self_test_inputs(input);
  return bundle;
}

}  // namespace haltere::models::interop
