#pragma once

#include <cstdint>

#include "learner/archive.hpp"
#include "learner/drift.hpp"

namespace haltere::learner {

struct PageHinkleySettings {
  double tolerance = 0.005;    ///< delta: change of the mean that is none, in the value's unit
  double threshold = 50.0;     ///< lambda, in the value's unit times rows
  double warning_share = 0.5;  ///< of the threshold at which a warning is given; ours
  double forgetting = 0.9999;  ///< of the sums, per value
  std::uint64_t min_values = 30;
  DriftDirection direction = DriftDirection::rise;
};

/// The Page-Hinkley test: Page, "Continuous Inspection Schemes", Biometrika 41, 1954; Mouss,
/// Mouss, Mouss, Sefouhi, ASCC 2004. m = sum of (value - mean so far - delta); drift when m exceeds
/// its minimum by lambda; falling means likewise with the signs turned. Constants as in Gama et
/// al., "A Survey on Concept Drift Adaptation", 2014, and MOA.
class PageHinkley {
 public:
  explicit PageHinkley(PageHinkleySettings settings = {}) : settings_(settings) {}

  /// Takes in a finite value; any other is counted and changes nothing.
  DriftLevel update(double value);

  void reset();
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  void exchange(Archive& archive);

 private:
  PageHinkleySettings settings_;
  std::uint64_t count_ = 0;
  double mean_ = 0.0;
  double rise_ = 0.0;  ///< m - min m
  double fall_ = 0.0;
  std::uint64_t refused_ = 0;
};

}  // namespace haltere::learner
