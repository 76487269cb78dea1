// What the layers of a bundle may hold.
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/dense_s4.hpp"
#include "models/kernels/layer_kinds.hpp"
#include "models/kernels/packed_groups.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

constexpr int32_t max_layer_bias = int32_t{1} << 30;

/// Neither the sum nor its shift to the left can overflow, whatever the inputs.
bool is_row_valid(const DenseS8& layer, uint16_t row) {
  const int32_t layer_bias = load_i32(layer.layer_bias + size_t{row} * 4);
  const int32_t multiplier = load_i32(layer.multipliers + size_t{row} * 4);
  const int8_t shift = load_i8(layer.shifts + row);
  if (layer_bias > max_layer_bias || layer_bias < -max_layer_bias) return false;
  if (multiplier != 0 && multiplier < (int32_t{1} << 30)) return false;
  if (shift < -31 || shift > 15) return false;
  const auto largest_sum =
      static_cast<int32_t>(layer.inputs) * (1 << 14) + (layer_bias < 0 ? -layer_bias : layer_bias);
  return shift <= 0 || largest_sum <= (INT32_MAX >> shift);
}

/// Nothing behind `size` bytes until the next multiple of 4.
bool is_padding_zero(const void* bytes, uint32_t size) {
  return all_zero(static_cast<const uint8_t*>(bytes) + size,
                  static_cast<size_t>(padded_to_4(size) - size));
}

bool are_bytes_valid(const DenseS8& layer) {
  const uint32_t weights = uint32_t{layer.inputs} * layer.outputs;
  for (uint32_t i = 0; i < weights; ++i) {
    if (load_i8(layer.weights + i) == -128) return false;
  }
  return is_padding_zero(layer.weights, weights);
}

/// Nibbles of the first `rows` rows are weights, the others' are 0.
bool is_column_valid(uint16_t column, uint32_t rows) {
  for (uint32_t row = 0; row < nibbles::rows; ++row) {
    if ((nibbles::nibble(column, row) != 0) != (row < rows)) return false;
  }
  return true;
}

bool are_nibbles_valid(const DenseS8& layer) {
  const auto* columns = reinterpret_cast<const uint8_t*>(layer.weights);
  for (uint32_t first = 0; first < layer.outputs; first += nibbles::rows) {
    for (uint16_t i = 0; i < layer.inputs; ++i, columns += nibbles::column_bytes) {
      if (!is_column_valid(load_u16(columns), layer.outputs - first)) return false;
    }
  }
  return is_padding_zero(layer.weights, nibbles::layer_bytes(layer.inputs, layer.outputs));
}

bool are_rows_valid(const DenseS8& layer) {
  for (uint16_t row = 0; row < layer.outputs; ++row) {
    if (!is_row_valid(layer, row)) return false;
  }
  const bool plain = layer.packing == WeightPacking::plain;
  return is_padding_zero(layer.shifts, layer.outputs) &&
         (plain ? are_bytes_valid(layer) : are_nibbles_valid(layer));
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
  if (!(has_arrays(layer.dense.packing) ? are_rows_valid(layer.dense)
                                        : are_groups_valid(layer.dense)))
    return false;
  if (!is_last) return true;
  const Quantization output = output_quantization(layer);
  return output.scale_bits == bits_of(view.output_scale) &&
         output.zero_point == view.output_zero_point;
}

}  // namespace

bool are_layers_valid(const BundleView& view) {
  const uint8_t* bytes = view.layers;
  for (uint8_t i = 1; i <= view.layer_count; ++i) {
    const LayerView layer = read_layer(bytes);
    if (load_u16(bytes + at::layer_reserved) != 0 ||
        !is_layer_valid(view, layer, i == view.layer_count))
      return false;
    bytes = layer.next;
  }
  return true;
}

}  // namespace kernels
}  // namespace haltere
