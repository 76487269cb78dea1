#include "fusion/clock_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace haltere::fusion {
namespace {

using sensors::TimeNs;

// Stamps beyond this are no clock's; differences of any two others fit.
constexpr TimeNs furthest_ns = TimeNs{1} << 61;

TimeNs limited(TimeNs time_ns) { return std::clamp(time_ns, -furthest_ns, furthest_ns); }
double seconds(TimeNs ns) { return 1e-9 * static_cast<double>(ns); }
TimeNs nanoseconds(double s) { return static_cast<TimeNs>(std::llround(1e9 * s)); }

}  // namespace

ClockMap::ClockMap(const ClockMapSettings& settings) : settings_(settings) {}

void ClockMap::start(TimeNs remote_ns, TimeNs arrival_ns) {
  first_remote_ns_ = newest_remote_ns_ = remote_ns;
  first_offset_ns_ = arrival_ns - remote_ns;
  newest_host_ns_ = arrival_ns;
  started_ = true;
  oldest_ = count_ = 0;
  part_end_s_ = 0.0;
  offset_s_ = 0.0;
  skew_ = 0.0;
}

bool ClockMap::jumped(TimeNs remote_ns, TimeNs arrival_ns) const {
  const TimeNs expected_ns = map(remote_ns);
  const double late_s = seconds(limited(arrival_ns) - limited(expected_ns));
  return late_s > settings_.jump_s || late_s < -settings_.jump_s;
}

TimeNs ClockMap::stamp(TimeNs remote_ns, TimeNs arrival_ns) {
  remote_ns = limited(remote_ns);
  arrival_ns = limited(arrival_ns);
  if (started_ && jumped(remote_ns, arrival_ns)) {
    ++restarts_;
    started_ = false;
  }
  if (!started_) start(remote_ns, arrival_ns);
  keep({seconds(remote_ns - first_remote_ns_), seconds(arrival_ns - remote_ns - first_offset_ns_)});
  TimeNs host_ns = std::min(map(remote_ns), arrival_ns);
  if (remote_ns >= newest_remote_ns_) {
    // A new line may run a little lower than the one before.
    host_ns = std::min(std::max(host_ns, newest_host_ns_), arrival_ns);
    newest_remote_ns_ = remote_ns;
    newest_host_ns_ = host_ns;
  }
  return host_ns;
}

TimeNs ClockMap::map(TimeNs remote_ns) const {
  if (!started_) return remote_ns;
  remote_ns = limited(remote_ns);
  const double x_s = seconds(remote_ns - first_remote_ns_);
  const double y_s = offset_s_ + skew_ * x_s - settings_.least_delay_s;
  return remote_ns + first_offset_ns_ + nanoseconds(y_s);
}

// A stamp out of order counts in the newest part, where it can only lower the line.
void ClockMap::keep(const Pair& pair) {
  if (count_ == 0 || pair.x_s >= part_end_s_) {
    part_end_s_ = pair.x_s + settings_.window_s / static_cast<double>(parts);
    if (count_ == parts) {
      oldest_ = (oldest_ + 1) % parts;
    } else {
      ++count_;
    }
    fastest_[(oldest_ + count_ - 1) % parts] = pair;
    fit();
    return;
  }
  Pair& fastest = fastest_[(oldest_ + count_ - 1) % parts];
  if (pair.y_s - skew_ * pair.x_s >= fastest.y_s - skew_ * fastest.x_s) return;
  const std::size_t before = (oldest_ + count_ + parts - 2) % parts;
  fastest = pair;
  if (count_ > 1) fastest.x_s = std::max(pair.x_s, std::nextafter(fastest_[before].x_s, INFINITY));
  fit();
}

// Andrew's monotone chain: the parts are in the order of their stamps.
std::size_t ClockMap::lower_hull(std::array<Pair, parts>& hull) const {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Pair& next = fastest_[(oldest_ + i) % parts];
    while (size >= 2) {
      const Pair& a = hull[size - 2];
      const Pair& b = hull[size - 1];
      const double turn =
          (b.x_s - a.x_s) * (next.y_s - a.y_s) - (b.y_s - a.y_s) * (next.x_s - a.x_s);
      if (turn > 0.0) break;
      --size;
    }
    hull[size++] = next;
  }
  return size;
}

double ClockMap::level_below(std::span<const Pair> hull, double slope) {
  double level_s = std::numeric_limits<double>::infinity();
  for (const Pair& pair : hull) level_s = std::min(level_s, pair.y_s - slope * pair.x_s);
  return level_s;
}

// One edge is two samples' luck. Where many parts had a fast one, a line through all of those is
// steadier; where few had, as with a poll timer that beats slowly, the edge is what is known.
double ClockMap::slope_of_fast(double slope, double level_s, double mean_s) const {
  constexpr double fast_s = 0.8e-3;  // above the line: a frame of USB, or a byte at 9600 baud
  constexpr double enough = 0.25 * parts;
  double n = 0.0;
  double sum_x = 0.0;
  double sum_y = 0.0;
  double sum_xx = 0.0;
  double sum_xy = 0.0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Pair& pair = fastest_[(oldest_ + i) % parts];
    const double above_s = pair.y_s - slope * pair.x_s - level_s;
    if (above_s > fast_s) continue;
    const double x_s = pair.x_s - mean_s;
    n += 1.0;
    sum_x += x_s;
    sum_y += above_s;
    sum_xx += x_s * x_s;
    sum_xy += x_s * above_s;
  }
  const double spread = sum_xx - sum_x * sum_x / n;
  if (n < enough || spread <= 0.0) return slope;
  return slope + (sum_xy - sum_x * sum_y / n) / spread;
}

void ClockMap::fit() {
  std::array<Pair, parts> corners;
  const std::span<const Pair> hull(corners.data(), lower_hull(corners));
  double mean_s = 0.0;
  for (std::size_t i = 0; i < count_; ++i) mean_s += fastest_[i].x_s / static_cast<double>(count_);
  std::size_t right = hull.size() > 1 ? 1 : 0;
  while (right + 1 < hull.size() && hull[right].x_s < mean_s) ++right;
  const Pair& a = hull[right > 0 ? right - 1 : 0];
  const Pair& b = hull[right];
  // Of a short stretch the delays say more than the skew.
  constexpr double enough_s = 4.0;
  constexpr int refits = 3;
  const double span_s = b.x_s - a.x_s;
  skew_ = 0.0;
  if (hull.back().x_s - hull.front().x_s >= enough_s && span_s > 0.0) {
    const auto possible = [&](double skew) {
      return std::clamp(skew, -settings_.largest_skew, settings_.largest_skew);
    };
    skew_ = possible((b.y_s - a.y_s) / span_s);
    for (int i = 0; i < refits; ++i) {
      skew_ = possible(slope_of_fast(skew_, level_below(hull, skew_), mean_s));
    }
  }
  offset_s_ = level_below(hull, skew_);
}

}  // namespace haltere::fusion
