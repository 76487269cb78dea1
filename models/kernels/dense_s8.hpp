#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// How a layer's weights are laid out. Other values are layouts for one core class; a core refuses
/// the ones it has no kernel for.
enum class WeightPacking : uint8_t {
  plain = 0,  ///< int8 W [outputs][inputs]
};

/// One int8 dense layer; the arrays may lie in flash. int32 arrays are little-endian and 4-aligned.
struct DenseS8 {
  uint16_t inputs;
  uint16_t outputs;
  WeightPacking packing;
  int8_t clamp_min;  ///< fused activation: relu has its zero point here
  int8_t clamp_max;
  int8_t output_zero_point;
  const uint8_t* multipliers;  ///< int32 [outputs], Q0.31, 0 or >= 2^30
  const uint8_t* layer_bias;   ///< int32 [outputs], with -input_zero_point * sum(w) folded in
  const int8_t* shifts;        ///< [outputs], -31..15
  const int8_t* weights;       ///< as `packing` says
};

/// y[o] = clamp(zero_point + requantize(layer_bias[o] + sum_i W[o][i] * x[i], multiplier[o],
/// shift[o])). x [inputs], y [outputs]; they must not overlap. Uses the core's fastest kernel for
/// the packing.
void dense_s8(const DenseS8& layer, const int8_t* x, int8_t* y);

/// The reference for `WeightPacking::plain`: every other kernel gives these bytes.
void dense_s8_portable(const DenseS8& layer, const int8_t* x, int8_t* y);

}  // namespace kernels
}  // namespace haltere
