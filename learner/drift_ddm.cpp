#include "learner/drift_ddm.hpp"

#include <cmath>

namespace haltere::learner {

void Ddm::reset() {
  count_ = 0;
  errors_ = 0.0;
  lowest_rate_ = 2.0;
  lowest_deviation_ = 0.0;
}

DriftLevel Ddm::update(double value) {
  if (!(value >= 0.0 && value <= 1.0)) {
    ++refused_;
    return DriftLevel::stable;
  }
  ++count_;
  errors_ += value;
  if (count_ < settings_.min_values) return DriftLevel::stable;
  const auto count = static_cast<double>(count_);
  const double rate = (errors_ + 1.0) / (count + 2.0);
  const double deviation = std::sqrt(rate * (1.0 - rate) / count);
  if (rate + deviation < lowest_rate_ + lowest_deviation_) {
    lowest_rate_ = rate;
    lowest_deviation_ = deviation;
  }
  const double excess = rate + deviation - lowest_rate_;
  if (excess >= settings_.drift_deviations * lowest_deviation_) {
    reset();
    return DriftLevel::drift;
  }
  return excess >= settings_.warning_deviations * lowest_deviation_ ? DriftLevel::warning
                                                                    : DriftLevel::stable;
}

void Ddm::exchange(Archive& archive) {
  archive.exchange(count_);
  archive.exchange(errors_);
  archive.exchange(lowest_rate_);
  archive.exchange(lowest_deviation_);
  archive.exchange(refused_);
}

}  // namespace haltere::learner
