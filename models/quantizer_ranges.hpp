#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/network.hpp"
#include "models/quantizer.hpp"

namespace haltere::models {

/// real = scale * (q - zero_point).
struct Quantization {
  float scale = 1.0F;
  int zero_point = 0;
};

/// What a calibration row's values become before the first layer: normalised and limited.
[[nodiscard]] std::vector<float> normalised(const Calibration& calibration);

/// Activations of the calibration rows: `sums` before the activation, `outputs` after it.
struct LayerTrace {
  std::vector<float> sums;     ///< [rows][outputs]
  std::vector<float> outputs;  ///< [rows][outputs]
};

[[nodiscard]] LayerTrace trace_layer(const DenseLayer& layer, std::span<const float> x);

/// The nearest of -128..127.
[[nodiscard]] int quantize_value(float value, Quantization to);

/// Puts each of `values` on the nearest number that `grid` has.
void round_to(Quantization grid, std::span<float> values);

/// Quantization of what leaves a layer, given that of its sums.
[[nodiscard]] Quantization output_of(Activation activation, Quantization sums);

/// Range of `values` by `rule`.
[[nodiscard]] Quantization choose(std::span<const float> values, RangeRule rule);

/// Quantization of a layer's sums, which its clamp, table or softmax then works on.
[[nodiscard]] Quantization choose_sums(const DenseLayer& layer, LayerTrace& trace, RangeRule rule,
                                       bool is_last);

}  // namespace haltere::models
