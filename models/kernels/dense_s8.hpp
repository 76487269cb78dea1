#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// How a layer's weights are laid out: as they are, in half the bytes, or packed for one core
/// class. A core refuses the ones it has no kernel for. The codes are part of the bundle format.
enum class WeightPacking : uint8_t {
  plain = 0,    ///< int8 W [outputs][inputs]; every core
  dual = 1,     ///< ARMv7E-M: two products per instruction
  pairs = 2,    ///< ARMv7-M: two rows per multiplication
  columns = 3,  ///< ARMv6-M: four rows per load; AVR
  bytes = 4,    ///< RV32IM: four rows side by side, nothing to prepare
  nibbles = 5,  ///< int4, two to a byte, every core; of single layers, not of a bundle
};
constexpr uint8_t weight_packings = 5;  ///< that a bundle as a whole may have

/// Bit n: this core runs weights of packing n. Host and unknown cores run all, though the packed
/// ones more slowly than the plain ones.
constexpr uint32_t supported_packings =
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
    1U << static_cast<uint8_t>(WeightPacking::plain) |
    1U << static_cast<uint8_t>(WeightPacking::dual);
#elif defined(__thumb2__)
    1U << static_cast<uint8_t>(WeightPacking::plain) |
    1U << static_cast<uint8_t>(WeightPacking::pairs);
#elif defined(__thumb__)
    1U << static_cast<uint8_t>(WeightPacking::plain) |
    1U << static_cast<uint8_t>(WeightPacking::columns);
#elif defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul)
    1U << static_cast<uint8_t>(WeightPacking::plain) |
    1U << static_cast<uint8_t>(WeightPacking::bytes);
#elif defined(__AVR__)
    1U << static_cast<uint8_t>(WeightPacking::plain) |
    1U << static_cast<uint8_t>(WeightPacking::columns);
#else
    (1U << weight_packings) - 1U;
#endif

/// One int8 dense layer; the arrays may lie in flash. int32 arrays are little-endian and 4-aligned.
struct DenseS8 {
  uint16_t inputs;
  uint16_t outputs;
  WeightPacking packing;
  int8_t clamp_min;  ///< fused activation: relu has its zero point here
  int8_t clamp_max;
  int8_t output_zero_point;
  // Plain weights and nibbles only; packed ones have all of it in their groups.
  const uint8_t* multipliers;  ///< int32 [outputs], Q0.31, 0 or >= 2^30
  const uint8_t* layer_bias;   ///< int32 [outputs], with -input_zero_point * sum(w) folded in
  const int8_t* shifts;        ///< [outputs], -31..15
  const int8_t* weights;       ///< as `packing` says; all but plain: 4-aligned
};

/// Bytes of workspace that the kernel of `packing` needs for `inputs`: the inputs, prepared for it.
constexpr uint32_t workspace_bytes(WeightPacking packing, uint16_t inputs) {
  return packing == WeightPacking::dual      ? 2U * ((inputs + 3U) & ~3U)
         : packing == WeightPacking::pairs   ? 6U * ((inputs + 3U) & ~3U)
         : packing == WeightPacking::columns ? (inputs + 3U) & ~3U
                                             : 0U;
}

/// y[o] = clamp(zero_point + requantize(layer_bias[o] + sum_i W[o][i] * x[i], multiplier[o],
/// shift[o])) of plain weights. x [inputs], y [outputs]; they must not overlap. The reference:
/// every other kernel gives these bytes.
void dense_s8(const DenseS8& layer, const int8_t* x, int8_t* y);

/// The same of packed weights, without the clamp: step by step what the core class's kernel in
/// assembly computes, of any groups, also of ones that no packer makes. For cores that have none,
/// and for tests. models/format.md gives the arithmetic.
void dense_s8_packed(const DenseS8& layer, const int8_t* x, int8_t* y);

}  // namespace kernels
}  // namespace haltere

#if defined(__thumb__) || (defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul)) || \
    (defined(__AVR__) && defined(__AVR_HAVE_MUL__))
#define HALTERE_ASSEMBLY_KERNEL 1
/// The kernel of this core's packing: dense_s8_packed in assembly. `shape`: inputs | outputs << 16;
/// workspace [workspace_bytes], 4-aligned. Returns the end of the groups.
extern "C" const uint8_t* haltere_dense_s8_groups(const int8_t* x, const uint8_t* groups, int8_t* y,
                                                  uint32_t shape, void* workspace);
#endif
