#pragma once

#include <stdint.h>

#include "mcu/link/sensing.hpp"

namespace haltere {
namespace firmware {

/// Makes decisions of verdicts: one that `votes` of the last `of` windows gave.
class Debounce {
 public:
  void set(uint8_t votes, uint8_t of) {
    votes_ = votes;
    of_ = of;
  }
  uint8_t votes() const { return votes_; }
  uint8_t of() const { return of_; }

  /// Forgets all verdicts; the decision is "unknown".
  void clear();

  /// True when `verdict` changes the decision.
  bool take(int16_t verdict);
  int16_t decision() const { return decision_; }

 private:
  int16_t verdicts_[link::most_votes] = {};
  uint8_t next_ = 0;
  uint8_t known_ = 0;
  uint8_t votes_ = 2;
  uint8_t of_ = 3;
  int16_t decision_ = -1;
};

}  // namespace firmware
}  // namespace haltere
