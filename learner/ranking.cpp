#include "learner/ranking.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace haltere::learner {

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
