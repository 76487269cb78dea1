#include "learner/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::learner {

void Calibration::add(double confidence, bool right, double weight) {
  const double share = std::clamp(confidence, 0.0, 1.0);
  const auto bin = static_cast<std::size_t>(share * static_cast<double>(bins));
  surplus_[std::min(bin, bins - 1)] += weight * (share - (right ? 1.0 : 0.0));
  total_ += weight;
}

void Calibration::fade(double factor) {
  for (double& surplus : surplus_) surplus *= factor;
  total_ *= factor;
}

double Calibration::error() const {
  double sum = 0.0;
  for (const double surplus : surplus_) sum += std::abs(surplus);
  return total_ > 0.0 ? sum / total_ : 0.0;
}

void Calibration::exchange(Archive& archive) {
  archive.exchange(std::span<double>(surplus_));
  archive.exchange(total_);
}

}  // namespace haltere::learner
