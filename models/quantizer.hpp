#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/network.hpp"

namespace haltere::models {

/// How the range of a tensor is chosen from what calibration saw.
enum class RangeRule {
  min_max,      ///< nothing clips
  least_error,  ///< the narrower range with the smallest mean squared error
};

/// What the float network was fed with: rows of raw features and how they were normalised,
/// (x - mean) / std.
struct Calibration {
  std::span<const float> rows;  ///< [count][inputs], raw; at least one row
  std::span<const float> mean;  ///< [inputs]
  std::span<const float> std;   ///< [inputs], > 0
  float limit = 8.0F;           ///< normalised values were kept within +-limit
  RangeRule range = RangeRule::least_error;
  bool per_channel = true;  ///< weights: a scale per output, else one per layer
  /// Takes from each output's layer_bias what rounding the weights adds to its sums on average over
  /// the rows (Nagel et al., "Data-Free Quantization", 2019, section 4.2, with data).
  bool correct_bias = false;
  std::size_t int4_from = SIZE_MAX;  ///< layers of at least as many weights get int4 ones
  /// [layers] of what a layer puts out after relu, as 6 of relu6; may be infinite. Empty: none.
  std::span<const float> ceilings{};
};

/// Post-training quantization of `network`: fills scales, normalisation, layers and the self-test
/// vector of `draft`, which brings task, provenance, recipe, labels and thresholds; encode the
/// result. regress: draft.output_scales hold the target's {std, mean} and leave with the output
/// scale in them. anomaly: the output is quantized like the input. Deterministic: same inputs, same
/// bytes. Errors: invalid for sizes that do not fit each other, no rows, or parameters that are not
/// finite.
[[nodiscard]] Result<Bundle> quantize(const Network& network, const Calibration& calibration,
                                      Bundle draft);

/// `real` as Q0.31 multiplier and power of two: real = multiplier / 2^31 * 2^shift, as TFLite does
/// it; 0 below 2^-32. `real` >= 0 and finite.
struct FixedMultiplier {
  std::int32_t multiplier = 0;
  int shift = 0;
};
[[nodiscard]] FixedMultiplier fixed_multiplier(double real);

}  // namespace haltere::models
