#include "fusion/smoother_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "fusion/ahrs/low_pass.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Quat;
using ahrs::Vec3;

constexpr std::int64_t step_ns = 8'000'000;  // of the tilt, at least
constexpr float longest_step_s = 1.0F;       // over a gap
constexpr float distrusted_weight = 1e-3F;   // of a field, against a trusted one

float seconds(std::int64_t from, std::int64_t to) {
  return std::clamp(1e-9F * static_cast<float>(to - from), 1e-6F, longest_step_s);
}

float apart_s(const TimedVector& a, const TimedVector& b) {
  return std::abs(1e-9F * static_cast<float>(a.time_ns - b.time_ns));
}

// Index and share of the sample after: where `time_ns`, asked for in ascending order, lies.
template <typename TimeOf>
class Cursor {
 public:
  Cursor(std::size_t size, TimeOf time_of) : size_(size), time_of_(time_of) {}

  void move_to(std::int64_t time_ns) {
    while (index_ + 1 < size_ && time_of_(index_ + 1) <= time_ns) ++index_;
    const std::size_t next = std::min(index_ + 1, size_ - 1);
    const std::int64_t from = time_of_(index_);
    const std::int64_t span = time_of_(next) - from;
    share_ = span > 0 ? std::clamp(static_cast<float>(time_ns - from) / static_cast<float>(span),
                                   0.0F, 1.0F)
                      : 0.0F;
  }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] std::size_t next() const { return std::min(index_ + 1, size_ - 1); }
  [[nodiscard]] float share() const { return share_; }

 private:
  std::size_t size_;
  TimeOf time_of_;
  std::size_t index_ = 0;
  float share_ = 0.0F;
};

Quat between(const Quat& a, const Quat& b, float share) {
  const float sign = a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z < 0 ? -1.0F : 1.0F;
  const auto mix = [&](float from, float to) { return from + share * (sign * to - from); };
  return ahrs::normalized({mix(a.w, b.w), mix(a.x, b.x), mix(a.y, b.y), mix(a.z, b.z)});
}

// Low-pass filters `samples`, two or more, having started three time constants before, in the
// mirror image of the beginning.
void filter_from_mirror(std::vector<TimedVector>& samples, float time_constant_s) {
  ahrs::LowPass filter{};
  float age_s = 0;
  const auto take = [&](std::size_t i, std::size_t before) {
    const float dt_s = std::clamp(apart_s(samples[i], samples[before]), 1e-6F, longest_step_s);
    age_s = std::min(age_s + dt_s, time_constant_s);
    return filter.update(samples[i].value, dt_s, age_s, time_constant_s);
  };
  std::size_t lead = 1;
  while (lead + 1 < samples.size() && apart_s(samples[lead], samples[0]) < 3 * time_constant_s) {
    ++lead;
  }
  for (std::size_t i = lead; i > 0; --i) take(i, i - 1);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].value = take(i, i > 0 ? i - 1 : 1);
  }
}

class Smoothing {
 public:
  Smoothing(const MotionRecording& motion, const Knowledge& known, const ahrs::Settings& settings)
      : motion_(motion), known_(known), settings_(settings) {}

  std::vector<Quat> run() {
    integrate();
    level();
    turn_north();
    return std::move(orientation_);
  }

 private:
  [[nodiscard]] Vec3 rate(std::size_t i) const {
    const Vec3& shown = motion_.gyroscope[i].value;
    return shown - known_.bias_radps[i] - known_.scale_error * shown;
  }
  [[nodiscard]] auto cursor() const {
    const auto time_of = [this](std::size_t i) { return motion_.gyroscope[i].time_ns; };
    return Cursor(motion_.gyroscope.size(), time_of);
  }

  // Strapdown integration from a first level, whose frame so stays far from upside down.
  void integrate() {
    const auto& gyro = motion_.gyroscope;
    orientation_.resize(gyro.size());
    Quat q{1, 0, 0, 0};
    if (!motion_.accelerometer.empty()) {
      const Vec3& first = motion_.accelerometer.front().value;
      if (length(first) > 0) q = ahrs::levelling((1 / length(first)) * first);
    }
    for (std::size_t i = 0; i < gyro.size(); ++i) {
      if (i > 0) {
        const float dt_s = seconds(gyro[i - 1].time_ns, gyro[i].time_ns);
        q = ahrs::normalized(q * ahrs::from_turn(dt_s * rate(i)));
      }
      orientation_[i] = q;
    }
  }

  // Means over short steps of the acceleration in the almost-inertial frame.
  [[nodiscard]] std::vector<TimedVector> inertial_acceleration() const {
    std::vector<TimedVector> means;
    auto at = cursor();
    Vec3 sum{};
    float count = 0.0F;
    std::int64_t first = 0;
    for (const TimedVector& sample : motion_.accelerometer) {
      at.move_to(sample.time_ns);
      const Quat q = between(orientation_[at.index()], orientation_[at.next()], at.share());
      if (count == 0.0F) first = sample.time_ns;
      sum = sum + rotate(q, sample.value);
      count += 1.0F;
      if (sample.time_ns - first + step_ns / 4 < step_ns) continue;
      means.push_back({first + (sample.time_ns - first) / 2, (1 / count) * sum});
      sum = {};
      count = 0.0F;
    }
    return means;
  }

  void level() {
    std::vector<TimedVector> up = inertial_acceleration();
    if (up.empty()) return;
    filter_both_ways(up, settings_.motion.accelerometer_time_constant_s);
    Cursor at(up.size(), [&](std::size_t i) { return up[i].time_ns; });
    for (std::size_t i = 0; i < orientation_.size(); ++i) {
      at.move_to(motion_.gyroscope[i].time_ns);
      const Vec3& before = up[at.index()].value;
      const Vec3 here = before + at.share() * (up[at.next()].value - before);
      if (length(here) > 0) {
        orientation_[i] =
            ahrs::normalized(ahrs::levelling((1 / length(here)) * here) * orientation_[i]);
      }
    }
  }

  // North as each sample of the magnetometer shows it, as a vector as long as it is trusted.
  [[nodiscard]] std::vector<TimedVector> norths() const {
    std::vector<TimedVector> all;
    auto at = cursor();
    for (const TimedVector& sample : motion_.magnetometer) {
      at.move_to(sample.time_ns);
      const Quat q = between(orientation_[at.index()], orientation_[at.next()], at.share());
      const Vec3 field = rotate(q, sample.value - known_.hard_iron_ut[at.index()]);
      const float size = ahrs::length({field.x, field.y, 0});
      if (!(size > 0)) continue;
      const float weight = known_.trusted[at.index()] ? 1.0F : distrusted_weight;
      all.push_back({sample.time_ns, {weight * field.x / size, weight * field.y / size, 0}});
    }
    return all;
  }

  // Sums of all norths with weights that fall with the time between, before and after.
  void sum_both_ways(std::vector<TimedVector>& norths) const {
    std::vector<TimedVector> after(norths.rbegin(), norths.rend());
    sum_so_far(norths);
    sum_so_far(after);
    for (std::size_t i = 0; i < norths.size(); ++i) {
      norths[i].value = norths[i].value + after[norths.size() - 1 - i].value;
    }
  }

  void sum_so_far(std::vector<TimedVector>& norths) const {
    const float constant_s = settings_.motion.magnetometer_time_constant_s;
    for (std::size_t i = 1; i < norths.size(); ++i) {
      const float dt_s = apart_s(norths[i], norths[i - 1]);
      norths[i].value = norths[i].value + (constant_s / (constant_s + dt_s)) * norths[i - 1].value;
    }
  }

  // Turns all to north and on by the latency, with the rate that the next sample shows.
  void turn_north() {
    std::vector<TimedVector> north = norths();
    sum_both_ways(north);
    Cursor at(std::max<std::size_t>(north.size(), 1),
              [&](std::size_t i) { return north.empty() ? 0 : north[i].time_ns; });
    for (std::size_t i = 0; i < orientation_.size(); ++i) {
      Quat to_north{1, 0, 0, 0};
      if (!north.empty()) {
        at.move_to(motion_.gyroscope[i].time_ns);
        const Vec3& before = north[at.index()].value;
        const Vec3 here = before + at.share() * (north[at.next()].value - before);
        to_north = ahrs::from_turn({0, 0, ahrs::arc_tangent(here.x, here.y)});
      }
      const std::size_t next = std::min(i + 1, orientation_.size() - 1);
      const Quat ahead = ahrs::from_turn(settings_.sensor.gyroscope_latency_s * rate(next));
      const Quat q = ahrs::normalized(to_north * orientation_[i] * ahead);
      orientation_[i] = q.w < 0 ? Quat{-q.w, -q.x, -q.y, -q.z} : q;
    }
  }

  const MotionRecording& motion_;
  const Knowledge& known_;
  const ahrs::Settings& settings_;
  std::vector<Quat> orientation_;
};

}  // namespace

void filter_both_ways(std::vector<TimedVector>& samples, float time_constant_s) {
  if (samples.size() < 2) return;
  for (int way = 0; way < 2; ++way) {
    filter_from_mirror(samples, time_constant_s);
    std::ranges::reverse(samples);
  }
}

std::vector<Quat> smoothed(const MotionRecording& motion, const Knowledge& known,
                           const ahrs::Settings& settings) {
  return Smoothing(motion, known, settings).run();
}

}  // namespace haltere::fusion
