#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/network.hpp"
#include "models/quantizer_ranges.hpp"

namespace haltere::learner {

/// Rows kept in memory, for nets that are trained on them again and again.
struct FitRows {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<float> x;        ///< [count][inputs], normalised
  std::vector<float> targets;  ///< [count][outputs]: shares of all classes, or values

  [[nodiscard]] std::size_t count() const { return inputs == 0 ? 0 : x.size() / inputs; }
};

struct FitSettings {
  std::size_t steps = 3000;
  std::size_t batch = 32;
  float rate = 0.004F;  ///< of the first step; it falls to 0 as a quarter of a cosine
  std::uint64_t seed = 1;
  /// Quantization-aware: grids of the hidden layers' activations; the weights are rounded as
  /// `models::quantize` would, too. Empty = float.
  std::vector<models::Quantization> grids{};
  /// Then layers of at least as many weights learn int4 ones; they leave on their grid.
  std::size_t int4_from = SIZE_MAX;
};

/// Trains `network` with Adam on `rows` in random order, by cross entropy against shares where its
/// last layer is softmax, else by squared errors. Deterministic on one kind of CPU.
void fit(models::Network& network, const FitRows& rows, const FitSettings& settings);

/// The answers of `network` to all rows, [count][outputs].
[[nodiscard]] std::vector<float> answers(const models::Network& network, const FitRows& rows);

}  // namespace haltere::learner
