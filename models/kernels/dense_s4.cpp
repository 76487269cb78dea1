#include "models/kernels/dense_s4.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/dense_row.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Of one group's rows, with the nibbles as they are: 8 more than the weights.
struct Sums {
  uint32_t row[nibbles::rows];
};

// Four rows share the loads; four names instead of an array, in a function of their own, keep the
// sums in registers. `columns`: where the group's words begin.
#if defined(__AVR__)
/// What the core multiplies in two cycles.
inline int16_t product(uint8_t nibble, int8_t x) { return static_cast<int16_t>(nibble * x); }

__attribute__((noinline)) Sums group_sums(const uint8_t* columns, const int8_t* x,
                                          uint16_t inputs) {
  int32_t sum0 = 0;
  int32_t sum1 = 0;
  int32_t sum2 = 0;
  int32_t sum3 = 0;
  const int8_t* const end = x + inputs;
  do {
    const uint16_t column = load_u16(columns);
    const auto low = static_cast<uint8_t>(column);
    const auto high = static_cast<uint8_t>(column >> 8);
    sum0 += product(low & 0xfU, *x);
    sum1 += product(__builtin_avr_swap(low) & 0xfU, *x);
    sum2 += product(high & 0xfU, *x);
    sum3 += product(__builtin_avr_swap(high) & 0xfU, *x);
    columns += nibbles::column_bytes;
  } while (++x != end);
  return {{static_cast<uint32_t>(sum0), static_cast<uint32_t>(sum1), static_cast<uint32_t>(sum2),
           static_cast<uint32_t>(sum3)}};
}
#else
__attribute__((noinline)) Sums group_sums(const uint8_t* columns, const int8_t* x,
                                          uint16_t inputs) {
  uint32_t sum0 = 0;
  uint32_t sum1 = 0;
  uint32_t sum2 = 0;
  uint32_t sum3 = 0;
  const int8_t* const end = x + inputs;
  do {
    // A word shifted right holds its row's nibble and 16 times what the next row's shift holds:
    // no nibble needs to be taken out, the next row's sum takes the rest away. Sums wrap.
    const uint32_t column = load_u16(columns);
    const auto value = static_cast<uint32_t>(int32_t{*x});
    sum0 += column * value;
    sum1 += (column >> 4) * value;
    sum2 += (column >> 8) * value;
    sum3 += (column >> 12) * value;
    columns += nibbles::column_bytes;
  } while (++x != end);
  return {{sum0 - 16 * sum1, sum1 - 16 * sum2, sum2 - 16 * sum3, sum3}};
}
#endif

/// What the nibbles' 8 more add to every sum.
uint32_t raised_sum(const int8_t* x, uint16_t inputs) {
  int32_t sum = 0;
  for (uint16_t i = 0; i < inputs; ++i) sum += x[i];
  return static_cast<uint32_t>(sum) * nibbles::raised;
}

}  // namespace

void dense_s4(const DenseS8& layer, const int8_t* x, int8_t* y) {
  const auto* columns = reinterpret_cast<const uint8_t*>(layer.weights);
  const uint32_t raised = raised_sum(x, layer.inputs);
  const uint32_t group_bytes = nibbles::column_bytes * layer.inputs;
  for (uint32_t first = 0; first < layer.outputs; first += nibbles::rows, columns += group_bytes) {
    const Sums sums = group_sums(columns, x, layer.inputs);
    for (uint32_t r = 0; r < nibbles::rows && first + r < layer.outputs; ++r)
      y[first + r] = finish_row(layer, static_cast<uint16_t>(first + r),
                                static_cast<int32_t>(sums.row[r] - raised));
  }
}

}  // namespace kernels
}  // namespace haltere
