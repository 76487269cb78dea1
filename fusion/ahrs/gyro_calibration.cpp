#include "fusion/ahrs/gyro_calibration.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

constexpr float square(float v) { return v * v; }

constexpr float tilt_sigma_rad = 5.0F * radian_per_degree;  // of the first level, in motion
constexpr float heading_sigma_rad = 3.0F;                   // unknown
constexpr float velocity_sigma_mps = 0.3F;                  // when first seen
// The gyroscope's noise, and what the model leaves out: rad / sqrt(s), m/s / sqrt(s).
constexpr float orientation_noise = 0.02F * radian_per_degree;
constexpr float velocity_noise = 0.05F;
constexpr float bias_walk_radps = 0.1F * radian_per_degree;
constexpr float velocity_variance_time_s = 5.0F;
constexpr float weightless_mps2 = 1.0F;
constexpr float most_velocity_mps = 50.0F;  // about its mean, however gradually it grew
constexpr float min_horizontal_field_ut = 2.0F;
constexpr float time_steps = 32768.0F;
constexpr float turn_steps = 1024.0F;

// Adds `by`[parameters], each to the nearest whole step and below 2^20; stays at the ends of the
// range, which are further than a gyroscope turns in a step.
void increase(int16_t* sums, const float* by) {
  for (size_t i = 0; i < GyroCalibration::parameters; ++i) {
    // Positive when it is cut off, which needs no branch.
    const int32_t sum = sums[i] + static_cast<int32_t>(by[i] + 1048576.5F) - 1048576;
    const int32_t low = sum < -32767 ? -32767 : sum;
    sums[i] = static_cast<int16_t>(low > 32767 ? 32767 : low);
  }
}

}  // namespace

void GyroCalibration::clear(const SensorSettings& sensor) {
  covariance.clear();
  bias_radps = {0, 0, 0};
  for (float& m : scale_error.m) m = 0;
  for (size_t i = 0; i < 3; ++i) covariance.sigma[bias + i] = sensor.bias_sigma_radps;
  for (size_t i = 0; i < 9; ++i) covariance.sigma[scale + i] = sensor.scale_sigma;
  velocity_variance = 0;
  forget_orientation();
}

void GyroCalibration::forget_orientation() {
  for (size_t i = 0; i < 2; ++i) covariance.reset(orientation + i, tilt_sigma_rad);
  covariance.reset(orientation + 2, heading_sigma_rad);
  for (float& error : error_rad) error = 0;
  forget_velocity();
  start_interval();
}

void GyroCalibration::forget_velocity() {
  for (size_t i = 0; i < 2; ++i) {
    covariance.reset(velocity + i, velocity_sigma_mps);
    velocity_mps[i] = 0;
  }
}

void GyroCalibration::start_interval() {
  for (auto& row : turned) {
    for (int16_t& v : row) v = 0;
  }
  velocity_gain_mps = {0, 0, 0};
  elapsed_s = 0;
}

void GyroCalibration::add(const Mat3& to_earth, const Vec3& turn_rad, const Vec3& acceleration_mps2,
                          float dt_s) {
  const float time_dt = time_steps * dt_s;
  const Vec3 turn = turn_steps * turn_rad;
  for (size_t i = 0; i < 3; ++i) {
    float by[parameters];
    for (size_t j = 0; j < 3; ++j) {
      const float r = to_earth.m[3 * i + j];
      by[j] = time_dt * r;
      by[3 + 3 * j] = r * turn.x;
      by[4 + 3 * j] = r * turn.y;
      by[5 + 3 * j] = r * turn.z;
    }
    increase(turned[i], by);
  }
  velocity_gain_mps = velocity_gain_mps + dt_s * acceleration_mps2;
  velocity_mps[0] += dt_s * (acceleration_mps2.x - gravity_mps2 * error_rad[1]);
  velocity_mps[1] += dt_s * (acceleration_mps2.y + gravity_mps2 * error_rad[0]);
  elapsed_s += dt_s;
}

// An error of the tilt makes gravity look like acceleration: v' = g (tilt_y, -tilt_x).
void GyroCalibration::predict(const Settings& settings) {
  const float half_gain = 0.5F * gravity_mps2 * elapsed_s;
  const float minus_half_gain = -half_gain;
  covariance.add(velocity, orientation + 1, &half_gain, 1);
  covariance.add(velocity + 1, orientation, &minus_half_gain, 1);
  turn_covariance();
  covariance.add(velocity, orientation + 1, &half_gain, 1);
  covariance.add(velocity + 1, orientation, &minus_half_gain, 1);
  for (size_t i = 0; i < 3; ++i) {
    covariance.widen(orientation + i, square(orientation_noise) * elapsed_s);
    if (covariance.sigma[bias + i] < settings.sensor.bias_sigma_radps) {
      const float share = elapsed_s / settings.sensor.bias_forgetting_time_s;
      covariance.widen(bias + i, square(bias_walk_radps) * share);
    }
  }
  for (size_t i = 0; i < 2; ++i) {
    covariance.widen(velocity + i, square(velocity_noise) * elapsed_s);
  }
}

// orientation += turned * (b, M), of their errors.
void GyroCalibration::turn_covariance() {
  for (size_t i = 0; i < 3; ++i) {
    float by[parameters];
    for (size_t j = 0; j < parameters; ++j) {
      by[j] = (j < 3 ? 1 / time_steps : 1 / turn_steps) * static_cast<float>(turned[i][j]);
    }
    covariance.add(orientation + i, bias, by, parameters);
  }
}

void GyroCalibration::measure(size_t state, float innovation, float variance,
                              float bias_limit_radps) {
  float gain[states];
  covariance.measure(state, variance, gain);
  for (size_t i = 0; i < 3; ++i) error_rad[i] += gain[orientation + i] * innovation;
  for (size_t i = 0; i < 2; ++i) velocity_mps[i] -= gain[velocity + i] * innovation;
  bias_radps = bias_radps + innovation * Vec3{gain[bias], gain[bias + 1], gain[bias + 2]};
  bias_radps = {limited(bias_radps.x, bias_limit_radps), limited(bias_radps.y, bias_limit_radps),
                limited(bias_radps.z, bias_limit_radps)};
  for (size_t i = 0; i < 9; ++i) {
    scale_error.m[i] = limited(scale_error.m[i] + gain[scale + i] * innovation, 0.1F);
  }
}

// What is further off than this tells that the orientation was lost, not how the gyroscope errs.
bool GyroCalibration::fits(size_t state, float innovation, float variance) const {
  constexpr float most_sigmas = 6;
  return square(innovation) < square(most_sigmas) * (square(covariance.sigma[state]) + variance);
}

// The sensor's velocity is zero but for a disturbance as large as it was recently. False if that
// cannot be.
bool GyroCalibration::measure_velocity(const Settings& settings) {
  // In free fall acceleration tells nothing of the tilt.
  if (length(velocity_gain_mps) < weightless_mps2 * elapsed_s) {
    forget_velocity();
    return true;
  }
  const MotionSettings& motion = settings.motion;
  const float variance = larger(square(motion.velocity_sigma_mps), velocity_variance) *
                         motion.correlation_s / elapsed_s;
  float squares = 0;
  for (size_t i = 0; i < 2; ++i) {
    const bool possible = absolute(velocity_mps[i]) < most_velocity_mps;
    if (!possible || !fits(velocity + i, velocity_mps[i], variance)) return false;
    measure(velocity + i, velocity_mps[i], variance, settings.sensor.bias_limit_radps);
    squares += square(velocity_mps[i]);
  }
  velocity_variance +=
      elapsed_s / (velocity_variance_time_s + elapsed_s) * (0.5F * squares - velocity_variance);
  return true;
}

bool GyroCalibration::measure_heading(const Settings& settings,
                                      const CalibrationEvidence& evidence) {
  if (!evidence.has_heading || !(evidence.horizontal_field_ut > min_horizontal_field_ut))
    return true;
  const float sigma_rad = settings.motion.field_sigma_ut / evidence.horizontal_field_ut;
  const float variance = square(sigma_rad) * (settings.motion.correlation_s / elapsed_s);
  error_rad[2] = wrapped(error_rad[2]);
  const float innovation = wrapped(evidence.heading_rad - error_rad[2]);
  if (!fits(orientation + 2, innovation, variance)) return false;
  measure(orientation + 2, innovation, variance, settings.sensor.bias_limit_radps);
  return true;
}

bool GyroCalibration::step(const Settings& settings, const CalibrationEvidence& evidence) {
  predict(settings);
  if (!measure_velocity(settings) || !measure_heading(settings, evidence)) {
    forget_orientation();
    return false;
  }
  if (evidence.at_rest) {
    const float limit_radps = settings.sensor.bias_limit_radps;
    const float variance = square(settings.motion.rest_bias_sigma_radps) / elapsed_s;
    const Vec3& rate = evidence.rest_rate_radps;
    measure(bias, rate.x - bias_radps.x, variance, limit_radps);
    measure(bias + 1, rate.y - bias_radps.y, variance, limit_radps);
    measure(bias + 2, rate.z - bias_radps.z, variance, limit_radps);
  }
  start_interval();
  return true;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
