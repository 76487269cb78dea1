#include "mcu/firmware/debounce.hpp"

namespace haltere {
namespace firmware {

void Debounce::clear() {
  next_ = 0;
  known_ = 0;
  decision_ = -1;
}

bool Debounce::take(int16_t verdict) {
  verdicts_[next_] = verdict;
  next_ = static_cast<uint8_t>((next_ + 1) % link::most_votes);
  if (known_ < link::most_votes) ++known_;
  const uint8_t looked_at = known_ < of_ ? known_ : of_;
  uint8_t votes = 0;
  for (uint8_t back = 1; back <= looked_at; ++back) {
    if (verdicts_[(next_ + link::most_votes - back) % link::most_votes] == verdict) ++votes;
  }
  if (votes < votes_ || verdict == decision_) return false;
  decision_ = verdict;
  return true;
}

}  // namespace firmware
}  // namespace haltere
