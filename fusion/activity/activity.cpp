#include "fusion/activity/activity.hpp"

namespace haltere {
namespace fusion {
namespace activity {
namespace {

using ahrs::absolute;
using ahrs::larger;
using ahrs::smaller;
using ahrs::Vec3;

constexpr float largest = 1e6F;  // of any sensor: sums and squares stay finite
constexpr float rest_time_constant_s = 0.5F;
constexpr float tap_time_constant_s = 0.02F;
constexpr float step_time_constant_s = 0.05F;
constexpr float shortest_step_s = 0.25F;
constexpr float longest_step_s = 2.0F;
constexpr uint32_t steps_in_series = 4;
constexpr float longest_tap_s = 0.05F;
constexpr float calm_before_tap_s = 0.1F;
constexpr float least_rate_for_taps_hz = 50.0F;
constexpr uint32_t most = 1000000000;

bool is_usable(const Vec3& v) { return ahrs::within(v, largest); }

bool is_near(const Vec3& a, const Vec3& b, float limit) {
  return absolute(a.x - b.x) <= limit && absolute(a.y - b.y) <= limit &&
         absolute(a.z - b.z) <= limit;
}

float share(float time_constant_s, float rate_hz) {
  return 1.0F / larger(1.0F, time_constant_s * rate_hz);
}

void approach(Vec3& mean, const Vec3& value, float share) { mean = mean + share * (value - mean); }

uint32_t next(uint32_t count) { return count < most ? count + 1 : count; }

}  // namespace

ActivityFilter::ActivityFilter(const ActivitySettings& settings)
    : settings_(settings),
      slow_(share(rest_time_constant_s, settings.rate_hz)),
      quick_(share(tap_time_constant_s, settings.rate_hz)),
      stride_(share(step_time_constant_s, settings.rate_hz)) {}

uint32_t ActivityFilter::samples(float seconds) const {
  const float count = seconds * settings_.rate_hz + 0.5F;
  return count < 1.0F ? 1U : static_cast<uint32_t>(smaller(count, 1e9F));
}

void ActivityFilter::restart() {
  const uint32_t steps = out_.steps;
  const uint32_t taps = out_.taps;
  *this = ActivityFilter(settings_);
  out_.steps = steps;
  out_.taps = taps;
}

void ActivityFilter::update(const Vec3& acceleration_mps2, const Vec3& angular_rate_radps) {
  out_.step = out_.tap = false;
  const bool usable =
      is_usable(acceleration_mps2) && (!settings_.has_gyroscope || is_usable(angular_rate_radps));
  if (!usable) return;
  const Vec3 rate = settings_.has_gyroscope ? angular_rate_radps : Vec3{};
  const float length = ahrs::length(acceleration_mps2);
  if (!started_) {
    slow_acceleration_ = quick_acceleration_ = acceleration_mps2;
    slow_rate_ = rate;
    swing_ = least_ = most_ = middle_ = length;
    started_ = true;
  }
  watch_rest(acceleration_mps2, rate);
  watch_fall(length);
  watch_steps(length);
  watch_taps(acceleration_mps2);
}

void ActivityFilter::watch_rest(const Vec3& acceleration, const Vec3& rate) {
  approach(slow_acceleration_, acceleration, slow_);
  approach(slow_rate_, rate, slow_);
  const bool calm = is_near(acceleration, slow_acceleration_, settings_.rest_acceleration_mps2) &&
                    is_near(rate, slow_rate_, settings_.rest_angular_rate_radps);
  calm_ = calm ? next(calm_) : 0;
  out_.at_rest = calm_ >= samples(settings_.rest_after_s);
}

void ActivityFilter::watch_fall(float length) {
  falling_ = length < settings_.fall_below_mps2 ? next(falling_) : 0;
  out_.free_fall = falling_ >= samples(settings_.fall_after_s);
}

void ActivityFilter::watch_steps(float length) {
  swing_ += stride_ * (length - swing_);
  least_ = smaller(least_, swing_);
  most_ = larger(most_, swing_);
  if (++second_ >= samples(1.0F)) {
    middle_ = 0.5F * (least_ + most_);
    height_ = most_ - least_;
    least_ = most_ = swing_;
    second_ = 0;
  }
  since_step_ = next(since_step_);
  const bool was_above = above_;
  // A tenth of the swing must be passed, so that noise at the middle is no step.
  above_ = above_ ? swing_ > middle_ - 0.1F * height_ : swing_ > middle_ + 0.1F * height_;
  const bool swings = larger(height_, most_ - least_) >= settings_.step_swing_mps2;
  if (was_above && !above_ && swings && height_ > 0.0F) count_step(since_step_);
  out_.walking = series_ >= steps_in_series && since_step_ < samples(longest_step_s);
}

void ActivityFilter::count_step(uint32_t since) {
  if (since < samples(shortest_step_s)) return;
  since_step_ = 0;
  series_ = since <= samples(longest_step_s) ? next(series_) : 1;
  if (series_ < steps_in_series) return;
  out_.step = true;
  out_.steps += series_ == steps_in_series ? steps_in_series : 1U;
}

void ActivityFilter::watch_taps(const Vec3& acceleration) {
  const bool knock = !is_near(acceleration, quick_acceleration_, settings_.tap_mps2);
  approach(quick_acceleration_, acceleration, quick_);
  if (settings_.rate_hz < least_rate_for_taps_hz) return;
  if (knock) {
    if (loud_ == 0) was_calm_ = quiet_ >= samples(calm_before_tap_s);
    loud_ = next(loud_);
    quiet_ = 0;
    return;
  }
  quiet_ = next(quiet_);
  if (loud_ == 0 || quiet_ < samples(0.5F * longest_tap_s)) return;  // it may swing back
  if (was_calm_ && loud_ <= samples(longest_tap_s)) {
    out_.tap = true;
    ++out_.taps;
  }
  loud_ = 0;
}

}  // namespace activity
}  // namespace fusion
}  // namespace haltere
