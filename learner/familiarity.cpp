#include "learner/familiarity.hpp"

namespace haltere::learner {

namespace {

constexpr double half_life_rows = 2000.0;
constexpr std::uint64_t refresh_every = 32;

/// Rows before the distance to the nearest prototype says something.
constexpr std::uint64_t settling_rows = 64;

}  // namespace

Familiarity::Familiarity(std::size_t inputs, double share)
    : share_(0.5 * share),
      units_(share > 0.0 ? inputs : 0, 1.0F),
      known_(share > 0.0 ? inputs : 0, share > 0.0 ? prototypes : 1),
      confidences_(half_life_rows),
      distances_({.false_alarm_rate = 0.5 * share, .half_life = half_life_rows}) {}

bool Familiarity::is_unknown(std::span<const float> row, float confidence) const {
  if (share_ <= 0.0 || rows_ < rows_before_judgement) return false;
  return confidence < least_confidence_ || known_.score(row, units_) > distances_.threshold();
}

void Familiarity::learn(std::span<const float> row, float confidence, bool right) {
  if (share_ <= 0.0) return;
  ++rows_;
  if (right) confidences_.add(confidence);
  if (rows_ > settling_rows) distances_.add(known_.score(row, units_));
  known_.update(row, units_);
  if (rows_ >= rows_before_judgement && rows_ % refresh_every == 0)
    least_confidence_ = confidences_.at(share_);
}

void Familiarity::exchange(Archive& archive) {
  if (share_ <= 0.0) return;
  known_.exchange(archive);
  confidences_.exchange(archive);
  distances_.exchange(archive);
  archive.exchange(least_confidence_);
  archive.exchange(rows_);
}

}  // namespace haltere::learner
