#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "learner/archive.hpp"
#include "learner/drift.hpp"

namespace haltere::learner {

struct AdwinSettings {
  double delta = 0.002;            ///< confidence that a cut is none
  double warning_delta = 0.02;     ///< ten times as loose, as Gomes et al. (Machine Learning, 2017)
  std::uint32_t check_every = 32;  ///< values between two looks at the cuts
  DriftDirection direction = DriftDirection::rise;
};

/// Adaptive windowing: Bifet, Gavalda, "Learning from Time-Changing Data with Adaptive Windowing",
/// SDM 2007 (ADWIN2). Keeps a window of the values since the last change as an exponential
/// histogram, at most 5 buckets of each size 2^k, and drops its oldest bucket as long as the means
/// of some older and newer part differ by more than
///   sqrt(2 v ln(2 ln(n) / delta) / m) + 2 ln(2 ln(n) / delta) / (3 m),
/// m = 1 / (1 / n0 + 1 / n1), v the window's variance. Values are meant to lie in 0..1.
class Adwin {
 public:
  explicit Adwin(AdwinSettings settings = {}) : settings_(settings) {}

  /// Takes in a finite value; any other is counted and changes nothing. Bounded work: at most one
  /// merge per size, and a look at every bucket when it is time and after every cut.
  DriftLevel update(double value);

  void reset();
  /// Values in the window, and their mean (0 while there are none).
  [[nodiscard]] std::uint64_t width() const { return width_; }
  [[nodiscard]] double mean() const;
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  void exchange(Archive& archive);

  /// The window reaches back at most 5 * 2^20 values.
  static constexpr std::size_t sizes = 20;
  static constexpr std::size_t per_size = 5;

 private:
  struct Bucket {
    double sum = 0.0;
    double variance = 0.0;  ///< sum of squared deviations from the bucket's mean
  };
  /// Buckets of 2^k values, oldest first.
  struct Row {
    std::array<Bucket, per_size + 1> buckets{};
    std::uint32_t count = 0;
  };
  struct Cut {
    DriftLevel level = DriftLevel::stable;
    bool rises = false;
  };

  void append(double value);
  void compress();
  void drop_oldest();
  [[nodiscard]] std::size_t oldest_row() const;
  [[nodiscard]] Cut find_cut() const;
  [[nodiscard]] Cut judge_cut(double older_count, double older_sum, double log_drift,
                              double log_warning) const;
  DriftLevel shrink();

  AdwinSettings settings_;
  std::array<Row, sizes> rows_{};
  std::uint64_t width_ = 0;
  double sum_ = 0.0;
  double variance_ = 0.0;
  std::uint32_t until_check_ = 0;
  DriftLevel level_ = DriftLevel::stable;
  std::uint64_t refused_ = 0;
};

}  // namespace haltere::learner
