#pragma once

#include <array>
#include <cstddef>

#include "learner/archive.hpp"

namespace haltere::learner {

/// How far confidence is from the share of right answers: expected calibration error over 15 equal
/// bins (Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017).
class Calibration {
 public:
  /// Counts an answer given with `confidence` in 0..1.
  void add(double confidence, bool right, double weight = 1.0);
  void fade(double factor);

  /// Mean over the answers of |confidence - share right| of their bin; 0 while there are none.
  [[nodiscard]] double error() const;

  void exchange(Archive& archive);

  static constexpr std::size_t bins = 15;

 private:
  std::array<double, bins> surplus_{};  ///< of confidence over right answers, weighted
  double total_ = 0.0;
};

}  // namespace haltere::learner
