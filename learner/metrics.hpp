#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haltere::learner {

class Archive;

/// Counts of (truth, answer) pairs and what follows from them.
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes, 0.0) {}

  void add(std::size_t truth, std::size_t answer) {
    counts_[truth * classes_ + answer] += 1.0;
    total_ += 1.0;
  }
  /// Multiplies every count, so that old pairs fade.
  void fade(double factor);
  void clear();

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

/// Test-then-train figures of a classifier since the start and fading, beside two answers that need
/// no model: "as last time" and "the commonest so far".
class ClassMetrics {
 public:
  /// A pair's weight in `recent` halves every `half_life` rows.
  explicit ClassMetrics(std::size_t classes, double half_life = 200.0);

  /// Counts an answer that was given before `truth` was learned from.
  void add(std::size_t truth, std::size_t answer);

  [[nodiscard]] const Confusion& all() const { return all_; }
  [[nodiscard]] const Confusion& recent() const { return recent_; }
  [[nodiscard]] double no_change_accuracy() const;
  [[nodiscard]] double majority_accuracy() const;

  void exchange(Archive& archive);

 private:
  Confusion all_;
  Confusion recent_;
  std::vector<double> seen_;
  double factor_;
  double no_change_hits_ = 0.0;
  double majority_hits_ = 0.0;
  std::uint32_t last_ = 0;
  std::uint32_t majority_ = 0;
};

/// Sums from which errors of a regression follow.
class ErrorSums {
 public:
  void add(double truth, double answer);
  void fade(double factor);

  [[nodiscard]] double count() const { return count_; }
  [[nodiscard]] double mae() const;
  [[nodiscard]] double rmse() const;
  /// 1 - squared error / squared deviation of the truth from its mean; 0 while that is 0.
  [[nodiscard]] double r2() const;

  void exchange(Archive& archive);

 private:
  double count_ = 0.0;
  double absolute_ = 0.0;
  double squared_ = 0.0;
  double mean_ = 0.0;       ///< of the truth
  double deviation_ = 0.0;  ///< sum of squared deviations of the truth
};

/// Test-then-train figures of a regression, in the target's unit.
class RegressionMetrics {
 public:
  explicit RegressionMetrics(double half_life = 200.0);

  void add(double truth, double answer);

  [[nodiscard]] const ErrorSums& all() const { return all_; }
  [[nodiscard]] const ErrorSums& recent() const { return recent_; }
  /// Of the answer "as last time".
  [[nodiscard]] const ErrorSums& no_change() const { return no_change_; }

  void exchange(Archive& archive);

 private:
  ErrorSums all_;
  ErrorSums recent_;
  ErrorSums no_change_;
  double factor_;
  double last_ = 0.0;
  bool any_ = false;
};

/// Area under the ROC curve: the chance that a positive scores above a negative, ties half.
/// `scores` and `positive` have the same size; 0.5 when a side is empty. O(n log n).
[[nodiscard]] double roc_auc(std::span<const float> scores, std::span<const std::uint8_t> positive);

}  // namespace haltere::learner
