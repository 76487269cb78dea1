#include "learner/drift_kswin.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "learner/portable_math.hpp"

namespace haltere::learner {

namespace {

double distance_for(double alpha) {
  return std::sqrt(-portable_log(alpha) / static_cast<double>(Kswin::sample));
}

/// Largest distance of the empirical distribution functions of two sorted samples of one size.
double largest_distance(std::span<const double> a, std::span<const double> b) {
  std::size_t i = 0;
  std::size_t j = 0;
  std::size_t largest = 0;
  while (i < a.size() && j < b.size()) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= value) ++i;
    while (j < b.size() && b[j] <= value) ++j;
    largest = std::max(largest, i > j ? i - j : j - i);
  }
  return static_cast<double>(largest) / static_cast<double>(a.size());
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

Kswin::Kswin(KswinSettings settings)
    : settings_(settings),
      drift_distance_(distance_for(settings.alpha)),
      warning_distance_(distance_for(settings.warning_alpha)),
      random_(settings.seed) {}

void Kswin::reset() {
  first_ = 0;
  count_ = 0;
}

/// The value of rank `age_rank`, 0 being the oldest.
double Kswin::at(std::size_t age_rank) const { return values_[(first_ + age_rank) % window]; }

/// A sample of the values before the newest 30, without repetition, sorted.
Kswin::Sample Kswin::draw_older() {
  Sample drawn{};
  std::size_t wanted = sample;
  constexpr std::size_t older = window - sample;
  for (std::size_t rank = 0; rank < older && wanted > 0; ++rank) {
    if (random_.below(older - rank) < wanted) drawn[--wanted] = at(rank);
  }
  std::ranges::sort(drawn);
  return drawn;
}

Kswin::Sample Kswin::newest() const {
  Sample values{};
  for (std::size_t i = 0; i < sample; ++i) values[i] = at(count_ - sample + i);
  std::ranges::sort(values);
  return values;
}

DriftLevel Kswin::update(double value) {
  if (!std::isfinite(value)) {
    ++refused_;
    return DriftLevel::stable;
  }
  values_[(first_ + count_) % window] = value;
  if (count_ < window)
    ++count_;
  else
    first_ = static_cast<std::uint32_t>((first_ + 1) % window);
  if (count_ < window) return DriftLevel::stable;
  const Sample recent = newest();
  const Sample older = draw_older();
  const double distance = largest_distance(recent, older);
  if (distance <= warning_distance_) return DriftLevel::stable;
  const bool drifts = distance > drift_distance_;
  if (drifts) {
    first_ = static_cast<std::uint32_t>((first_ + count_ - sample) % window);
    count_ = sample;
  }
  if (settings_.direction == DriftDirection::rise && sum_of(recent) <= sum_of(older))
    return DriftLevel::stable;
  return drifts ? DriftLevel::drift : DriftLevel::warning;
}

void Kswin::exchange(Archive& archive) {
  archive.exchange(random_);
  archive.exchange(std::span<double>(values_));
  archive.exchange(first_);
  archive.exchange(count_);
  archive.exchange(refused_);
  if (first_ >= window || count_ > window) archive.fail();
}

}  // namespace haltere::learner
