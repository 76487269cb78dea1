#include "models/kernels/dense_s8.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/fixed_point.hpp"

namespace haltere {
namespace kernels {
namespace {

int8_t finish_row(const DenseS8& layer, uint16_t row, int32_t sum) {
  const size_t at = size_t{row} * 4;
  const int32_t scaled = requantize(sum + load_i32(layer.layer_bias + at),
                                    load_i32(layer.multipliers + at), layer.shifts[row]) +
                         layer.output_zero_point;
  if (scaled < layer.clamp_min) return layer.clamp_min;
  if (scaled > layer.clamp_max) return layer.clamp_max;
  return static_cast<int8_t>(scaled);
}

}  // namespace

void dense_s8_portable(const DenseS8& layer, const int8_t* x, int8_t* y) {
  const size_t inputs = layer.inputs;
  const int8_t* w = layer.weights;
  uint16_t row = 0;
  for (; row + 4 <= layer.outputs; row = static_cast<uint16_t>(row + 4), w += 4 * inputs) {
    int32_t sum0 = 0;
    int32_t sum1 = 0;
    int32_t sum2 = 0;
    int32_t sum3 = 0;
    const int8_t* w2 = w + 2 * inputs;
    for (size_t i = 0; i < inputs; ++i) {  // one load of x serves four rows
      sum0 += w[i] * x[i];
      sum1 += w[inputs + i] * x[i];
      sum2 += w2[i] * x[i];
      sum3 += w2[inputs + i] * x[i];
    }
    y[row] = finish_row(layer, row, sum0);
    y[row + 1] = finish_row(layer, static_cast<uint16_t>(row + 1), sum1);
    y[row + 2] = finish_row(layer, static_cast<uint16_t>(row + 2), sum2);
    y[row + 3] = finish_row(layer, static_cast<uint16_t>(row + 3), sum3);
  }
  for (; row < layer.outputs; ++row, w += inputs) {
    int32_t sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += w[i] * x[i];
    y[row] = finish_row(layer, row, sum);
  }
}

void dense_s8(const DenseS8& layer, const int8_t* x, int8_t* y) {
  switch (layer.packing) {
    case WeightPacking::plain: dense_s8_portable(layer, x, y); return;
  }
}

}  // namespace kernels
}  // namespace haltere
