#include "mcu/firmware/cross/check/layers.hpp"

namespace haltere {
namespace check {
namespace {

namespace at = kernels::packed_groups;
using kernels::WeightPacking;

int8_t draw_value(Random& random, uint32_t kind, int32_t least) {
  if (kind == 0) return static_cast<int8_t>(random.between(-5, 5));
  if (kind == 1) return static_cast<int8_t>(random.below(2) == 0 ? least : 127);
  if (kind == 2) return static_cast<int8_t>(least);
  if (kind == 3) return 127;
  return static_cast<int8_t>(random.between(least, 127));
}

/// Shifts up to `most_shift`. Multipliers of 2^30 make ties of both roundings frequent.
void draw_scales(Random& random, int32_t most_shift, Layer& layer) {
  const bool per_row = random.below(2) == 0;
  const int32_t shift = random.between(1, most_shift);
  for (uint16_t row = 0; row < layer.outputs; ++row) {
    const bool own = per_row || row == 0;
    layer.multipliers[row] =
        own ? static_cast<int32_t>(random.next() >> 2 | 0x40000000U) : layer.multipliers[0];
    layer.shifts[row] = static_cast<int8_t>(-(per_row ? random.between(1, most_shift) : shift));
    if (random.below(16) == 0) layer.multipliers[row] = 0x7fffffff;
    if (random.below(4) == 0) layer.multipliers[row] = 0x40000000;
  }
}

/// 0 for rows and columns that are not there, as for all below.
int32_t weight(const Layer& layer, uint32_t row, uint32_t column) {
  if (row >= layer.outputs || column >= layer.inputs) return 0;
  return layer.weights[row * layer.inputs + column];
}

int32_t layer_bias(const Layer& layer, uint32_t row) {
  return row < layer.outputs ? layer.layer_bias[row] : 0;
}

uint32_t wrap(int32_t value) { return static_cast<uint32_t>(value); }

/// Sum of every `step`th weight from `first` on.
int32_t sum_of(const Layer& layer, uint32_t row, uint32_t first, uint32_t step) {
  int32_t sum = 0;
  for (uint32_t i = first; i < layer.inputs; i += step) sum += weight(layer, row, i);
  return sum;
}

uint32_t start(const Layer& layer, uint32_t first, uint32_t r) {
  const uint32_t own = wrap(layer_bias(layer, first + r));
  switch (packing) {
    case WeightPacking::dual:
      return 256U * (own - 128U * wrap(sum_of(layer, first + r, 1, 2))) -
             wrap(sum_of(layer, first + r, 0, 2));
    case WeightPacking::pairs: {
      const uint32_t high = first + (r < 2 ? 2U : 3U);
      if ((r & 1U) != 0) return wrap(layer_bias(layer, high));
      return wrap(layer_bias(layer, high - 2)) - 0x8000U * 2U * at::steps(layer.inputs) +
             (wrap(layer_bias(layer, high)) << 16);
    }
    case WeightPacking::columns: {
      const uint32_t alone = own - 128U * wrap(sum_of(layer, first + r, 0, 1));
      return r + 1 < at::rows ? alone + (start(layer, first, r + 1) << 8) : alone;
    }
    default: return own;
  }
}

uint32_t word(const Layer& layer, uint32_t first, uint32_t step, uint32_t i) {
  const uint32_t column = step * at::columns;
  if (packing == WeightPacking::dual) {
    const uint32_t row = first + i;
    const uint32_t low =
        256U * wrap(weight(layer, row, column + 1)) - wrap(weight(layer, row, column));
    const uint32_t high =
        256U * wrap(weight(layer, row, column + 3)) - wrap(weight(layer, row, column + 2));
    return (low & 0xffffU) | high << 16;
  }
  const int32_t raised = packing == WeightPacking::bytes ? 0 : 128;
  uint32_t result = 0;
  for (uint32_t r = 0; r < at::rows; ++r)
    result |= (wrap(weight(layer, first + r, column + i) + raised) & 0xffU) << (8 * r);
  return result;
}

uint8_t* store(uint8_t* out, uint32_t value) {
  __builtin_memcpy(out, &value, 4);
  return out + 4;
}

uint8_t* store_row(const Layer& layer, uint32_t row, uint8_t* out) {
  const bool there = row < layer.outputs;
  const uint32_t shift = there ? static_cast<uint32_t>(-layer.shifts[row]) : 1U;
  const int32_t zero_point =
      layer.output_zero_point + (packing == WeightPacking::columns ? 128 : 0);
  out = store(out, there ? wrap(layer.multipliers[row]) : 0U);
  out = store(out, (uint32_t{1} << (shift - 1)) + (wrap(zero_point) << shift));
  return store(out, shift);
}

}  // namespace

kernels::DenseS8 Layer::dense(const uint8_t* groups) const {
  return {inputs,
          outputs,
          groups == nullptr ? WeightPacking::plain : packing,
          clamp_min,
          clamp_max,
          output_zero_point,
          reinterpret_cast<const uint8_t*>(multipliers),
          reinterpret_cast<const uint8_t*>(layer_bias),
          shifts,
          groups == nullptr ? weights : reinterpret_cast<const int8_t*>(groups)};
}

void draw(Random& random, Layer& layer) {
  layer.inputs = static_cast<uint16_t>(1 + random.below(max_inputs));
  layer.outputs = static_cast<uint16_t>(1 + random.below(max_outputs));
  // Half of the layers have sums small enough that a unit of each shows in the output.
  const bool fine = random.below(2) == 0;
  const uint32_t x_kind = fine ? 0 : random.below(8);
  const uint32_t weight_kind = fine ? 0 : random.below(8);
  for (uint16_t i = 0; i < layer.inputs; ++i) layer.x[i] = draw_value(random, x_kind, -128);
  const uint32_t count = uint32_t{layer.inputs} * layer.outputs;
  for (uint32_t i = 0; i < count; ++i) layer.weights[i] = draw_value(random, weight_kind, -127);
  // So that no sum can leave 24 bits, which every packing asks for.
  const int32_t most = (int32_t{1} << 23) - 1 - int32_t{128} * 127 * layer.inputs;
  const int32_t range = fine ? 300 : most >> (random.below(2) * random.below(12));
  for (uint16_t row = 0; row < layer.outputs; ++row)
    layer.layer_bias[row] = random.between(-range, range);
  layer.output_zero_point = static_cast<int8_t>(random.between(-128, 127));
  layer.clamp_min = -128;
  layer.clamp_max = 127;
  if (random.below(2) == 0) {
    layer.clamp_min = static_cast<int8_t>(random.between(-128, 127));
    layer.clamp_max = static_cast<int8_t>(random.between(layer.clamp_min, 127));
  }
  draw_scales(random, fine ? 3 : 22, layer);
}

void pack(const Layer& layer, uint8_t* groups) {
  for (uint32_t first = 0; first < layer.outputs; first += at::rows) {
    for (uint32_t r = 0; r < at::rows; ++r) groups = store(groups, start(layer, first, r));
    for (uint32_t step = 0; step < at::steps(layer.inputs); ++step)
      for (uint32_t i = 0; i < at::columns; ++i)
        groups = store(groups, word(layer, first, step, i));
    for (uint32_t r = 0; r < at::rows; ++r) groups = store_row(layer, first + r, groups);
  }
}

void pack_nibbles(Layer& layer, uint8_t* out) {
  namespace nibbles = kernels::nibbles;
  const uint32_t count = uint32_t{layer.inputs} * layer.outputs;
  for (uint32_t i = 0; i < count; ++i)
    layer.weights[i] = static_cast<int8_t>(layer.weights[i] % (nibbles::largest + 1));
  for (uint32_t first = 0; first < layer.outputs; first += nibbles::rows) {
    for (uint32_t i = 0; i < layer.inputs; ++i, out += nibbles::column_bytes) {
      uint32_t column = 0;
      for (uint32_t r = 0; r < nibbles::rows && first + r < layer.outputs; ++r)
        column |= wrap(weight(layer, first + r, i) + nibbles::raised) << (nibbles::bits * r);
      out[0] = static_cast<uint8_t>(column);
      out[1] = static_cast<uint8_t>(column >> 8);
    }
  }
}

void draw_groups(Random& random, uint16_t inputs, uint16_t outputs, uint8_t* groups) {
  const uint32_t words = (at::group_bytes(inputs) - at::rows * at::row_bytes) / 4;
  for (uint32_t first = 0; first < outputs; first += at::rows) {
    for (uint32_t i = 0; i < words; ++i) groups = store(groups, random.next());
    for (uint32_t r = 0; r < at::rows; ++r) {
      groups = store(groups, random.next() >> 1);
      groups = store(groups, random.next());
      groups = store(groups, 1 + random.below(at::max_shift));
    }
  }
}

}  // namespace check
}  // namespace haltere
