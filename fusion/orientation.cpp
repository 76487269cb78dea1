#include "fusion/orientation.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::fusion {
namespace {

constexpr double max_angular_rate_radps = 200.0;
constexpr double max_acceleration_mps2 = 4000.0;
constexpr double min_interval_s = 1e-6;
constexpr double max_interval_s = 1.0;

double squared_length(const Vector3& v) { return v[0] * v[0] + v[1] * v[1] + v[2] * v[2]; }

// False for NaN too.
bool within(const Vector3& v, double limit) {
  return std::abs(v[0]) <= limit && std::abs(v[1]) <= limit && std::abs(v[2]) <= limit;
}

double limited(double value, double limit) { return std::clamp(value, -limit, limit); }

// Shortest rotation that turns the unit vector `up` to +z.
Quaternion levelling(const Vector3& up) {
  const double w = std::sqrt(std::max(0.0, 0.5 * (up[2] + 1.0)));
  if (w < 1e-6) return {0.0, 1.0, 0.0, 0.0};  // upside down: any horizontal axis will do
  const double scale = 0.5 / w;
  return {w, scale * up[1], -scale * up[0], 0.0};
}

constexpr std::array<std::size_t, 3> diagonal{0, 4, 8};

// a b^T
Matrix3 multiply_transposed(const Matrix3& a, const Matrix3& b) {
  Matrix3 product{};
  for (std::size_t row = 0; row < 9; row += 3) {
    for (std::size_t column = 0; column < 3; ++column) {
      const double* other = &b[3 * column];
      product[row + column] = a[row] * other[0] + a[row + 1] * other[1] + a[row + 2] * other[2];
    }
  }
  return product;
}

Matrix3 transposed(const Matrix3& m) {
  return {m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]};
}

// `m` is symmetric with a positive variance added to its diagonal, so far from singular.
Matrix3 inverse_of_symmetric(const Matrix3& m) {
  const double a = m[4] * m[8] - m[5] * m[5];
  const double b = m[2] * m[5] - m[1] * m[8];
  const double c = m[1] * m[5] - m[2] * m[4];
  const double scale = 1.0 / (m[0] * a + m[1] * b + m[2] * c);
  const double d = (m[0] * m[8] - m[2] * m[2]) * scale;
  const double e = (m[1] * m[2] - m[0] * m[5]) * scale;
  const double f = (m[0] * m[4] - m[1] * m[1]) * scale;
  return {a * scale, b * scale, c * scale, b * scale, d, e, c * scale, e, f};
}

}  // namespace

// One measurement of the bias: `error` = measured - `matrix` bias, with these variances.
struct Orientation::BiasMeasurement {
  Matrix3 matrix{1, 0, 0, 0, 1, 0, 0, 0, 1};
  Vector3 error{};
  Vector3 variance{};
};

Orientation::Orientation(const OrientationSettings& settings) : settings_(settings) { reset(); }

void Orientation::reset() {
  state_ = {};
  const double variance = settings_.bias_sigma_initial_radps * settings_.bias_sigma_initial_radps;
  state_.gyro_bias_covariance = {variance, 0, 0, 0, variance, 0, 0, 0, variance};
}

Orientation::BiasStep Orientation::make_bias_step(double dt_s) const {
  const OrientationSettings& s = settings_;
  constexpr double sigma = 0.1 * radian_per_degree;
  const double growth = sigma * sigma * dt_s / s.bias_forgetting_time_s;
  // The variance that makes a steady stream of measurements settle at the wanted sigma.
  const auto settling = [growth](double wanted) {
    const double variance = wanted * wanted;
    return variance * variance / growth + variance;
  };
  BiasStep step;
  step.dt_s = dt_s;
  step.turned = LowPassStep(dt_s, s.accelerometer_time_constant_s);
  step.variance_growth = growth;
  step.rest_variance = settling(s.bias_sigma_rest_radps);
  step.motion_variance = settling(s.bias_sigma_motion_radps);
  step.vertical_variance = step.motion_variance / s.bias_vertical_weight;
  return step;
}

bool Orientation::update(const Vector3& angular_rate_radps, const Vector3& acceleration_mps2,
                         double dt_s) {
  const bool usable = within(angular_rate_radps, max_angular_rate_radps) &&
                      within(acceleration_mps2, max_acceleration_mps2) && dt_s >= min_interval_s &&
                      dt_s <= max_interval_s;
  if (!usable) return false;
  if (dt_s != sample_step_.dt_s) {
    sample_step_ = {dt_s, LowPassStep(dt_s, settings_.accelerometer_time_constant_s),
                    LowPassStep(dt_s, settings_.rest_time_constant_s)};
  }
  detect_rest(angular_rate_radps, acceleration_mps2);
  if (state_.samples > 0) {
    const Vector3 rate = difference(angular_rate_radps, state_.gyro_bias_radps);
    state_.strapdown =
        normalized(state_.strapdown * from_turn({rate[0] * dt_s, rate[1] * dt_s, rate[2] * dt_s}));
  }
  ++state_.samples;
  correct_inclination(acceleration_mps2);
  state_.since_bias_s += dt_s;
  if (state_.since_bias_s >= settings_.bias_interval_s) update_bias();
  return true;
}

void Orientation::detect_rest(const Vector3& angular_rate_radps, const Vector3& acceleration_mps2) {
  const OrientationSettings& s = settings_;
  state_.rest_angular_rate.update(angular_rate_radps, sample_step_.rest);
  state_.rest_acceleration.update(acceleration_mps2, sample_step_.rest);
  const Vector3& mean_rate = state_.rest_angular_rate.output;
  const Vector3 rate_deviation = difference(angular_rate_radps, mean_rate);
  const Vector3 acceleration_deviation =
      difference(acceleration_mps2, state_.rest_acceleration.output);
  const bool quiet =
      squared_length(rate_deviation) < s.rest_angular_rate_radps * s.rest_angular_rate_radps &&
      squared_length(acceleration_deviation) <
          s.rest_acceleration_mps2 * s.rest_acceleration_mps2 &&
      within(mean_rate, s.bias_limit_radps);
  state_.rest_s = quiet ? std::min(state_.rest_s + sample_step_.dt_s, s.rest_duration_s) : 0.0;
}

void Orientation::correct_inclination(const Vector3& acceleration_mps2) {
  const Vector3 inertial = rotate(state_.strapdown, acceleration_mps2);
  state_.acceleration_inertial.update(inertial, sample_step_.accelerometer);
  const Vector3 earth = rotate(state_.inclination, state_.acceleration_inertial.output);
  const double squared = squared_length(earth);
  if (squared < 1e-12) return;  // free fall on average: no direction to learn from
  const double scale = 1.0 / std::sqrt(squared);
  const Vector3 up{earth[0] * scale, earth[1] * scale, earth[2] * scale};
  state_.inclination = normalized(levelling(up) * state_.inclination);
  state_.corrected_x -= up[1];
  state_.corrected_y += up[0];
}

void Orientation::update_bias() {
  if (state_.since_bias_s != bias_step_.dt_s) bias_step_ = make_bias_step(state_.since_bias_s);
  average_turns();
  estimate_bias(measure_bias());
  state_.since_bias_s = 0.0;
  state_.corrected_x = 0.0;
  state_.corrected_y = 0.0;
}

// Averages the matrix sensor to earth and the horizontal part of what it makes of the bias, as the
// accelerometer's filter averages what they did to the inclination.
void Orientation::average_turns() {
  const Matrix3 to_earth = to_matrix(state_.inclination * state_.strapdown);
  const Vector3 bias_earth = to_earth * state_.gyro_bias_radps;
  std::array<double, 11> turns{};
  std::copy(to_earth.begin(), to_earth.end(), turns.begin());
  turns[9] = bias_earth[0];
  turns[10] = bias_earth[1];
  state_.turned.update(turns, bias_step_.turned);
}

// At rest the gyroscope shows its bias. In motion the inclination's corrections tell of the
// horizontal part, and the vertical one is pulled towards zero ever so slightly.
Orientation::BiasMeasurement Orientation::measure_bias() const {
  const Vector3& bias = state_.gyro_bias_radps;
  BiasMeasurement measurement;
  if (at_rest()) {
    measurement.error = difference(state_.rest_angular_rate.output, bias);
    measurement.variance.fill(bias_step_.rest_variance);
  } else {
    const std::array<double, 11>& mean = state_.turned.output;
    std::copy_n(mean.begin(), 9, measurement.matrix.begin());
    const double rate_hz = 1.0 / bias_step_.dt_s;
    const Vector3 predicted = measurement.matrix * bias;
    measurement.error = {state_.corrected_x * rate_hz + mean[9] - predicted[0],
                         state_.corrected_y * rate_hz + mean[10] - predicted[1], -predicted[2]};
    measurement.variance = {bias_step_.motion_variance, bias_step_.motion_variance,
                            bias_step_.vertical_variance};
  }
  for (double& error : measurement.error) error = limited(error, settings_.bias_limit_radps);
  return measurement;
}

// One step of the Kalman filter whose state is the bias, a slow random walk.
void Orientation::estimate_bias(const BiasMeasurement& measurement) {
  Matrix3& covariance = state_.gyro_bias_covariance;
  const double ceiling = settings_.bias_sigma_initial_radps * settings_.bias_sigma_initial_radps;
  for (const std::size_t i : diagonal) {
    if (covariance[i] < ceiling) covariance[i] += bias_step_.variance_growth;
  }
  const Matrix3 cross = multiply_transposed(covariance, measurement.matrix);
  Matrix3 innovation = multiply_transposed(measurement.matrix, transposed(cross));
  for (std::size_t i = 0; i < 3; ++i) innovation[diagonal[i]] += measurement.variance[i];
  const Matrix3 gain = multiply_transposed(cross, inverse_of_symmetric(innovation));
  const Vector3 change = gain * measurement.error;
  for (std::size_t i = 0; i < 3; ++i) {
    double& bias = state_.gyro_bias_radps[i];
    bias = limited(bias + change[i], settings_.bias_limit_radps);
  }
  const Matrix3 removed = multiply_transposed(gain, cross);
  // The lower half mirrors the upper one, so that rounding cannot make the matrix lopsided.
  const auto at = [&](std::size_t i) { return covariance[i] - removed[i]; };
  covariance = {at(0), at(1), at(2), at(1), at(4), at(5), at(2), at(5), at(8)};
}

Quaternion Orientation::quaternion() const {
  const Quaternion q = normalized(state_.inclination * state_.strapdown);
  return q.w < 0.0 ? Quaternion{-q.w, -q.x, -q.y, -q.z} : q;
}

Vector3 Orientation::gravity_mps2() const {
  const Matrix3 to_earth = to_matrix(quaternion());
  return {standard_gravity_mps2 * to_earth[6], standard_gravity_mps2 * to_earth[7],
          standard_gravity_mps2 * to_earth[8]};
}

}  // namespace haltere::fusion
