#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "learner/archive.hpp"
#include "learner/quantile.hpp"

namespace haltere::learner {

struct TailSettings {
  double false_alarm_rate = 1e-5;  ///< wanted share of normal scores above the threshold
  double half_life = 2000.0;       ///< scores after which one weighs half
};

/// The share of normal rows that may alarm so that a stream of `rows_per_second` alarms falsely
/// `alarms_per_day` times; at most 1 in 100.
[[nodiscard]] double false_alarm_rate(double alarms_per_day, double rows_per_second);

/// An alarm threshold for scores >= 0 from the tail of those seen: peaks over a high quantile t,
/// fitted by a generalised Pareto distribution (Siffer, Fouque, Termier, Largouet, "Anomaly
/// Detection in Streams with Extreme Value Theory", KDD 2017: SPOT), by probability-weighted
/// moments (Hosking and Wallis, Technometrics 29, 1987):
///   threshold = t + sigma / xi ((rate / share above t)^-xi - 1).
/// t has about 50 scores above it, and 2 % to 20 % of them all. Infinite until 50 scores came.
class TailThreshold {
 public:
  explicit TailThreshold(TailSettings settings = {});

  /// Takes in the score of a row held to be normal; one that is not finite or < 0 changes nothing.
  void add(float score);

  [[nodiscard]] float threshold() const { return threshold_; }
  /// The middle of the scores so far: the unit in which different scores compare. Visits a few
  /// thousand bins.
  [[nodiscard]] float median() const { return scores_.at(0.5); }
  [[nodiscard]] std::uint64_t count() const { return count_; }

  void exchange(Archive& archive);

  static constexpr std::uint64_t min_scores = 50;
  static constexpr std::size_t max_peaks = 200;

 private:
  void refit();
  [[nodiscard]] std::size_t copy_excesses(std::array<double, max_peaks>& excesses) const;

  TailSettings settings_;
  FadingQuantile scores_;
  std::uint64_t count_ = 0;
  float start_ = 0.0F;                    ///< t: where the tail begins
  double share_ = 0.2;                    ///< of the scores above it
  std::array<float, max_peaks> peaks_{};  ///< ring of scores that were above t
  std::uint32_t peak_count_ = 0;
  std::uint32_t next_peak_ = 0;
  float threshold_;
};

}  // namespace haltere::learner
