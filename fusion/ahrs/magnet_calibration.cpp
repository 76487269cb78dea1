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
constexpr float jump = 3.0F;            // sigmas
constexpr float certain = 3.0F;         // sigmas
constexpr float least_known_ut = 4.0F;  // less uncertain than this is told of ...
constexpr float known_share = 0.2F;     // ... or than this share of the estimate
constexpr float most_uncertain = 1e6F;  // of that squared: beyond it cofactors may leave the range
constexpr float max_latency_change_s = 0.015F;

// What a sample's component `row` consists of, by state.
void observe(const Mat3& turned, const Vec3& drag, size_t row, float* h) {
  for (size_t i = 0; i < 3; ++i) {
    h[MagnetCalibration::sample + i] = i == row ? 1.0F : 0.0F;
    h[MagnetCalibration::hard_iron + i] = turned.m[3 * row + i];
  }
  h[MagnetCalibration::latency] = row == 0 ? drag.x : row == 1 ? drag.y : drag.z;
}

Mat3 minus(const Mat3& a, const Mat3& b) {
  Mat3 difference;
  for (size_t i = 0; i < 9; ++i) difference.m[i] = a.m[i] - b.m[i];
  return difference;
}

constexpr float attitude_steps = 127.0F;

int8_t attitude_part(float v) {
  return static_cast<int8_t>(rounded(attitude_steps * limited(v, 1)));
}

// Half a degree off at worst, and not quite a rotation, which R0 need not be.
Mat3 matrix_of(const int8_t* q) {
  constexpr float step = 1 / attitude_steps;
  return to_matrix({step * static_cast<float>(q[0]), step * static_cast<float>(q[1]),
                    step * static_cast<float>(q[2]), step * static_cast<float>(q[3])});
}

// (1 + p p)^-1 of a symmetric p, by cofactors.
Mat3 inverse_of_one_plus_square(const Mat3& p) {
  const Vec3 a{p.m[0], p.m[1], p.m[2]};
  const Vec3 b{p.m[3], p.m[4], p.m[5]};
  const Vec3 c{p.m[6], p.m[7], p.m[8]};
  const float xx = 1 + dot(a, a);
  const float yy = 1 + dot(b, b);
  const float zz = 1 + dot(c, c);
  const float xy = dot(a, b);
  const float xz = dot(a, c);
  const float yz = dot(b, c);
  const Vec3 first{yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy};
  const float scale = 1 / larger(dot({xx, xy, xz}, first), 1);  // less only by rounding
  const Vec3 top = scale * first;
  const float middle = scale * (xx * zz - xz * xz);
  const float mixed = scale * (xy * xz - xx * yz);
  return {{top.x, top.y, top.z, top.y, middle, mixed, top.z, mixed, scale * (xx * yy - xy * xy)}};
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
  for (int8_t& part : reference) part = 0;
  forget_field();
}

void MagnetCalibration::forget_field() {
  for (size_t i = 0; i < 3; ++i) {
    covariance.reset(sample + i, unknown_field_ut);
    state[sample + i] = 0;
  }
}

// What turning taught of the magnets is forgotten while it turns: at rest nothing would make up for
// it, and a magnet that changes then shows as a jump.
void MagnetCalibration::predict(const Settings& settings, const FieldMean& mean) {
  const float turning = smaller(1, length(mean.rate_radps) / settings.motion.field_moving_radps);
  for (size_t i = 0; i < 3; ++i) {
    covariance.widen(sample + i, square(field_walk) * mean.duration_s);
    if (covariance.sigma[hard_iron + i] < settings.sensor.hard_iron_sigma_ut) {
      covariance.widen(hard_iron + i, square(hard_iron_walk) * turning * mean.duration_s);
    }
  }
}

// s + (R1 - R0) h of the attitude R1 is the s of then. With a frame of its own, as that of `step`
// is the deepest there is.
__attribute__((noinline)) void MagnetCalibration::turn_reference(const Quat& attitude) {
  const Mat3 before = matrix_of(reference);
  reference[0] = attitude_part(attitude.w);
  reference[1] = attitude_part(attitude.x);
  reference[2] = attitude_part(attitude.y);
  reference[3] = attitude_part(attitude.z);
  const Mat3 turned = minus(matrix_of(reference), before);
  for (size_t i = 0; i < 3; ++i) {
    const float* row = turned.m + 3 * i;
    covariance.add(sample + i, hard_iron, row, 3);
    for (size_t j = 0; j < 3; ++j) state[sample + i] += row[j] * state[hard_iron + j];
  }
}

// Sample less what the state makes of it. The latency in use is the estimated one already.
Vec3 MagnetCalibration::left_over(const FieldMean& mean, const Mat3& turned) const {
  const Vec3 s{state[sample], state[sample + 1], state[sample + 2]};
  const Vec3 h{state[hard_iron], state[hard_iron + 1], state[hard_iron + 2]};
  return mean.field_ut - s - turned * h;
}

// A step in the field that rotation does not explain: the surroundings changed, or a magnet.
void MagnetCalibration::open_after_jump(const SensorSettings& sensor, const FieldMean& mean,
                                        const Mat3& turned) {
  const Vec3 rest = left_over(mean, turned);
  const float squares = dot(rest, rest);
  float expected = 3 * larger(square(sensor.magnetometer_sigma_ut), residual_ut2);
  for (size_t row = 0; row < 3; ++row) {
    float h[states];
    observe(turned, {0, 0, 0}, row, h);
    expected += covariance.variance_of(h);
  }
  if (squares <= square(jump) * expected) return;
  for (size_t i = 0; i < latency; ++i) covariance.widen(i, squares / 3);
}

void MagnetCalibration::step(const Settings& settings, const FieldMean& mean) {
  const SensorSettings& sensor = settings.sensor;
  if (state[sample] == 0 && state[sample + 1] == 0 && state[sample + 2] == 0) {
    turn_reference(mean.attitude);
    forget_field();  // nothing of it is known from before
    state[sample] = mean.field_ut.x;
    state[sample + 1] = mean.field_ut.y;
    state[sample + 2] = mean.field_ut.z;
  }
  predict(settings, mean);
  const Mat3 turned = minus(mean.to_earth, matrix_of(reference));
  open_after_jump(sensor, mean, turned);
  const float variance = larger(square(sensor.magnetometer_sigma_ut), residual_ut2) *
                         settings.motion.correlation_s / mean.duration_s;
  const Vec3 magnets{state[hard_iron], state[hard_iron + 1], state[hard_iron + 2]};
  const Vec3 shown{state[sample], state[sample + 1], state[sample + 2]};
  const Vec3 surroundings = shown + turned * magnets - mean.to_earth * magnets;
  const Vec3 drag = cross(mean.rate_radps, surroundings);
  const float latency_before = state[latency];
  for (size_t row = 0; row < 3; ++row) {
    float h[states];
    float gain[states];
    observe(turned, drag, row, h);
    covariance.measure_sum(h, variance, gain);
    const Vec3 rest = left_over(mean, turned) - (state[latency] - latency_before) * drag;
    const float innovation = row == 0 ? rest.x : row == 1 ? rest.y : rest.z;
    for (size_t i = 0; i < states; ++i) state[i] += gain[i] * innovation;
  }
  state[latency] = limited(state[latency], max_latency_change_s);
  const Vec3 rest = left_over(mean, turned) - (state[latency] - latency_before) * drag;
  residual_ut2 +=
      mean.duration_s / (residual_time_s + mean.duration_s) * (dot(rest, rest) / 3 - residual_ut2);
  turn_reference(mean.attitude);
}

// K h with K = (1 + (P / known^2)^2)^-1, P being h's covariance: nothing of what lies in directions
// that no turn told of, as up of a vehicle's. Then what of it may be chance is taken off, by the
// trace of K P K.
Vec3 MagnetCalibration::hard_iron_ut() const {
  constexpr size_t x = hard_iron;
  const Vec3 h{state[x], state[x + 1], state[x + 2]};
  const float share = 1 / (square(least_known_ut) + square(known_share) * dot(h, h));
  Mat3 p;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j <= i; ++j)
      p.m[3 * i + j] = p.m[3 * j + i] = share * covariance.at(x + i, x + j);
  }
  if (!(p.m[0] + p.m[4] + p.m[8] < most_uncertain)) return {0, 0, 0};
  const Mat3 known = inverse_of_one_plus_square(p);
  const Vec3 kept = known * h;
  const Vec3 a{known.m[0], known.m[1], known.m[2]};
  const Vec3 b{known.m[3], known.m[4], known.m[5]};
  const Vec3 c{known.m[6], known.m[7], known.m[8]};
  const float variance = (p.m[0] * dot(a, a) + p.m[4] * dot(b, b) + p.m[8] * dot(c, c) +
                          2 * (p.m[1] * dot(a, b) + p.m[2] * dot(a, c) + p.m[5] * dot(b, c))) /
                         share;
  return larger(0, 1 - square(certain) * variance / (dot(kept, kept) + 1e-6F)) * kept;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
