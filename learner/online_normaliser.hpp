#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// Normalised values are kept within ±this, so that no outlier takes over a step.
inline constexpr float normalised_limit = 8.0F;

/// Running mean and deviation of each feature: the plain average of all rows at first, an
/// exponential one over about `memory` rows later, so that it follows a lasting change.
class OnlineNormaliser {
 public:
  OnlineNormaliser(std::size_t inputs, std::size_t memory);

  /// Begins with means and deviations [inputs] that are as good as known from `memory` rows.
  void begin_with(std::span<const float> mean, std::span<const float> deviation);

  /// Whether as many rows were seen as count.
  [[nodiscard]] bool is_settled() const { return rows_ >= memory_; }

  /// Takes in one finite row [inputs].
  void update(std::span<const float> row);

  /// Gives all rows so far the weight of at most `rows` >= 17, so that what comes is followed fast.
  void weigh_past_as(std::uint64_t rows) { rows_ = std::min(rows_, rows); }

  /// out = (row - mean) / deviation, within ±normalised_limit; within less of the first rows, whose
  /// deviation says little yet: nothing is known after one, half a deviation after two, and so on.
  void apply(std::span<const float> row, std::span<float> out) const;

  [[nodiscard]] std::span<const float> mean() const { return mean_; }
  /// Always > 0: 1 for a feature that did not vary.
  [[nodiscard]] std::span<const float> deviation() const { return deviation_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  void exchange(Archive& archive);

 private:
  void refresh(std::size_t input);

  std::uint64_t rows_ = 0;
  std::size_t memory_;
  std::vector<double> center_;  ///< exact running mean
  std::vector<double> variance_;
  std::vector<float> mean_;  ///< as used: the same numbers the quantizer gets
  std::vector<float> deviation_;
};

/// True if every value is finite and small enough that its square is too.
[[nodiscard]] bool is_usable(std::span<const float> row);

}  // namespace haltere::learner
