// What the kernels of packed weights compute, step by step. All sums wrap at 2^32, as theirs do.
#include "models/kernels/bytes.hpp"
#include "models/kernels/dense_s8.hpp"
#include "models/kernels/fixed_point.hpp"
#include "models/kernels/packed_groups.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = packed_groups;

struct Sums {
  uint32_t row[at::rows];
};

/// Inputs of step `step`; columns that are not there are 0.
struct Columns {
  int32_t x[at::columns];
};

Columns columns_of(const DenseS8& layer, const int8_t* x, uint32_t step) {
  Columns columns = {};
  for (uint32_t i = 0; i < at::columns; ++i) {
    const uint32_t at = step * at::columns + i;
    if (at < layer.inputs) columns.x[i] = x[at];
  }
  return columns;
}

int32_t low_half(uint32_t word) { return static_cast<int16_t>(word & 0xffffU); }
int32_t high_half(uint32_t word) { return static_cast<int16_t>(word >> 16); }
int32_t low_byte(int32_t half) { return static_cast<int8_t>(half & 0xff); }

/// Two products added to `sum`: SMLAD.
uint32_t add_products(uint32_t sum, int32_t a0, int32_t b0, int32_t a1, int32_t b1) {
  return sum + static_cast<uint32_t>(a0 * b0) + static_cast<uint32_t>(a1 * b1);
}

uint32_t add_dual(uint32_t sum, uint32_t word, const Columns& columns) {
  const int32_t* x = columns.x;
  const int32_t w0 = low_half(word);
  const int32_t w1 = high_half(word);
  sum = add_products(sum, w0, x[1] + 128, w1, x[3] + 128);
  return add_products(sum, low_byte(w0), -(256 * x[0] + x[1] + 128) - 1, low_byte(w1),
                      -(256 * x[2] + x[3] + 128) - 1);
}

Sums dual_sums(const DenseS8& layer, const uint8_t* group, const int8_t* x) {
  Sums sums = {};
  for (uint32_t r = 0; r < at::rows; ++r) sums.row[r] = load_u32(group + size_t{4} * r);
  const uint8_t* words = group + at::start_bytes;
  for (uint32_t step = 0; step < at::steps(layer.inputs); ++step) {
    const Columns columns = columns_of(layer, x, step);
    for (uint32_t& sum : sums.row) {
      sum = add_dual(sum, load_u32(words), columns);
      words += 4;
    }
  }
  return sums;
}

/// Two columns' share of rows 0 and 2 (`shift` 0) or 1 and 3 (8), in one word.
uint32_t pair_product(const uint8_t* words, uint32_t shift, int32_t x0, int32_t x1) {
  constexpr uint32_t both = 0x00ff00ffU;
  return 0x8000U - 0x00800080U * static_cast<uint32_t>(x0 + x1) +
         ((load_u32(words) >> shift) & both) * static_cast<uint32_t>(x0) +
         ((load_u32(words + 4) >> shift) & both) * static_cast<uint32_t>(x1);
}

Sums pairs_sums(const DenseS8& layer, const uint8_t* group, const int8_t* x) {
  uint32_t both[2] = {load_u32(group), load_u32(group + 8)};
  uint32_t high[2] = {load_u32(group + 4), load_u32(group + 12)};
  const uint8_t* words = group + at::start_bytes;
  for (uint32_t step = 0; step < at::steps(layer.inputs); ++step) {
    const Columns columns = columns_of(layer, x, step);
    for (uint32_t i = 0; i < at::columns; i += 2, words += 8) {
      for (uint32_t row = 0; row < 2; ++row) {
        const uint32_t product = pair_product(words, 8 * row, columns.x[i], columns.x[i + 1]);
        both[row] += product;
        high[row] += static_cast<uint32_t>(high_half(product));
      }
    }
  }
  return {{both[0] - (high[0] << 16), both[1] - (high[1] << 16), high[0], high[1]}};
}

Sums columns_sums(const DenseS8& layer, const uint8_t* group, const int8_t* x) {
  Sums sums = {};
  uint32_t inputs = 0;
  for (uint32_t r = 0; r < at::rows; ++r) sums.row[r] = load_u32(group + size_t{4} * r);
  const uint8_t* words = group + at::start_bytes;
  for (uint32_t step = 0; step < at::steps(layer.inputs); ++step) {
    const Columns columns = columns_of(layer, x, step);
    for (const int32_t value : columns.x) {
      const auto positive = static_cast<uint32_t>(value + 128);
      for (uint32_t r = 0; r < at::rows; ++r)
        sums.row[r] += (load_u32(words) >> (8 * r)) * positive;
      inputs += positive;
      words += 4;
    }
  }
  for (uint32_t r = 0; r < at::rows; ++r) {
    if (r + 1 < at::rows) sums.row[r] -= sums.row[r + 1] << 8;
  }
  for (uint32_t& sum : sums.row) sum -= inputs << 7;
  return sums;
}

Sums bytes_sums(const DenseS8& layer, const uint8_t* group, const int8_t* x) {
  Sums sums = {};
  for (uint32_t r = 0; r < at::rows; ++r) sums.row[r] = load_u32(group + size_t{4} * r);
  const uint8_t* weight = group + at::start_bytes;
  for (uint16_t i = 0; i < layer.inputs; ++i) {
    for (uint32_t& sum : sums.row) sum += static_cast<uint32_t>(load_i8(weight++) * x[i]);
  }
  return sums;
}

int32_t multiply_high(int32_t a, int32_t b, int64_t round) {
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + round) >> 32);
}

/// `sum` times the multiplier / 2^31, rounded half up; `sum` is 256 times as large for `dual`.
int32_t scaled(WeightPacking packing, uint32_t sum, int32_t multiplier) {
  if (packing == WeightPacking::dual)
    return multiply_high(static_cast<int32_t>(sum) >> 7, multiplier, int64_t{1} << 31);
  return (multiply_high(static_cast<int32_t>(sum << 8), multiplier, 0) + 64) >> 7;
}

int8_t finish_row(WeightPacking packing, const uint8_t* row, uint32_t sum) {
  const int32_t value = scaled(packing, sum, load_i32(row + at::row_multiplier));
  const auto shifted =
      static_cast<uint32_t>(value + (value >> 31)) + load_u32(row + at::row_offset);
  int32_t y = static_cast<int32_t>(shifted) >> load_u32(row + at::row_shift);
  // The offset of `columns` adds 128: one test then finds both ends.
  if (packing == WeightPacking::columns) y = (y < 0 ? 0 : y > 255 ? 255 : y) - 128;
  return static_cast<int8_t>(y < -128 ? -128 : y > 127 ? 127 : y);
}

Sums sums_of(const DenseS8& layer, const uint8_t* group, const int8_t* x) {
  switch (layer.packing) {
    case WeightPacking::plain:
    case WeightPacking::nibbles: break;
    case WeightPacking::dual: return dual_sums(layer, group, x);
    case WeightPacking::pairs: return pairs_sums(layer, group, x);
    case WeightPacking::columns: return columns_sums(layer, group, x);
    case WeightPacking::bytes: return bytes_sums(layer, group, x);
  }
  return {};
}

}  // namespace

void dense_s8_packed(const DenseS8& layer, const int8_t* x, int8_t* y) {
  const auto* group = reinterpret_cast<const uint8_t*>(layer.weights);
  const uint32_t group_bytes = at::group_bytes(layer.inputs);
  for (uint32_t first = 0; first < layer.outputs; first += at::rows, group += group_bytes) {
    const Sums sums = sums_of(layer, group, x);
    const uint8_t* row = group + group_bytes - size_t{at::rows} * at::row_bytes;
    for (uint32_t r = 0; r < at::rows && first + r < layer.outputs; ++r, row += at::row_bytes)
      y[first + r] = finish_row(layer.packing, row, sums.row[r]);
  }
}

}  // namespace kernels
}  // namespace haltere
