#include "learner/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learner/archive.hpp"

namespace haltere::learner {

namespace {

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

/// Factor per row that halves a weight after `half_life` rows. Only reported figures depend on it.
double fading_factor(double half_life) { return std::exp2(-1.0 / half_life); }

}  // namespace

void Confusion::fade(double factor) {
  for (double& count : counts_) count *= factor;
  total_ *= factor;
}

void Confusion::clear() {
  std::ranges::fill(counts_, 0.0);
  total_ = 0.0;
}

double Confusion::accuracy() const {
  double hits = 0.0;
  for (std::size_t c = 0; c < classes_; ++c) hits += count(c, c);
  return ratio(hits, total_);
}

double Confusion::kappa() const {
  if (total_ <= 0.0) return 0.0;
  double chance = 0.0;
  for (std::size_t c = 0; c < classes_; ++c) {
    double truths = 0.0;
    double answers = 0.0;
    for (std::size_t other = 0; other < classes_; ++other) {
      truths += count(c, other);
      answers += count(other, c);
    }
    chance += truths * answers / (total_ * total_);
  }
  return chance < 1.0 ? (accuracy() - chance) / (1.0 - chance) : 0.0;
}

double Confusion::macro_f1() const {
  double sum = 0.0;
  double occurring = 0.0;
  for (std::size_t c = 0; c < classes_; ++c) {
    double mentions = 0.0;  // truths + answers
    for (std::size_t other = 0; other < classes_; ++other)
      mentions += count(c, other) + count(other, c);
    if (mentions <= 0.0) continue;
    occurring += 1.0;
    sum += 2.0 * count(c, c) / mentions;
  }
  return ratio(sum, occurring);
}

double Confusion::recall(std::size_t truth) const {
  double truths = 0.0;
  for (std::size_t answer = 0; answer < classes_; ++answer) truths += count(truth, answer);
  return ratio(count(truth, truth), truths);
}

void Confusion::exchange(Archive& archive) {
  archive.exchange(std::span(counts_));
  archive.exchange(total_);
}

ClassMetrics::ClassMetrics(std::size_t classes, double half_life)
    : all_(classes), recent_(classes), seen_(classes, 0.0), factor_(fading_factor(half_life)) {}

void ClassMetrics::add(std::size_t truth, std::size_t answer) {
  if (all_.total() > 0.0) {
    no_change_hits_ += last_ == truth ? 1.0 : 0.0;
    majority_hits_ += majority_ == truth ? 1.0 : 0.0;
  }
  all_.add(truth, answer);
  recent_.fade(factor_);
  recent_.add(truth, answer);
  seen_[truth] += 1.0;
  last_ = static_cast<std::uint32_t>(truth);
  if (seen_[truth] > seen_[majority_]) majority_ = last_;
}

double ClassMetrics::no_change_accuracy() const { return ratio(no_change_hits_, all_.total()); }
double ClassMetrics::majority_accuracy() const { return ratio(majority_hits_, all_.total()); }

void ClassMetrics::exchange(Archive& archive) {
  all_.exchange(archive);
  recent_.exchange(archive);
  archive.exchange(std::span(seen_));
  archive.exchange(no_change_hits_);
  archive.exchange(majority_hits_);
  archive.exchange(last_);
  archive.exchange(majority_);
  if (last_ >= seen_.size() || majority_ >= seen_.size()) archive.fail();
}

void ErrorSums::add(double truth, double answer) {
  const double error = answer - truth;
  count_ += 1.0;
  absolute_ += std::abs(error);
  squared_ += error * error;
  const double offset = truth - mean_;
  mean_ += offset / count_;
  deviation_ += offset * (truth - mean_);
}

void ErrorSums::fade(double factor) {
  count_ *= factor;
  absolute_ *= factor;
  squared_ *= factor;
  deviation_ *= factor;
}

double ErrorSums::mae() const { return ratio(absolute_, count_); }
double ErrorSums::rmse() const { return std::sqrt(ratio(squared_, count_)); }
double ErrorSums::r2() const { return deviation_ > 0.0 ? 1.0 - squared_ / deviation_ : 0.0; }

void ErrorSums::exchange(Archive& archive) {
  archive.exchange(count_);
  archive.exchange(absolute_);
  archive.exchange(squared_);
  archive.exchange(mean_);
  archive.exchange(deviation_);
}

RegressionMetrics::RegressionMetrics(double half_life) : factor_(fading_factor(half_life)) {}

void RegressionMetrics::add(double truth, double answer) {
  if (any_) no_change_.add(truth, last_);
  all_.add(truth, answer);
  recent_.fade(factor_);
  recent_.add(truth, answer);
  last_ = truth;
  any_ = true;
}

void RegressionMetrics::exchange(Archive& archive) {
  all_.exchange(archive);
  recent_.exchange(archive);
  no_change_.exchange(archive);
  archive.exchange(last_);
  archive.exchange(any_);
}

double roc_auc(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  const auto is_positive = [&](std::size_t i) { return positive[i] != 0; };
  const auto positives = static_cast<double>(std::ranges::count_if(order, is_positive));
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0.0 || negatives == 0.0) return 0.5;
  double rank_sum = 0.0;
  for (auto first = order.begin(); first != order.end();) {
    const float score = scores[*first];
    const auto last =
        std::find_if(first, order.end(), [&](std::size_t i) { return scores[i] != score; });
    const auto tied = static_cast<double>(std::count_if(first, last, is_positive));
    rank_sum +=
        tied * 0.5 * static_cast<double>((first - order.begin()) + 1 + (last - order.begin()));
    first = last;
  }
  return (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives);
}

}  // namespace haltere::learner
