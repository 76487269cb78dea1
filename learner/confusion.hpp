#pragma once

#include <cstddef>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// Weighted counts of (truth, answer) pairs and what follows from them.
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes, 0.0) {}

  void add(std::size_t truth, std::size_t answer, double weight = 1.0) {
    counts_[truth * classes_ + answer] += weight;
    total_ += weight;
  }
  /// Multiplies every count, so that old pairs fade.
  void fade(double factor);
  void clear();
  /// One class more, of which nothing was counted.
  void add_class();

  [[nodiscard]] std::size_t classes() const { return classes_; }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] double count(std::size_t truth, std::size_t answer) const {
    return counts_[truth * classes_ + answer];
  }

  /// Shares in 0..1; 0 while nothing was counted.
  [[nodiscard]] double accuracy() const;
  /// Cohen's kappa: accuracy beyond chance; 0 when chance alone explains everything.
  [[nodiscard]] double kappa() const;
  /// Mean F1 of the classes that occurred as truth or answer.
  [[nodiscard]] double macro_f1() const;
  /// Share of class `truth` that was found; 0 while it did not occur.
  [[nodiscard]] double recall(std::size_t truth) const;

  void exchange(Archive& archive);

 private:
  std::size_t classes_;
  std::vector<double> counts_;  ///< [truth][answer]
  double total_ = 0.0;
};

}  // namespace haltere::learner
