#include "fusion/derived/vibration.hpp"

#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace fusion {
namespace derived {
namespace {

using ahrs::larger;
using ahrs::smaller;

// Corners a little outside the band, so that its ends are within what ISO 2954 allows.
constexpr float low_corner_hz = 7.5F;
constexpr float high_corner_hz = 1333.0F;
constexpr float largest_mps2 = 1e6F;

struct Limits {
  float ab, bc, cd;  // mm/s, root mean square
};

// In the order of Machine.
constexpr Limits limits[] = {
    {0.71F, 1.8F, 4.5F}, {1.12F, 2.8F, 7.1F}, {1.8F, 4.5F, 11.2F}, {2.8F, 7.1F, 18.0F},
    {2.3F, 4.5F, 7.1F},  {3.5F, 7.1F, 11.0F}, {1.4F, 2.8F, 4.5F},  {2.3F, 4.5F, 7.1F},
};

bool has_room_above(float rate_hz) { return high_corner_hz < 0.4F * rate_hz; }

}  // namespace

Zone zone_of(float velocity_mmps, Machine machine) {
  const Limits& limit = limits[static_cast<size_t>(machine)];
  if (velocity_mmps < limit.ab) return Zone::a;
  if (velocity_mmps < limit.bc) return Zone::b;
  return velocity_mmps < limit.cd ? Zone::c : Zone::d;
}

Vibration::Vibration(float rate_hz)
    : integrating_(low_corner_hz, rate_hz, butterworth4_q1),
      second_half_(low_corner_hz, rate_hz, butterworth4_q2),
      top1_(smaller(high_corner_hz, 0.4F * rate_hz), rate_hz, butterworth4_q1),
      top2_(smaller(high_corner_hz, 0.4F * rate_hz), rate_hz, butterworth4_q2),
      to_mmps_(1000.0F / (2.0F * ahrs::pi * low_corner_hz)),
      has_top_(has_room_above(rate_hz)) {}

void Vibration::reset() {
  started_ = false;
  count_ = 0;
}

// The band-pass w s / (...) is w times the integral of the high-pass s^2 / (...).
float Vibration::velocity(float acceleration_mps2) {
  float v = second_half_.next(to_mmps_ * integrating_.next(acceleration_mps2).band).high;
  if (has_top_) v = top2_.next(top1_.next(v).low).low;
  // The trapezoidal rule integrates fast waves too little, by x / tan x with x = pi f / rate: three
  // taps give back 1 + sin^2(x) / 3. Their delay of a sample does not matter.
  const float corrected = velocity1_ - (v - 2.0F * velocity1_ + velocity2_) / 12.0F;
  velocity2_ = velocity1_;
  velocity1_ = v;
  return corrected;
}

void Vibration::add(float acceleration_mps2) {
  if (!(acceleration_mps2 - acceleration_mps2 == 0.0F)) return;
  const float a = larger(-largest_mps2, smaller(acceleration_mps2, largest_mps2));
  if (!started_) {
    integrating_.rest_at(a);
    second_half_.rest_at(0.0F);
    top1_.rest_at(0.0F);
    top2_.rest_at(0.0F);
    velocity1_ = velocity2_ = 0.0F;
    started_ = true;
  }
  const float v = velocity(a);
  if (count_ == 0) {
    first_ = a;
    velocity_squares_ = sum_ = squares_ = least_ = most_ = 0.0F;
  }
  ++count_;
  const float off = a - first_;
  velocity_squares_ += v * v;
  sum_ += off;
  squares_ += off * off;
  least_ = smaller(least_, off);
  most_ = larger(most_, off);
}

VibrationOutput Vibration::take() {
  VibrationOutput out;
  if (count_ == 0) return out;
  const float n = static_cast<float>(count_);
  const float mean = sum_ / n;
  const float variance = larger(0.0F, squares_ / n - mean * mean);
  out.velocity_mmps = kernels::square_root_f32(velocity_squares_ / n);
  out.acceleration_mps2 = kernels::square_root_f32(variance);
  out.peak_mps2 = larger(most_ - mean, mean - least_);
  if (out.acceleration_mps2 > 0.0F) out.crest_factor = out.peak_mps2 / out.acceleration_mps2;
  count_ = 0;
  return out;
}

}  // namespace derived
}  // namespace fusion
}  // namespace haltere
