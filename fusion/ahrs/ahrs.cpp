#include "fusion/ahrs/ahrs.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

constexpr float min_field_ut = 0.1F;
constexpr uint32_t step_ns = 8000000;           // of the tilt, at least
constexpr uint32_t magnet_block_ns = 95000000;  // of the magnet's calibration, at least
constexpr int64_t field_spacing_ns = 8000000;   // closer ones tell nothing new
constexpr float matrix_steps = 1024.0F;         // in 16 bits: of at most 22 matrices
constexpr float gyro_block_s = 0.195F;          // likewise of the gyroscope's
constexpr int64_t gap_ns = 250000000;
constexpr int64_t lost_ns = 1000000000;
constexpr float longest_step_s = 0.5F;  // of the accelerometer, to be taken as evidence
constexpr uint32_t first_step_ns = 10000000;
constexpr int64_t longest_ns = 2000000000;  // that is told from longer
constexpr float gap_variance_rad2 = 0.01F;  // of each axis, by what happened in a gap

// The mean matrix over an interval at whose end it is `to_earth`, and which turned the sensor by
// `turn`: to_earth times the mean of exp(-s turn), s = 0..1, to the second order.
Mat3 mean_over(const Mat3& to_earth, const Vec3& turn) {
  const float squared = dot(turn, turn);
  if (squared > 1) return to_earth;  // too far in one step for a mean to say much
  constexpr float a = 0.5F;
  constexpr float b = 1 / 6.0F;
  const float d = 1 - b * squared;
  const Vec3 t = turn;
  const float by[9] = {d + b * t.x * t.x,       b * t.x * t.y + a * t.z, b * t.x * t.z - a * t.y,
                       b * t.x * t.y - a * t.z, d + b * t.y * t.y,       b * t.y * t.z + a * t.x,
                       b * t.x * t.z + a * t.y, b * t.y * t.z - a * t.x, d + b * t.z * t.z};
  Mat3 mean;
  for (size_t row = 0; row < 9; row += 3) {
    const float* r = to_earth.m + row;
    for (size_t i = 0; i < 3; ++i)
      mean.m[row + i] = r[0] * by[i] + r[1] * by[3 + i] + r[2] * by[6 + i];
  }
  return mean;
}

float seconds(int64_t ns) { return 1e-9F * static_cast<float>(ns); }
int64_t nanoseconds(float s) { return static_cast<int64_t>(1e9F * s); }

// Adds up time that may have stood still for long.
void add_time(uint32_t* sum_ns, int64_t passed_ns) {
  *sum_ns += static_cast<uint32_t>(passed_ns < longest_ns ? passed_ns : longest_ns);
}

// Differences of any two such stamps fit in 64 bits.
bool sensible(int64_t time_ns) {
  constexpr int64_t limit_ns = int64_t{1} << 62;
  return time_ns > -limit_ns && time_ns < limit_ns;
}

}  // namespace

AhrsCore::AhrsCore(const Settings& settings) : settings_(settings), state_() { reset(); }

void AhrsCore::reset() {
  state_ = State();
  state_.gyro.clear(settings_.sensor);
  state_.magnet.clear(settings_.sensor);
  state_.heading.clear();
  lose_orientation();
}

// The calibration stays.
void AhrsCore::lose_orientation() {
  State& s = state_;
  s.strapdown = {1, 0, 0, 0};
  s.history.clear();
  s.tilt.clear();
  s.rest.clear();
  s.gyro.forget_orientation();
  s.magnet.forget_field();
  s.heading.start();
  s.sums = Sums();
  s.field_sums = FieldSums();
  s.rate_radps = {0, 0, 0};
  s.unseen = s.gyro_clipped = s.accelerometer_clipped = s.magnetometer_clipped = 0;
  s.has_gyro = s.has_accelerometer = s.has_magnetometer = s.levelled = false;
}

bool AhrsCore::gyroscope(int64_t time_ns, const Vec3& rate_radps, Clipped clipped) {
  State& s = state_;
  if (!sensible(time_ns) || !within(rate_radps, max_rate_radps)) {
    ++s.counts.refused;
    return false;
  }
  if (s.has_gyro && time_ns <= s.gyro_ns) {
    ++s.counts.late;
    return false;
  }
  if (s.has_gyro && time_ns - s.gyro_ns > gap_ns) {
    ++s.counts.gaps;
    for (size_t i = 0; i < 3; ++i) s.gyro.covariance.widen(i, gap_variance_rad2);
    if (time_ns - s.gyro_ns > lost_ns) {
      ++s.counts.lost;
      lose_orientation();
    }
  }
  if (s.has_gyro) {
    const float dt_s = seconds(time_ns - s.gyro_ns);
    s.history.add(s.gyro_ns, s.strapdown);
    advance(rate_radps, dt_s);
    note_clipped_rate(rate_radps, clipped, dt_s);
  }
  s.rate_radps = s.gyro.corrected(rate_radps);
  s.gyro_ns = time_ns;
  s.has_gyro = true;
  return true;
}

// Strapdown integration (eq. 4-6).
void AhrsCore::advance(const Vec3& rate_radps, float dt_s) {
  State& s = state_;
  s.strapdown = normalized(s.strapdown * from_turn(dt_s * s.gyro.corrected(rate_radps)));
  s.sums.turn_rad = s.sums.turn_rad + dt_s * rate_radps;
  s.sums.turn_s += dt_s;
}

// Where the gyroscope's integral stood when a sample of another sensor was true.
bool AhrsCore::find(int64_t time_ns, float latency_s, Quat* q) const {
  const int64_t shift_ns = nanoseconds(latency_s - settings_.sensor.gyroscope_latency_s);
  const int64_t newest_ns = state_.gyro_ns;
  if (!state_.has_gyro || time_ns - newest_ns > lost_ns || newest_ns - time_ns > lost_ns) {
    return false;
  }
  const int64_t ahead_ns = time_ns - shift_ns - newest_ns;
  if (ahead_ns > History::lookahead_ns) return false;
  *q = state_.strapdown;
  if (ahead_ns > 0) *q = normalized(*q * from_turn(seconds(ahead_ns) * state_.rate_radps));
  return ahead_ns >= 0 || state_.history.find(newest_ns, state_.strapdown, -ahead_ns, q);
}

bool AhrsCore::accelerometer(int64_t time_ns, const Vec3& acceleration_mps2, Clipped clipped) {
  State& s = state_;
  if (!sensible(time_ns) || !within(acceleration_mps2, max_acceleration_mps2)) {
    ++s.counts.refused;
    return false;
  }
  Quat strapdown;
  const bool in_order = !s.has_accelerometer || time_ns > s.accelerometer_ns;
  if (!in_order || !find(time_ns, settings_.sensor.accelerometer_latency_s, &strapdown)) {
    ++s.counts.late;
    return false;
  }
  if (s.has_accelerometer) {
    if (time_ns - s.accelerometer_ns > gap_ns) ++s.counts.gaps;
    add_time(&s.sums.since_step_ns, time_ns - s.accelerometer_ns);
    note_clipped_acceleration(acceleration_mps2, clipped, seconds(time_ns - s.accelerometer_ns));
  } else {
    s.sums.since_step_ns = first_step_ns;
  }
  s.has_accelerometer = true;
  s.accelerometer_ns = time_ns;
  s.acceleration_mps2 = acceleration_mps2;
  s.sums.inertial_mps2 = s.sums.inertial_mps2 + rotate(strapdown, acceleration_mps2);
  if (s.sums.accelerations < UINT16_MAX) ++s.sums.accelerations;
  if (s.sums.since_step_ns >= step_ns) step_tilt(seconds(s.sums.since_step_ns));
  return true;
}

void AhrsCore::step_tilt(float dt_s) {
  State& s = state_;
  const Vec3 inertial = (1 / static_cast<float>(s.sums.accelerations)) * s.sums.inertial_mps2;
  const Vec3 earth = rotate(s.tilt.inclination, inertial);
  const bool first = !s.levelled;
  bool levelled = s.levelled;
  s.gyro.tilt_corrected(
      s.tilt.update(inertial, dt_s, settings_.motion.accelerometer_time_constant_s, &levelled));
  s.levelled = levelled;
  if (dt_s > longest_step_s) {
    s.gyro.forget_orientation();
    s.rest.clear();
  } else if (!first && s.levelled) {
    const Mat3 to_earth = to_matrix(s.tilt.inclination * s.strapdown);
    s.gyro.add(mean_over(to_earth, s.sums.turn_rad), s.sums.turn_rad, earth, dt_s);
    s.field_sums.turn_rad = s.field_sums.turn_rad + to_earth * s.sums.turn_rad;
  }
  if (s.sums.turn_s > 0) {
    s.rest.update(settings_, (1 / s.sums.turn_s) * s.sums.turn_rad, inertial, dt_s);
  }
  s.sums = Sums();
  if (s.gyro.elapsed_s >= gyro_block_s) calibrate_gyro();
}

void AhrsCore::calibrate_gyro() {
  State& s = state_;
  CalibrationEvidence evidence{};
  evidence.at_rest = s.rest.still_s >= settings_.motion.rest_duration_s;
  evidence.rest_rate_radps = s.rest.mean_rate_radps();
  FieldSums& field = s.field_sums;
  evidence.has_heading = field.trusted > 0 && !field.distrusted;
  if (evidence.has_heading) {
    evidence.heading_rad = arc_tangent(-field.trusted_x_ut, field.trusted_y_ut);
    evidence.horizontal_field_ut =
        length({field.trusted_x_ut, field.trusted_y_ut, 0}) / static_cast<float>(field.trusted);
  }
  if (!s.gyro.step(settings_, evidence)) start_again();
  field.trusted_x_ut = field.trusted_y_ut = 0;
  field.trusted = 0;
  field.distrusted = false;
}

bool AhrsCore::magnetometer(int64_t time_ns, const Vec3& field_ut, Clipped clipped) {
  State& s = state_;
  if (!sensible(time_ns) || !within(field_ut, max_field_ut) || within(field_ut, min_field_ut)) {
    ++s.counts.refused;
    return false;
  }
  if (s.has_magnetometer && time_ns > s.magnetometer_ns &&
      time_ns - s.magnetometer_ns < field_spacing_ns) {
    return true;
  }
  Quat strapdown;
  const float latency_s =
      settings_.sensor.magnetometer_latency_s + s.magnet.state[MagnetCalibration::latency];
  const bool in_order = !s.has_magnetometer || time_ns > s.magnetometer_ns;
  if (!s.levelled || !in_order || !find(time_ns, latency_s, &strapdown)) {
    ++s.counts.late;
    return false;
  }
  uint32_t passed_ns = s.has_magnetometer ? 0 : first_step_ns;
  if (s.has_magnetometer) {
    if (time_ns - s.magnetometer_ns > gap_ns) ++s.counts.gaps;
    add_time(&passed_ns, time_ns - s.magnetometer_ns);
  }
  s.has_magnetometer = true;
  s.magnetometer_ns = time_ns;
  if (note_clipped_field(field_ut, clipped)) return true;
  const Quat attitude = s.tilt.inclination * strapdown;
  add_field(to_matrix(attitude), field_ut, passed_ns);
  calibrate_magnet(attitude);
  return true;
}

void AhrsCore::add_field(const Mat3& to_earth, const Vec3& field_ut, uint32_t passed_ns) {
  State& s = state_;
  const Vec3 soft = to_earth * (field_ut - s.magnet.hard_iron_ut());
  const bool moving = length(s.rest.mean_rate_radps()) >= settings_.motion.field_moving_radps;
  s.heading.update(settings_.motion, soft, moving, seconds(passed_ns));
  FieldSums& sums = s.field_sums;
  if (!s.heading.watch.trusted()) {
    sums.distrusted = true;
  } else {
    sums.trusted_x_ut += soft.x;
    sums.trusted_y_ut += soft.y;
    ++sums.trusted;
  }
  sums.field_ut = sums.field_ut + to_earth * field_ut;
  for (size_t i = 0; i < 9; ++i) {
    int16_t& sum = sums.to_earth[i];
    sum = rounded(static_cast<float>(sum) + matrix_steps * to_earth.m[i]);
  }
  ++sums.fields;
  add_time(&sums.since_block_ns, passed_ns);
}

void AhrsCore::calibrate_magnet(const Quat& attitude) {
  FieldSums& sums = state_.field_sums;
  if (sums.since_block_ns < magnet_block_ns) return;
  const float dt_s = seconds(sums.since_block_ns);
  const float share = 1 / static_cast<float>(sums.fields);
  FieldMean mean;
  mean.duration_s = dt_s;
  mean.field_ut = share * sums.field_ut;
  for (size_t i = 0; i < 9; ++i) {
    mean.to_earth.m[i] = share / matrix_steps * static_cast<float>(sums.to_earth[i]);
  }
  mean.attitude = attitude;
  mean.rate_radps = (1 / dt_s) * sums.turn_rad;
  state_.magnet.step(settings_, mean);
  sums.field_ut = {0, 0, 0};
  for (int16_t& sum : sums.to_earth) sum = 0;
  sums.turn_rad = {0, 0, 0};
  sums.fields = 0;
  sums.since_block_ns = 0;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
