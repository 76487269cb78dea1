#include "fusion/ahrs/ahrs.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

constexpr float min_field_ut = 0.1F;
constexpr int64_t step_ns = 8000000;           // of tilt and heading, at least
constexpr int64_t magnet_block_ns = 95000000;  // of the magnet's calibration, at least
constexpr float gyro_block_s = 0.195F;         // likewise of the gyroscope's
constexpr int64_t gap_ns = 250000000;
constexpr int64_t lost_ns = 1000000000;
constexpr float longest_step_s = 0.5F;  // of the accelerometer, to be taken as evidence
constexpr float first_step_s = 0.01F;
constexpr float gap_variance_rad2 = 0.01F;  // of each axis, by what happened in a gap

Mat3 mean_of(const Mat3& a, const Mat3& b) {
  Mat3 mean;
  for (size_t i = 0; i < 9; ++i) mean.m[i] = 0.5F * (a.m[i] + b.m[i]);
  return mean;
}

void add(Mat3* sum, const Mat3& m) {
  for (size_t i = 0; i < 9; ++i) sum->m[i] += m.m[i];
}

float seconds(int64_t ns) { return 1e-9F * static_cast<float>(ns); }
int64_t nanoseconds(float s) { return static_cast<int64_t>(1e9F * s); }

// Differences of any two such stamps fit in 64 bits.
bool sensible(int64_t time_ns) {
  constexpr int64_t limit_ns = int64_t{1} << 62;
  return time_ns > -limit_ns && time_ns < limit_ns;
}

}  // namespace

Ahrs::Ahrs(const Settings& settings) : settings_(settings), state_() { reset(); }

void Ahrs::reset() {
  state_ = State();
  state_.gyro.clear(settings_.sensor);
  state_.magnet.clear(settings_.sensor);
  state_.heading.clear();
  lose_orientation();
}

// The calibration stays.
void Ahrs::lose_orientation() {
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
  s.has_gyro = s.has_accelerometer = s.has_magnetometer = false;
}

bool Ahrs::gyroscope(int64_t time_ns, const Vec3& rate_radps) {
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
    for (size_t i = 0; i < 3; ++i) s.gyro.covariance.at(i, i) += gap_variance_rad2;
    if (time_ns - s.gyro_ns > lost_ns) lose_orientation();
  }
  if (s.has_gyro) advance(rate_radps, seconds(time_ns - s.gyro_ns));
  s.rate_radps = s.gyro.corrected(rate_radps);
  s.gyro_ns = time_ns;
  s.has_gyro = true;
  s.history.add(time_ns, s.strapdown);
  return true;
}

// Strapdown integration (eq. 4-6).
void Ahrs::advance(const Vec3& rate_radps, float dt_s) {
  State& s = state_;
  s.strapdown = normalized(s.strapdown * from_turn(dt_s * s.gyro.corrected(rate_radps)));
  s.sums.turn_rad = s.sums.turn_rad + dt_s * rate_radps;
  s.sums.turn_s += dt_s;
}

// Where the gyroscope's integral stood when a sample of another sensor was true.
bool Ahrs::find(int64_t time_ns, float latency_s, Quat* q) const {
  const int64_t shift_ns = nanoseconds(latency_s - settings_.sensor.gyroscope_latency_s);
  const int64_t newest_ns = state_.gyro_ns;
  if (!state_.has_gyro || time_ns - newest_ns > lost_ns || newest_ns - time_ns > lost_ns) {
    return false;
  }
  return state_.history.find(time_ns - shift_ns, state_.rate_radps, q);
}

bool Ahrs::accelerometer(int64_t time_ns, const Vec3& acceleration_mps2) {
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
  if (!s.has_accelerometer) s.accelerometer_step_ns = time_ns - nanoseconds(first_step_s);
  if (s.has_accelerometer && time_ns - s.accelerometer_ns > gap_ns) ++s.counts.gaps;
  s.has_accelerometer = true;
  s.accelerometer_ns = time_ns;
  s.acceleration_mps2 = acceleration_mps2;
  s.sums.inertial_mps2 = s.sums.inertial_mps2 + rotate(strapdown, acceleration_mps2);
  s.sums.acceleration_mps2 = s.sums.acceleration_mps2 + acceleration_mps2;
  s.sums.accelerations += 1;
  if (time_ns - s.accelerometer_step_ns >= step_ns) {
    step_tilt(seconds(time_ns - s.accelerometer_step_ns));
    s.accelerometer_step_ns = time_ns;
  }
  return true;
}

void Ahrs::step_tilt(float dt_s) {
  State& s = state_;
  const float share = 1 / s.sums.accelerations;
  const Vec3 inertial = share * s.sums.inertial_mps2;
  const Vec3 acceleration = share * s.sums.acceleration_mps2;
  const Vec3 earth = rotate(s.tilt.inclination, inertial);
  const bool first = !s.tilt.started;
  s.gyro.tilt_corrected(
      s.tilt.update(inertial, dt_s, settings_.motion.accelerometer_time_constant_s));
  const Mat3 to_earth = to_matrix(s.tilt.inclination * s.strapdown);
  const Mat3 mean = mean_of(s.sums.to_earth_before, to_earth);
  if (dt_s > longest_step_s) {
    s.gyro.forget_orientation();
    s.rest.clear();
  } else if (!first && s.tilt.started) {
    s.gyro.add(mean, s.sums.turn_rad, earth, dt_s);
    s.field_sums.turn_rad = s.field_sums.turn_rad + mean * s.sums.turn_rad;
  }
  if (s.sums.turn_s > 0) {
    s.rest.update(settings_, (1 / s.sums.turn_s) * s.sums.turn_rad, acceleration, dt_s);
  }
  s.sums.turn_rad = {0, 0, 0};
  s.sums.turn_s = 0;
  s.sums.inertial_mps2 = {0, 0, 0};
  s.sums.acceleration_mps2 = {0, 0, 0};
  s.sums.accelerations = 0;
  s.sums.to_earth_before = to_earth;
  if (s.gyro.elapsed_s >= gyro_block_s) calibrate_gyro();
}

void Ahrs::calibrate_gyro() {
  State& s = state_;
  CalibrationEvidence evidence{};
  evidence.at_rest = s.rest.still_s >= settings_.motion.rest_duration_s;
  evidence.rest_rate_radps = s.rest.mean_rate_radps();
  FieldSums& field = s.field_sums;
  evidence.has_heading = field.trusted > 0 && !field.distrusted;
  if (evidence.has_heading) {
    evidence.heading_rad = arc_tangent(-field.trusted_ut.x, field.trusted_ut.y);
    evidence.horizontal_field_ut =
        length({field.trusted_ut.x, field.trusted_ut.y, 0}) / field.trusted;
  }
  s.gyro.step(settings_, evidence);
  field.trusted_ut = {0, 0, 0};
  field.trusted = 0;
  field.distrusted = false;
}

bool Ahrs::magnetometer(int64_t time_ns, const Vec3& field_ut) {
  State& s = state_;
  if (!sensible(time_ns) || !within(field_ut, max_field_ut) || within(field_ut, min_field_ut)) {
    ++s.counts.refused;
    return false;
  }
  Quat strapdown;
  const float latency_s =
      settings_.sensor.magnetometer_latency_s + s.magnet.state[MagnetCalibration::latency];
  const bool in_order = !s.has_magnetometer || time_ns > s.magnetometer_ns;
  if (!s.tilt.started || !in_order || !find(time_ns, latency_s, &strapdown)) {
    ++s.counts.late;
    return false;
  }
  if (!s.has_magnetometer) {
    s.field_step_ns = time_ns - nanoseconds(first_step_s);
    s.field_block_ns = s.field_step_ns;
  }
  if (s.has_magnetometer && time_ns - s.magnetometer_ns > gap_ns) ++s.counts.gaps;
  s.has_magnetometer = true;
  s.magnetometer_ns = time_ns;
  const Mat3 to_earth = to_matrix(s.tilt.inclination * strapdown);
  s.sums.field_ut = s.sums.field_ut + to_earth * field_ut;
  add(&s.sums.field_to_earth, to_earth);
  s.sums.fields += 1;
  if (time_ns - s.field_step_ns >= step_ns) {
    step_field(seconds(time_ns - s.field_step_ns));
    s.field_step_ns = time_ns;
  }
  if (time_ns - s.field_block_ns >= magnet_block_ns) {
    calibrate_magnet(seconds(time_ns - s.field_block_ns));
    s.field_block_ns = time_ns;
  }
  return true;
}

void Ahrs::step_field(float dt_s) {
  State& s = state_;
  const Vec3 field_ut =
      (1 / s.sums.fields) * (s.sums.field_ut - s.sums.field_to_earth * s.magnet.hard_iron_ut);
  const bool moving = length(s.rest.mean_rate_radps()) >= settings_.motion.field_moving_radps;
  s.heading.update(settings_.motion, field_ut, moving, dt_s);
  FieldSums& sums = s.field_sums;
  if (s.heading.watch.trusted()) {
    sums.trusted_ut = sums.trusted_ut + field_ut;
    sums.trusted += 1;
  } else {
    sums.distrusted = true;
  }
  sums.field_ut = sums.field_ut + s.sums.field_ut;
  add(&sums.to_earth, s.sums.field_to_earth);
  sums.fields += s.sums.fields;
  s.sums.field_ut = {0, 0, 0};
  s.sums.field_to_earth = Mat3();
  s.sums.fields = 0;
}

void Ahrs::calibrate_magnet(float dt_s) {
  FieldSums& sums = state_.field_sums;
  if (sums.fields > 0) {
    FieldMean mean;
    mean.duration_s = dt_s;
    mean.field_ut = (1 / sums.fields) * sums.field_ut;
    for (size_t i = 0; i < 9; ++i) mean.to_earth.m[i] = sums.to_earth.m[i] / sums.fields;
    mean.rate_radps = (1 / dt_s) * sums.turn_rad;
    state_.magnet.step(settings_, mean);
  }
  sums.field_ut = {0, 0, 0};
  sums.to_earth = Mat3();
  sums.fields = 0;
  sums.turn_rad = {0, 0, 0};
}

Quat Ahrs::orientation() const {
  const State& s = state_;
  const Quat ahead = from_turn(settings_.sensor.gyroscope_latency_s * s.rate_radps);
  const Quat q = normalized(s.heading.to_north * s.tilt.inclination * s.strapdown * ahead);
  return q.w < 0 ? Quat{-q.w, -q.x, -q.y, -q.z} : q;
}

Output Ahrs::output() const {
  const State& s = state_;
  Output out{};
  out.orientation = orientation();
  const Mat3 to_earth = to_matrix(out.orientation);
  out.gravity_mps2 = gravity_mps2 * Vec3{to_earth.m[6], to_earth.m[7], to_earth.m[8]};
  if (s.has_accelerometer) out.linear_acceleration_mps2 = s.acceleration_mps2 - out.gravity_mps2;
  const float heading = arc_tangent(to_earth.m[0], to_earth.m[3]);
  out.heading_rad = heading < 0 ? heading + 2 * pi : heading;
  out.gyro_bias_radps = s.gyro.bias_radps;
  constexpr size_t bias = GyroCalibration::bias;
  const auto sigma = [&s](size_t i) {
    return kernels::square_root_f32(s.gyro.covariance.at(i, i));
  };
  out.gyro_bias_sigma_radps = {sigma(bias), sigma(bias + 1), sigma(bias + 2)};
  out.hard_iron_ut = s.magnet.hard_iron_ut;
  out.magnetometer_latency_s =
      settings_.sensor.magnetometer_latency_s + s.magnet.state[MagnetCalibration::latency];
  out.at_rest = s.rest.still_s >= settings_.motion.rest_duration_s;
  out.has_heading = s.has_magnetometer;
  out.field_disturbed = s.has_magnetometer && s.heading.watch.disturbed();
  return out;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
