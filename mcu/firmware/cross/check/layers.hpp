#pragma once

#include <stdint.h>

#include "models/kernels/dense_s4.hpp"
#include "models/kernels/dense_s8.hpp"
#include "models/kernels/packed_groups.hpp"

namespace haltere {
namespace check {

#if defined(__AVR__)
constexpr uint16_t max_inputs = 21;  // 2 KiB of RAM
constexpr uint16_t max_outputs = 9;
#else
constexpr uint16_t max_inputs = 133;
constexpr uint16_t max_outputs = 23;
#endif

/// The packing of this core's kernel.
constexpr kernels::WeightPacking packing =
#if defined(__ARM_FEATURE_DSP)
    kernels::WeightPacking::dual;
#elif defined(__thumb2__)
    kernels::WeightPacking::pairs;
#elif defined(__riscv)
    kernels::WeightPacking::bytes;
#else
    kernels::WeightPacking::columns;
#endif

constexpr uint32_t max_groups_bytes = kernels::packed_groups::layer_bytes(max_inputs, max_outputs);

/// xorshift32.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  uint32_t below(uint32_t limit) { return (next() >> 8) % limit; }
  int32_t between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(below(static_cast<uint32_t>(high - low) + 1U));
  }

 private:
  uint32_t state_;
};

/// A layer with plain weights that every packing can hold, and its inputs.
struct Layer {
  uint16_t inputs;
  uint16_t outputs;
  int8_t clamp_min;
  int8_t clamp_max;
  int8_t output_zero_point;
  int8_t x[max_inputs];
  int8_t weights[uint32_t{max_inputs} * max_outputs];
  int32_t layer_bias[max_outputs];
  int32_t multipliers[max_outputs];
  int8_t shifts[max_outputs];  ///< to the left: -1..-22

  kernels::DenseS8 dense(const uint8_t* groups) const;
};

/// Any shape; weights and inputs small, of all sizes, or nothing but extremes; scales of the layer
/// or of each row; with and without a clamp.
void draw(Random& random, Layer& layer);

/// The layer as this core wants it, by models/format.md. groups [max_groups_bytes], 4-aligned.
void pack(const Layer& layer, uint8_t* groups);

/// Leaves only four bits of each weight, and writes them as nibbles. out [max_groups_bytes].
void pack_nibbles(Layer& layer, uint8_t* out);

/// Groups that no layer gives: everything random but what a bundle is refused for.
void draw_groups(Random& random, uint16_t inputs, uint16_t outputs, uint8_t* groups);

}  // namespace check
}  // namespace haltere
