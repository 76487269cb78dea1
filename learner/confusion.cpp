#include "learner/confusion.hpp"

#include <algorithm>
#include <utility>

namespace haltere::learner {

namespace {

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

}  // namespace

void Confusion::fade(double factor) {
  for (double& count : counts_) count *= factor;
  total_ *= factor;
}

void Confusion::clear() {
  std::ranges::fill(counts_, 0.0);
  total_ = 0.0;
}

void Confusion::add_class() {
  std::vector<double> wider((classes_ + 1) * (classes_ + 1), 0.0);
  for (std::size_t truth = 0; truth < classes_; ++truth)
    for (std::size_t answer = 0; answer < classes_; ++answer)
      wider[truth * (classes_ + 1) + answer] = count(truth, answer);
  counts_ = std::move(wider);
  ++classes_;
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

}  // namespace haltere::learner
