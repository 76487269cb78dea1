// The layers of a bundle: how long they are, and how they are read.
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/dense_s4.hpp"
#include "models/kernels/layer_kinds.hpp"
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

WeightPacking packing_of(const uint8_t* header) {
  return static_cast<WeightPacking>(load_u8(header + at::layer_packing));
}

/// Weights and what belongs to each output.
uint32_t rows_bytes(WeightPacking packing, uint16_t inputs, uint16_t outputs) {
  if (!has_arrays(packing)) return packed_groups::layer_bytes(inputs, outputs);
  const bool plain = !runs_nibbles || packing == WeightPacking::plain;
  return 8U * outputs + padded_to_4(outputs) +
         padded_to_4(plain ? uint32_t{inputs} * outputs : nibbles::layer_bytes(inputs, outputs));
}

uint32_t layer_bytes(const uint8_t* header) {
  const uint16_t inputs = load_u16(header + at::layer_inputs);
  const uint16_t outputs = load_u16(header + at::layer_outputs);
  const auto activation = static_cast<Activation>(load_u8(header + at::layer_activation));
  return static_cast<uint32_t>(at::layer_header_bytes) +
         rows_bytes(packing_of(header), inputs, outputs) +
         (runs_tables && has_table(activation) ? static_cast<uint32_t>(lookup_table_bytes) : 0U);
}

/// What its size depends on. `packing`: the bundle's, a layer may be plain or int4 all the same.
bool is_layer_sized(const uint8_t* header, uint16_t inputs, WeightPacking packing) {
  const WeightPacking own = packing_of(header);
  return load_u16(header + at::layer_inputs) == inputs &&
         is_unit_count(load_u16(header + at::layer_outputs)) &&
         load_u8(header + at::layer_activation) <= static_cast<uint8_t>(Activation::leaky_relu) &&
         (own == WeightPacking::plain || own == WeightPacking::nibbles || own == packing);
}

uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/// Takes the layer at the head of `rest`, which takes `inputs`.
BundleError take_layer(const BundleView& view, uint16_t inputs, Rest& rest) {
  const uint8_t* bytes = rest.next;
  if (rest.size < at::layer_header_bytes) return BundleError::wrong_length;
  if (!is_layer_sized(bytes, inputs, view.packing)) return BundleError::bad_layer;
  const auto activation = static_cast<Activation>(load_u8(bytes + at::layer_activation));
  if (!runs(activation, packing_of(bytes))) return BundleError::unsupported_layer;
  return take(rest, layer_bytes(bytes)) != nullptr ? BundleError::none : BundleError::wrong_length;
}

}  // namespace

BundleError map_layers(BundleView& view, Rest& rest) {
  view.layers = rest.next;
  uint16_t inputs = view.inputs;
  uint32_t hidden = 0;
  uint32_t workspace = 0;
  for (uint8_t i = view.layer_count; i > 0; --i) {
    const uint8_t* bytes = rest.next;
    const BundleError error = take_layer(view, inputs, rest);
    if (error != BundleError::none) return error;
    workspace = larger(workspace, workspace_bytes(packing_of(bytes), inputs));
    // Between the caller's inputs and outputs, activations go back and forth between the two ends
    // of one buffer; each layer's pair must fit.
    const uint16_t outputs = load_u16(bytes + at::layer_outputs);
    const uint32_t first = i == view.layer_count ? 0U : inputs;
    hidden = larger(hidden, first + (i == 1 ? 0U : outputs));
    inputs = outputs;
  }
  view.workspace_bytes = workspace;
  view.scratch_bytes = workspace + view.inputs + hidden;
  return inputs == view.outputs ? BundleError::none : BundleError::bad_layer;
}

LayerView read_layer(const uint8_t* bytes) {
  LayerView layer;
  DenseS8& dense = layer.dense;
  dense.multipliers = nullptr;
  dense.layer_bias = nullptr;
  dense.shifts = nullptr;
  dense.inputs = load_u16(bytes + at::layer_inputs);
  dense.outputs = load_u16(bytes + at::layer_outputs);
  dense.packing = packing_of(bytes);
  dense.clamp_min = load_i8(bytes + at::layer_clamp_min);
  dense.clamp_max = load_i8(bytes + at::layer_clamp_max);
  dense.output_zero_point = load_i8(bytes + at::layer_output_zero_point);
  const uint8_t* weights = bytes + at::layer_header_bytes;
  if (has_arrays(dense.packing)) {
    dense.multipliers = weights;
    dense.layer_bias = dense.multipliers + size_t{dense.outputs} * 4;
    const uint8_t* shifts = dense.layer_bias + size_t{dense.outputs} * 4;
    dense.shifts = reinterpret_cast<const int8_t*>(shifts);
    weights = shifts + padded_to_4(dense.outputs);
  }
  dense.weights = reinterpret_cast<const int8_t*>(weights);
  layer.activation = static_cast<Activation>(load_u8(bytes + at::layer_activation));
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
