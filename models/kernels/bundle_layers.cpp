// The layers of a bundle: what they may hold, and how they are read.
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/packed_groups.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

// No size below can wrap in 32 bits: the counts are checked before they are multiplied, and what is
// left of the bundle bounds what has been taken.
static_assert(uint64_t{max_bundle_units} * max_bundle_units + max_bundle_units * 16ULL + 1024 <
                  UINT32_MAX,
              "a layer's size must fit 32 bits");

constexpr int32_t max_layer_bias = int32_t{1} << 30;

/// Neither the sum nor its shift to the left can overflow, whatever the inputs.
bool is_row_valid(const DenseS8& layer, uint16_t row) {
  const int32_t layer_bias = load_i32(layer.layer_bias + size_t{row} * 4);
  const int32_t multiplier = load_i32(layer.multipliers + size_t{row} * 4);
  const int8_t shift = layer.shifts[row];
  if (layer_bias > max_layer_bias || layer_bias < -max_layer_bias) return false;
  if (multiplier != 0 && multiplier < (int32_t{1} << 30)) return false;
  if (shift < -31 || shift > 15) return false;
  const auto largest_sum =
      static_cast<int32_t>(layer.inputs) * (1 << 14) + (layer_bias < 0 ? -layer_bias : layer_bias);
  return shift <= 0 || largest_sum <= (INT32_MAX >> shift);
}

bool are_rows_valid(const DenseS8& layer) {
  for (uint16_t row = 0; row < layer.outputs; ++row) {
    if (!is_row_valid(layer, row)) return false;
  }
  const uint32_t weights = uint32_t{layer.inputs} * layer.outputs;
  for (uint32_t i = 0; i < weights; ++i) {
    if (layer.weights[i] == -128) return false;
  }
  // The padding behind the two int8 arrays.
  const auto* shifts = reinterpret_cast<const uint8_t*>(layer.shifts);
  const auto* bytes = reinterpret_cast<const uint8_t*>(layer.weights);
  return all_zero(shifts + layer.outputs, padded_to_4(layer.outputs) - layer.outputs) &&
         all_zero(bytes + weights, padded_to_4(weights) - weights);
}

/// Whatever the groups hold, the kernels stay within their arrays and sums wrap; but a shift must
/// be one, and the cores agree on positive multipliers only.
bool are_groups_valid(const DenseS8& layer) {
  const auto* group = reinterpret_cast<const uint8_t*>(layer.weights);
  for (uint32_t row = 0; row < layer.outputs; row += packed_groups::rows) {
    group += packed_groups::group_bytes(layer.inputs);
    const uint8_t* parameters = group - size_t{packed_groups::rows} * packed_groups::row_bytes;
    for (; parameters != group; parameters += packed_groups::row_bytes) {
      const uint32_t shift = load_u32(parameters + packed_groups::row_shift);
      if (shift < 1 || shift > packed_groups::max_shift ||
          load_i32(parameters + packed_groups::row_multiplier) < 0)
        return false;
    }
  }
  return true;
}

bool is_softmax_valid(const LayerView& layer, bool is_last) {
  if (layer.activation != Activation::softmax)
    return layer.softmax.multiplier == 0 && layer.softmax.shift == 0;
  return is_last && layer.dense.outputs <= max_softmax_outputs &&
         layer.softmax.multiplier >= (int32_t{1} << 30) && layer.softmax.shift >= 0 &&
         layer.softmax.shift <= 30;
}

/// The fields that a layer's size depends on. `packing`: the bundle's, a layer may be plain all the
/// same.
bool is_layer_header_valid(const uint8_t* header, uint16_t inputs, WeightPacking packing) {
  return load_u16(header + at::layer_inputs) == inputs &&
         is_unit_count(load_u16(header + at::layer_outputs)) &&
         header[at::layer_activation] <= static_cast<uint8_t>(Activation::leaky_relu) &&
         (header[at::layer_packing] == static_cast<uint8_t>(WeightPacking::plain) ||
          header[at::layer_packing] == static_cast<uint8_t>(packing)) &&
         load_u16(header + at::layer_reserved) == 0;
}

struct Quantization {
  uint32_t scale_bits;
  int8_t zero_point;
};

/// Of a layer's output: tanh, sigmoid and softmax have fixed ones.
Quantization output_quantization(const LayerView& layer) {
  switch (layer.activation) {
    case Activation::linear:
    case Activation::relu:
    case Activation::leaky_relu: break;
    case Activation::tanh: return {bits_of(1.0f / 128.0f), 0};
    case Activation::sigmoid:
    case Activation::softmax: return {bits_of(1.0f / 256.0f), -128};
  }
  return {bits_of(layer.output_scale), layer.dense.output_zero_point};
}

bool is_layer_valid(const BundleView& view, const LayerView& layer, bool is_last) {
  if (layer.dense.clamp_min > layer.dense.clamp_max) return false;
  if (!is_scale(bits_of(layer.output_scale)) || !is_softmax_valid(layer, is_last)) return false;
  const bool plain = layer.dense.packing == WeightPacking::plain;
  if (!(plain ? are_rows_valid(layer.dense) : are_groups_valid(layer.dense))) return false;
  if (!is_last) return true;
  const Quantization output = output_quantization(layer);
  return layer.dense.outputs == view.outputs && output.scale_bits == bits_of(view.output_scale) &&
         output.zero_point == view.output_zero_point;
}

bool has_table(Activation activation) {
  return activation == Activation::tanh || activation == Activation::sigmoid ||
         activation == Activation::leaky_relu;
}

uint32_t layer_bytes(const uint8_t* header) {
  const uint16_t inputs = load_u16(header + at::layer_inputs);
  const uint16_t outputs = load_u16(header + at::layer_outputs);
  const auto activation = static_cast<Activation>(header[at::layer_activation]);
  const bool plain = header[at::layer_packing] == static_cast<uint8_t>(WeightPacking::plain);
  return static_cast<uint32_t>(at::layer_header_bytes) +
         (plain ? 8U * outputs + padded_to_4(outputs) + padded_to_4(uint32_t{inputs} * outputs)
                : packed_groups::layer_bytes(inputs, outputs)) +
         (has_table(activation) ? static_cast<uint32_t>(lookup_table_bytes) : 0U);
}

/// Reads the layer at the head of `rest`, which takes `inputs`.
BundleError take_layer(const BundleView& view, uint16_t inputs, bool is_last, Rest& rest) {
  if (rest.size < at::layer_header_bytes) return BundleError::wrong_length;
  if (!is_layer_header_valid(rest.next, inputs, view.packing)) return BundleError::bad_layer;
  const uint8_t* bytes = take(rest, layer_bytes(rest.next));
  if (bytes == nullptr) return BundleError::wrong_length;
  return is_layer_valid(view, read_layer(bytes), is_last) ? BundleError::none
                                                          : BundleError::bad_layer;
}

}  // namespace

BundleError read_layers(BundleView& view, Rest& rest) {
  view.layers = rest.next;
  uint16_t inputs = view.inputs;
  uint32_t hidden = 0;
  uint32_t workspace = 0;
  for (uint8_t i = 0; i < view.layer_count; ++i) {
    const bool is_last = i + 1 == view.layer_count;
    const uint8_t* bytes = rest.next;
    const BundleError error = take_layer(view, inputs, is_last, rest);
    if (error != BundleError::none) return error;
    const uint16_t outputs = load_u16(bytes + at::layer_outputs);
    // Between the caller's inputs and outputs, activations go back and forth between the two ends
    // of one buffer; each layer's pair must fit.
    const uint32_t pair = (i == 0 ? 0U : inputs) + (is_last ? 0U : outputs);
    hidden = pair > hidden ? pair : hidden;
    const uint32_t needed =
        workspace_bytes(static_cast<WeightPacking>(bytes[at::layer_packing]), inputs);
    workspace = needed > workspace ? needed : workspace;
    inputs = outputs;
  }
  view.workspace_bytes = workspace;
  view.scratch_bytes = workspace + view.inputs + hidden;
  return BundleError::none;
}

LayerView read_layer(const uint8_t* bytes) {
  LayerView layer;
  DenseS8& dense = layer.dense;
  dense.multipliers = nullptr;
  dense.layer_bias = nullptr;
  dense.shifts = nullptr;
  dense.inputs = load_u16(bytes + at::layer_inputs);
  dense.outputs = load_u16(bytes + at::layer_outputs);
  dense.packing = static_cast<WeightPacking>(bytes[at::layer_packing]);
  dense.clamp_min = load_i8(bytes + at::layer_clamp_min);
  dense.clamp_max = load_i8(bytes + at::layer_clamp_max);
  dense.output_zero_point = load_i8(bytes + at::layer_output_zero_point);
  const uint8_t* weights = bytes + at::layer_header_bytes;
  if (dense.packing == WeightPacking::plain) {
    dense.multipliers = weights;
    dense.layer_bias = dense.multipliers + size_t{dense.outputs} * 4;
    const uint8_t* shifts = dense.layer_bias + size_t{dense.outputs} * 4;
    dense.shifts = reinterpret_cast<const int8_t*>(shifts);
    weights = shifts + padded_to_4(dense.outputs);
  }
  dense.weights = reinterpret_cast<const int8_t*>(weights);
  layer.activation = static_cast<Activation>(bytes[at::layer_activation]);
  layer.softmax.multiplier = load_i32(bytes + at::layer_softmax_multiplier);
  layer.softmax.shift = load_i8(bytes + at::layer_softmax_shift);
  layer.output_scale = load_f32(bytes + at::layer_output_scale);
  layer.next = bytes + layer_bytes(bytes);
  layer.table = has_table(layer.activation)
                    ? reinterpret_cast<const int8_t*>(layer.next - lookup_table_bytes)
                    : nullptr;
  return layer;
}

}  // namespace kernels
}  // namespace haltere
