#include "learner/tail_threshold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "learner/portable_math.hpp"

namespace haltere::learner {

namespace {

constexpr float unset = std::numeric_limits<float>::infinity();
constexpr std::uint64_t refit_every = 8;
constexpr double wanted_peaks = 50.0;
constexpr double smallest_share = 0.02;
constexpr double largest_share = 0.2;
constexpr std::size_t peaks_for_shape = 20;  ///< with fewer the tail is taken as exponential
constexpr double largest_shape = 0.5;
constexpr double most_alarms = 0.01;

/// A generalised Pareto distribution of excesses > 0.
struct Tail {
  double shape = 0.0;  ///< xi
  double scale = 0.0;  ///< sigma
};

/// `excesses` sorted, not empty.
Tail fit(std::span<const double> excesses) {
  const auto count = static_cast<double>(excesses.size());
  double mean = 0.0;
  double weighted = 0.0;  // mean of x (1 - F(x))
  for (std::size_t i = 0; i < excesses.size(); ++i) {
    mean += excesses[i] / count;
    weighted += excesses[i] * (1.0 - (static_cast<double>(i) + 0.65) / count) / count;
  }
  const double difference = mean - 2.0 * weighted;
  if (excesses.size() < peaks_for_shape || difference <= 1e-12 * mean) return {0.0, mean};
  const double shape = 2.0 - mean / difference;
  if (shape > largest_shape) return {largest_shape, mean * (1.0 - largest_shape)};
  if (shape < -largest_shape) return {-largest_shape, mean * (1.0 + largest_shape)};
  return {shape, 2.0 * mean * weighted / difference};
}

/// The excess that a share `share` of the tail's lies above.
double excess_at(const Tail& tail, double share) {
  const double log_share = portable_log(share);
  if (std::abs(tail.shape) < 1e-6) return -tail.scale * log_share;
  return tail.scale / tail.shape * (portable_exp(-tail.shape * log_share) - 1.0);
}

}  // namespace

double false_alarm_rate(double alarms_per_day, double rows_per_second) {
  constexpr double seconds_per_day = 86'400.0;
  const double rate = alarms_per_day / (seconds_per_day * rows_per_second);
  return rate > 0.0 ? std::min(rate, most_alarms) : most_alarms;
}

TailThreshold::TailThreshold(TailSettings settings)
    : settings_(settings), scores_(settings.half_life), threshold_(unset) {}

void TailThreshold::add(float score) {
  if (!(score >= 0.0F && score < unset)) return;
  ++count_;
  scores_.add(score);
  if (score > start_) {
    peaks_[next_peak_] = score;
    next_peak_ = static_cast<std::uint32_t>((next_peak_ + 1) % max_peaks);
    peak_count_ = std::min<std::uint32_t>(peak_count_ + 1, max_peaks);
  }
  if (count_ >= min_scores && count_ % refit_every == 0) refit();
}

std::size_t TailThreshold::copy_excesses(std::array<double, max_peaks>& excesses) const {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < peak_count_; ++i)
    if (peaks_[i] > start_) excesses[count++] = static_cast<double>(peaks_[i] - start_);
  std::sort(excesses.begin(), excesses.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

void TailThreshold::refit() {
  share_ = std::clamp(wanted_peaks / static_cast<double>(count_), smallest_share, largest_share);
  start_ = scores_.at(1.0 - share_);
  std::array<double, max_peaks> excesses{};
  const std::size_t count = copy_excesses(excesses);
  threshold_ = start_;
  if (count == 0) return;
  const Tail tail = fit(std::span<const double>(excesses).first(count));
  const double share = std::min(1.0, settings_.false_alarm_rate / share_);
  threshold_ += static_cast<float>(excess_at(tail, share));
}

void TailThreshold::exchange(Archive& archive) {
  scores_.exchange(archive);
  archive.exchange(count_);
  archive.exchange(start_);
  archive.exchange(share_);
  archive.exchange(std::span<float>(peaks_));
  archive.exchange(peak_count_);
  archive.exchange(next_peak_);
  archive.exchange(threshold_);
  if (peak_count_ > max_peaks || next_peak_ >= max_peaks) archive.fail();
}

}  // namespace haltere::learner
