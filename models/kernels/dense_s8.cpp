#include "models/kernels/dense_s8.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/dense_row.hpp"
#include "models/kernels/fixed_point.hpp"

namespace haltere {
namespace kernels {

int8_t finish_row(const DenseS8& layer, uint16_t row, int32_t sum) {
  const size_t at = size_t{row} * 4;
  const int32_t scaled = requantize(sum + load_i32(layer.layer_bias + at),
                                    load_i32(layer.multipliers + at), load_i8(layer.shifts + row)) +
                         layer.output_zero_point;
  if (scaled < layer.clamp_min) return layer.clamp_min;
  if (scaled > layer.clamp_max) return layer.clamp_max;
  return static_cast<int8_t>(scaled);
}

void dense_s8(const DenseS8& layer, const int8_t* x, int8_t* y) {
  const int8_t* w = layer.weights;
  for (uint16_t row = 0; row < layer.outputs; ++row, w += layer.inputs) {
    int32_t sum = 0;
    for (size_t i = 0; i < layer.inputs; ++i) sum += load_i8(w + i) * x[i];
    y[row] = finish_row(layer, row, sum);
  }
}

}  // namespace kernels
}  // namespace haltere
