#include "learner/class_weights.hpp"

#include <algorithm>
#include <cassert>

namespace haltere::learner {

ClassWeights::ClassWeights(const LearnSettings& settings, std::size_t classes, std::size_t max_rows)
    : balanced_(settings.balance_classes && classes > 0),
      listed_(classes > 0 ? settings.class_weights : std::vector<float>()),
      counts_(classes, 0.0),
      by_class_(classes, 1.0F),
      by_row_(classes > 0 ? max_rows : 0, 1.0F) {}

/// Takes the rows into the fading counts, and renews the weights of the classes.
void ClassWeights::count(std::span<const std::int32_t> labels) {
  const double kept = std::max(0.0, 1.0 - static_cast<double>(labels.size()) / memory_rows);
  for (double& count : counts_) count *= kept;
  for (const std::int32_t label : labels) counts_[static_cast<std::size_t>(label)] += 1.0;
  double all = 0.0;
  double seen = 0.0;
  for (const double count : counts_) {
    all += count;
    seen += count > 0.0 ? 1.0 : 0.0;
  }
  for (std::size_t c = 0; c < counts_.size(); ++c)
    if (counts_[c] > 0.0)
      by_class_[c] = static_cast<float>(std::min(largest, all / (seen * counts_[c])));
}

std::span<const float> ClassWeights::weigh(std::span<const std::int32_t> labels) {
  assert(any() && labels.size() <= by_row_.size());
  if (balanced_) count(labels);
  const std::vector<float>& weights = balanced_ ? by_class_ : listed_;
  for (std::size_t row = 0; row < labels.size(); ++row)
    by_row_[row] = weights[static_cast<std::size_t>(labels[row])];
  return std::span<const float>(by_row_).first(labels.size());
}

void ClassWeights::exchange(Archive& archive) {
  archive.exchange(std::span(counts_));
  archive.exchange(std::span(by_class_));
}

}  // namespace haltere::learner
