#include "fusion/ahrs/magnet_calibration.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

constexpr float square(float v) { return v * v; }

constexpr float unknown_field_ut = 100.0F;  // above any field of the earth
// Random walks, uT / sqrt(s): the heading drifts and the field of a room is uneven; magnets stay.
constexpr float field_walk = 0.3F;
constexpr float hard_iron_walk = 0.05F;
constexpr float residual_time_s = 3.0F;
constexpr float jump = 3.0F;     // sigmas
constexpr float certain = 3.0F;  // sigmas
constexpr float max_latency_change_s = 0.015F;

// What a sample's component `row` consists of, by state.
void observe(const FieldMean& mean, const Vec3& drag, size_t row, float* h) {
  for (size_t i = 0; i < 3; ++i) {
    h[MagnetCalibration::field + i] = i == row ? 1.0F : 0.0F;
    h[MagnetCalibration::hard_iron + i] = mean.to_earth.m[3 * row + i];
  }
  h[MagnetCalibration::latency] = row == 0 ? drag.x : row == 1 ? drag.y : drag.z;
}

}  // namespace

void MagnetCalibration::clear(const SensorSettings& sensor) {
  covariance.clear();
  for (float& value : state) value = 0;
  for (size_t i = 0; i < 3; ++i) {
    covariance.sigma[hard_iron + i] = sensor.hard_iron_sigma_ut;
  }
  covariance.sigma[latency] = sensor.magnetometer_latency_sigma_s;
  residual_ut2 = square(sensor.magnetometer_sigma_ut);
  forget_field();
}

void MagnetCalibration::forget_field() {
  for (size_t i = 0; i < 3; ++i) {
    covariance.reset(field + i, unknown_field_ut);
    state[field + i] = 0;
  }
}

void MagnetCalibration::predict(const SensorSettings& sensor, float dt_s) {
  for (size_t i = 0; i < 3; ++i) {
    covariance.widen(field + i, square(field_walk) * dt_s);
    if (covariance.sigma[hard_iron + i] < sensor.hard_iron_sigma_ut) {
      covariance.widen(hard_iron + i, square(hard_iron_walk) * dt_s);
    }
  }
}

// Sample less what the state makes of it. The latency in use is the estimated one already.
Vec3 MagnetCalibration::left_over(const FieldMean& mean) const {
  const Vec3 m{state[field], state[field + 1], state[field + 2]};
  const Vec3 h{state[hard_iron], state[hard_iron + 1], state[hard_iron + 2]};
  return mean.field_ut - m - mean.to_earth * h;
}

// A step in the field that rotation does not explain: the surroundings changed, or a magnet.
void MagnetCalibration::open_after_jump(const SensorSettings& sensor, const FieldMean& mean) {
  const Vec3 rest = left_over(mean);
  const float squares = dot(rest, rest);
  float expected = 3 * larger(square(sensor.magnetometer_sigma_ut), residual_ut2);
  for (size_t row = 0; row < 3; ++row) {
    float h[states];
    observe(mean, {0, 0, 0}, row, h);
    expected += covariance.variance_of(h);
  }
  if (squares <= square(jump) * expected) return;
  for (size_t i = 0; i < latency; ++i) covariance.widen(i, squares / 3);
}

void MagnetCalibration::step(const Settings& settings, const FieldMean& mean) {
  const SensorSettings& sensor = settings.sensor;
  if (state[field] == 0 && state[field + 1] == 0 && state[field + 2] == 0) {
    state[field] = mean.field_ut.x;
    state[field + 1] = mean.field_ut.y;
    state[field + 2] = mean.field_ut.z;
  }
  predict(sensor, mean.duration_s);
  open_after_jump(sensor, mean);
  const float variance = larger(square(sensor.magnetometer_sigma_ut), residual_ut2) *
                         settings.motion.correlation_s / mean.duration_s;
  const Vec3 drag = cross(mean.rate_radps, {state[field], state[field + 1], state[field + 2]});
  const float latency_before = state[latency];
  for (size_t row = 0; row < 3; ++row) {
    float h[states];
    float gain[states];
    observe(mean, drag, row, h);
    covariance.measure_sum(h, variance, gain);
    const Vec3 rest = left_over(mean) - (state[latency] - latency_before) * drag;
    const float innovation = row == 0 ? rest.x : row == 1 ? rest.y : rest.z;
    for (size_t i = 0; i < states; ++i) state[i] += gain[i] * innovation;
  }
  state[latency] = limited(state[latency], max_latency_change_s);
  const Vec3 rest = left_over(mean) - (state[latency] - latency_before) * drag;
  residual_ut2 +=
      mean.duration_s / (residual_time_s + mean.duration_s) * (dot(rest, rest) / 3 - residual_ut2);
}

// The share of `h` that is.
float MagnetCalibration::certainty(const Vec3& h) const {
  float variance = 0;
  for (size_t i = hard_iron; i < latency; ++i) variance += covariance.at(i, i);
  return larger(0, 1 - square(certain) * variance / (dot(h, h) + 1e-6F));
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
