#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "learner/archive.hpp"
#include "learner/drift.hpp"
#include "models/random.hpp"

namespace haltere::learner {

struct KswinSettings {
  double alpha = 0.005;
  double warning_alpha = 0.05;  ///< ours: the paper has no warning
  DriftDirection direction = DriftDirection::either;
  std::uint64_t seed = 1;
};

/// Kolmogorov-Smirnov windowing: Raab, Heusinger, Schleif, "Reactive Soft Prototype Computing for
/// Concept Drift Streams", Neurocomputing 416, 2020. Of the last 100 values the newest 30 are
/// compared with 30 drawn from the older 70; drift when the largest distance of their distribution
/// functions exceeds sqrt(-ln(alpha) / 30). After it only the newest 30 are kept.
class Kswin {
 public:
  explicit Kswin(KswinSettings settings = {});

  /// Takes in a finite value; any other is counted and changes nothing.
  DriftLevel update(double value);

  void reset();
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  void exchange(Archive& archive);

  static constexpr std::size_t window = 100;
  static constexpr std::size_t sample = 30;

 private:
  using Sample = std::array<double, sample>;

  [[nodiscard]] double at(std::size_t age_rank) const;
  Sample draw_older();
  [[nodiscard]] Sample newest() const;

  KswinSettings settings_;
  double drift_distance_;
  double warning_distance_;
  models::Random random_;
  std::array<double, window> values_{};  ///< ring
  std::uint32_t first_ = 0;              ///< where the oldest stands
  std::uint32_t count_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace haltere::learner
