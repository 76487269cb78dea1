#include "models/interop/weight_scales.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "models/interop/tflite_arithmetic.hpp"
#include "models/kernels/fixed_point.hpp"

namespace haltere::models::interop {
namespace {

struct Row {
  FixedMultiplier factor;
  std::int64_t lowest_sum = 0;
  std::int64_t highest_sum = 0;
};

Row row_of(const BundleLayer& layer, std::size_t o) {
  Row row{{layer.multipliers[o], layer.shifts[o]}, layer.layer_bias[o], layer.layer_bias[o]};
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const std::int64_t w = layer.weights[o * layer.inputs + i];
    row.lowest_sum += std::min(w * -128, w * 127);
    row.highest_sum += std::max(w * -128, w * 127);
  }
  return row;
}

std::int32_t result(FixedMultiplier factor, std::int64_t sum) {
  return kernels::requantize(static_cast<std::int32_t>(sum), factor.multiplier, factor.shift);
}

/// The smallest sum of `row` whose result is at least `y`.
std::int64_t threshold(const Row& row, FixedMultiplier factor, std::int32_t y) {
  std::int64_t low = row.lowest_sum;
  std::int64_t high = row.highest_sum + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (result(factor, middle) >= y) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// Whether every sum of `row` gives the same int8 with either factor. Results grow with the sum, so
/// it is enough that each begins at the same one.
bool are_equal(const Row& row, FixedMultiplier factor, const BundleLayer& layer) {
  if (factor.multiplier == row.factor.multiplier &&
      (factor.shift == row.factor.shift || factor.multiplier == 0))
    return true;
  const std::int64_t largest = std::max(std::abs(row.lowest_sum), std::abs(row.highest_sum));
  if (factor.multiplier == 0 || row.factor.multiplier == 0 || factor.shift > 15 ||
      (factor.shift > 0 && largest > (std::numeric_limits<std::int32_t>::max() >> factor.shift)))
    return false;
  for (int y = layer.clamp_min + 1; y <= layer.clamp_max; ++y) {
    const std::int32_t wanted = y - layer.output_zero_point;
    if (threshold(row, factor, wanted) != threshold(row, row.factor, wanted)) return false;
  }
  return true;
}

/// Floats around the exact scale, the nearest first.
std::array<float, 17> candidates(FixedMultiplier factor, float input_scale, float output_scale) {
  const double real = std::ldexp(static_cast<double>(factor.multiplier), factor.shift - 31);
  const double exact = real * static_cast<double>(output_scale) / static_cast<double>(input_scale);
  const float middle = std::max(static_cast<float>(exact), std::numeric_limits<float>::min());
  std::array<float, 17> scales{};
  float above = middle;
  float below = middle;
  scales[0] = middle;
  for (std::size_t i = 1; i < scales.size(); i += 2) {
    above = std::nextafter(above, std::numeric_limits<float>::max());
    below = std::max(std::nextafter(below, 0.0F), std::numeric_limits<float>::min());
    scales[i] = above;
    scales[i + 1] = below;
  }
  return scales;
}

/// One scale that fits all of `rows`, as one for the whole tensor or as one of several.
std::optional<float> scale_for(std::span<const Row> rows, const BundleLayer& layer,
                               float input_scale, bool of_tensor) {
  for (const float scale : candidates(rows.front().factor, input_scale, layer.output_scale)) {
    const std::array<float, 2> scales{scale, scale};
    const FixedMultiplier factor =
        dense_multipliers(input_scale, std::span(scales).first(of_tensor ? 1 : 2),
                          layer.output_scale)
            .front();
    if (std::ranges::all_of(rows, [&](const Row& row) { return are_equal(row, factor, layer); }))
      return scale;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<float>> weight_scales_of(const BundleLayer& layer, float input_scale) {
  std::vector<Row> rows;
  for (std::size_t o = 0; o < layer.outputs; ++o) rows.push_back(row_of(layer, o));
  // Rows with one factor are one tensor with one scale, which all runtimes know.
  const bool alike = std::ranges::all_of(rows, [&rows](const Row& row) {
    return row.factor.multiplier == rows.front().factor.multiplier &&
           row.factor.shift == rows.front().factor.shift;
  });
  if (alike) {
    if (const auto scale = scale_for(rows, layer, input_scale, true)) return std::vector{*scale};
  }
  std::vector<float> scales;
  for (const Row& row : rows) {
    const auto scale = scale_for(std::span(&row, 1), layer, input_scale, rows.size() == 1);
    if (!scale)
      return Error{ErrorKind::invalid, "row " + std::to_string(scales.size()) +
                                           " is scaled as no weights of TensorFlow Lite are: "
                                           "quantize the model again"};
    scales.push_back(*scale);
  }
  return scales;
}

}  // namespace haltere::models::interop
