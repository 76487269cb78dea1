#include "fusion/scalar/redundant.hpp"

#include "fusion/ahrs/vector.hpp"
#include "fusion/scalar/running_mean.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace fusion {
namespace scalar {
namespace {

using ahrs::absolute;
using ahrs::larger;
using ahrs::smaller;
using kernels::square_root_f32;

constexpr float largest = 1e15F;  // squares and their sums stay finite
constexpr float gate_sigmas = 6.0F;
constexpr float drift_sigmas = 3.0F;
constexpr uint32_t offset_ticks = 64;
constexpr uint32_t drift_ticks = 32;
constexpr uint32_t far_ticks = 5;     // in a row: no outlier, but a jump
constexpr uint32_t agree_ticks = 64;  // in a row: to be trusted again
constexpr uint32_t accept_ticks = 3;  // in a row: the only sensor there is must be right

void sort(float* values, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    const float value = values[i];
    size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

float middle_of(const float* sorted, size_t count) {
  if (count == 0) return 0.0F;
  const size_t half = count / 2;
  return count % 2 == 1 ? sorted[half] : 0.5F * (sorted[half - 1] + sorted[half]);
}

bool is_usable(float value) { return value >= -largest && value <= largest; }

}  // namespace

Redundant::Redundant(size_t sensors, const RedundantSettings& settings)
    : count_(sensors), settings_(settings) {}

void Redundant::restart() {
  has_value_ = false;
  mean_count_ = 0;
  used_before_ = 0;
  for (size_t i = 0; i < count_; ++i) sensors_[i].fresh = false;
}

void Redundant::update(const float* values, const bool* present) {
  const size_t fresh = take(values, present);
  ++ticks_;
  float sorted[max_sensors];
  size_t trusted = trusted_values(sorted);
  if (trusted == 0 && fresh > 0) {  // nobody left: whom there is
    for (size_t i = 0; i < count_; ++i) sensors_[i].trusted = sensors_[i].fresh;
    trusted = trusted_values(sorted);
  }
  for (size_t i = 0; i < count_; ++i) out_now_[i] = false;
  disputed_ = false;
  if (trusted > 0) {
    float middle = middle_of(sorted, trusted);
    find_outliers(middle, trusted);
    judge(middle, trusted > 2);
    if (ticks_ <= offset_ticks) learn_offsets();
    measure_noise();
    solve_noise();
    fuse();
  } else {
    variance_ += unrest_;
    used_before_ = 0;
    out_.valid = false;
    for (size_t i = 0; i < count_; ++i) out_.weight[i] = 0.0F;
  }
  out_.value = value_;
  out_.sigma = square_root_f32(variance_);
  write_faults();
}

// Returns how many have a value.
size_t Redundant::take(const float* values, const bool* present) {
  size_t fresh = 0;
  for (size_t i = 0; i < count_; ++i) {
    Sensor& sensor = sensors_[i];
    const bool was_fresh = sensor.fresh;
    sensor.fresh = present[i] && is_usable(values[i]);
    sensor.followed = sensor.fresh && was_fresh && !out_now_[i];
    if (!sensor.fresh) continue;
    ++fresh;
    sensor.before = sensor.raw;
    sensor.raw = values[i];
    sensor.value = sensor.raw - sensor.offset;
    if (sensor.seen < longest_count) ++sensor.seen;
    if (sensor.seen > 1) follow_run(sensor);
  }
  return fresh;
}

void Redundant::follow_run(Sensor& sensor) {
  if (sensor.raw == sensor.before) {
    if (sensor.run < longest_count) ++sensor.run;
    return;
  }
  if (sensor.failure != Fault::stuck && sensor.run > sensor.longest) sensor.longest = sensor.run;
  sensor.run = 0;
  if (sensor.moves < moves_to_judge) ++sensor.moves;
  const float step = absolute(sensor.raw - sensor.before);
  sensor.quantum = sensor.quantum > 0.0F ? smaller(sensor.quantum, step) : step;
}

size_t Redundant::trusted_values(float* sorted) const {
  size_t count = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (sensors_[i].fresh && sensors_[i].trusted) sorted[count++] = sensors_[i].value;
  }
  sort(sorted, count);
  return count;
}

float Redundant::allowed(const Sensor& sensor) const {
  float noise2 = 0.0F;
  for (size_t i = 0; i < count_; ++i)
    noise2 = larger(noise2, sensors_[i].trusted ? sensors_[i].noise2 : 0.0F);
  return larger(settings_.tolerance, gate_sigmas * square_root_f32(sensor.noise2 + noise2)) +
         sensor.quantum;
}

void Redundant::find_outliers(float middle, size_t trusted) {
  if (ticks_ <= lag) return;  // nothing is known of the noise yet
  for (size_t i = 0; i < count_; ++i) {
    const Sensor& sensor = sensors_[i];
    const bool judged = sensor.fresh && sensor.moves > 0 && (trusted > 2 || !sensor.trusted);
    out_now_[i] = judged && absolute(sensor.value - middle) > allowed(sensor);
  }
  if (trusted == 2) find_outlier_of_two();
  if (trusted == 1) find_outlier_of_one();
}

// The one that is further from where the value was, if that is clear.
void Redundant::find_outlier_of_two() {
  size_t pair[2] = {0, 0};
  size_t found = 0;
  for (size_t i = 0; i < count_ && found < 2; ++i) {
    if (sensors_[i].fresh && sensors_[i].trusted) pair[found++] = i;
  }
  const Sensor& a = sensors_[pair[0]];
  const Sensor& b = sensors_[pair[1]];
  if (absolute(a.value - b.value) <= larger(allowed(a), allowed(b))) return;
  const float off_a = absolute(a.value - value_);
  const float off_b = absolute(b.value - value_);
  if (has_value_ && off_a > 2.0F * off_b) {
    out_now_[pair[0]] = true;
  } else if (has_value_ && off_b > 2.0F * off_a) {
    out_now_[pair[1]] = true;
  } else {
    disputed_ = true;
  }
}

void Redundant::find_outlier_of_one() {
  for (size_t i = 0; i < count_; ++i) {
    Sensor& sensor = sensors_[i];
    if (!sensor.fresh || !sensor.trusted || !has_value_) continue;
    const float limit = gate_sigmas * square_root_f32(variance_ + unrest_ + sensor.noise2);
    const bool far =
        absolute(sensor.value - value_) > larger(settings_.tolerance, limit) + sensor.quantum;
    out_now_[i] = far && sensor.far + 1 < accept_ticks;
  }
}

// The middle of all sensors counts as true.
void Redundant::learn_offsets() {
  float raw[max_sensors];
  size_t count = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (sensors_[i].fresh) raw[count++] = sensors_[i].raw;
  }
  sort(raw, count);
  const float middle = middle_of(raw, count);
  for (size_t i = 0; i < count_; ++i) {
    Sensor& sensor = sensors_[i];
    if (sensor.fresh) average(sensor.offset, sensor.raw - middle, sensor.seen, offset_ticks);
  }
}

void Redundant::judge(float middle, bool can_tell) {
  for (size_t i = 0; i < count_; ++i) {
    Sensor& sensor = sensors_[i];
    if (!sensor.fresh) continue;
    const bool others = can_tell || !sensor.trusted;
    judge_one(sensor, others ? sensor.value - middle : 0.0F, out_now_[i]);
  }
}

void Redundant::judge_one(Sensor& sensor, float off, bool is_out) {
  sensor.far = is_out ? counted(sensor.far) : 0U;
  // What is not used does not count against a sensor that is.
  const bool counts = !is_out || !sensor.trusted;
  if (ticks_ > offset_ticks && counts) average(sensor.drift, off, sensor.seen, drift_ticks);
  const float sigma = square_root_f32(sensor.noise2);
  const float away = larger(settings_.tolerance, drift_sigmas * sigma) + sensor.quantum;
  const bool stuck = sensor.moves >= moves_to_judge && sensor.run > 16U + 4U * sensor.longest;
  const bool good = !is_out && !stuck && absolute(sensor.drift) < 0.5F * away;
  sensor.agreed = good ? counted(sensor.agreed) : 0U;
  // How coarse its steps are shows with the first.
  const bool drifts = sensor.moves > 0 && absolute(sensor.drift) > away;
  sensor.failure = failure_of(sensor, stuck, drifts);
  sensor.trusted = sensor.failure == Fault::none;
}

// A failure stays, as the one it was first, until the sensor has agreed for long enough.
Fault Redundant::failure_of(const Sensor& sensor, bool stuck, bool drifts) {
  if (stuck) return Fault::stuck;
  if (sensor.failure != Fault::none) {
    return sensor.agreed >= agree_ticks ? Fault::none : sensor.failure;
  }
  if (sensor.far >= far_ticks) return Fault::jumped;
  return drifts ? Fault::drifting : Fault::none;
}

uint32_t Redundant::counted(uint32_t count) { return count < longest_count ? count + 1 : count; }

void Redundant::fuse() {
  float sum = 0.0F;
  float mean = 0.0F;
  uint32_t used = 0;
  for (size_t i = 0; i < count_; ++i) {
    const Sensor& sensor = sensors_[i];
    const bool uses = sensor.fresh && sensor.trusted && !out_now_[i];
    out_.weight[i] = uses ? 1.0F / sensor.noise2 : 0.0F;
    sum += out_.weight[i];
    used |= uses ? 1U << i : 0U;
  }
  out_.valid = used != 0;
  variance_ += unrest_;
  if (used == 0) return measure_unrest(0.0F, 0.0F, 0);
  for (size_t i = 0; i < count_; ++i) {
    out_.weight[i] /= sum;
    mean += out_.weight[i] * (used >> i & 1U ? sensors_[i].value : 0.0F);
  }
  const float mean_noise2 = 1.0F / sum;
  const float off = mean - value_;
  // All agree that it moved further than it ever does: at once, not little by little.
  const bool moved = square(off) > square(gate_sigmas) * (variance_ + mean_noise2);
  if (!has_value_ || moved) {
    value_ = mean;
    variance_ = mean_noise2;
    has_value_ = true;
  } else {
    const float gain = variance_ / (variance_ + mean_noise2);
    value_ += gain * off;
    variance_ *= 1.0F - gain;
  }
  measure_unrest(mean, mean_noise2, used);
}

void Redundant::write_faults() {
  for (size_t i = 0; i < count_; ++i) {
    const Sensor& sensor = sensors_[i];
    out_.noise[i] = square_root_f32(sensor.noise2);
    Fault fault = sensor.failure;
    if (fault == Fault::none && out_now_[i]) fault = Fault::outlier;
    if (fault == Fault::none && disputed_ && sensor.trusted) fault = Fault::disputed;
    if (!sensor.fresh) fault = Fault::missing;
    out_.fault[i] = fault;
  }
}

}  // namespace scalar
}  // namespace fusion
}  // namespace haltere
