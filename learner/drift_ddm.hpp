#pragma once

#include <cstdint>

#include "learner/archive.hpp"
#include "learner/drift.hpp"

namespace haltere::learner {

struct DdmSettings {
  double warning_deviations = 2.0;  ///< 95 % confidence
  double drift_deviations = 3.0;    ///< 99 % confidence
  std::uint64_t min_values = 30;    ///< before which nothing is said
};

/// Drift Detection Method: Gama, Medas, Castillo, Rodrigues, "Learning with Drift Detection", SBIA
/// 2004. Watches a rate of errors p with deviation s = sqrt(p (1 - p) / n); warns at p + s >= p_min
/// + 2 s_min, drift at 3 s_min, where p_min + s_min was the lowest sum so far. p is Laplace's
/// (errors + 1) / (n + 2), so that s_min is never 0 and one error after none is no drift.
class Ddm {
 public:
  explicit Ddm(DdmSettings settings = {}) : settings_(settings) {}

  /// `value`: the error of one row in 0..1. Anything else is counted and changes nothing.
  DriftLevel update(double value);

  void reset();
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  void exchange(Archive& archive);

 private:
  DdmSettings settings_;
  std::uint64_t count_ = 0;
  double errors_ = 0.0;
  double lowest_rate_ = 2.0;  ///< p_min; above any rate until the first
  double lowest_deviation_ = 0.0;
  std::uint64_t refused_ = 0;
};

}  // namespace haltere::learner
