#include "agent/fuse/orientation_run.hpp"

#include <algorithm>
#include <cstddef>

#include "fusion/known/complementary.hpp"
#include "fusion/known/madgwick.hpp"
#include "fusion/known/mahony.hpp"
#include "fusion/smoother.hpp"

namespace haltere::agent {
namespace {

using fusion::MotionRecording;
using fusion::ahrs::Ahrs;
using fusion::ahrs::Output;
using fusion::ahrs::Quat;
using fusion::ahrs::Vec3;

constexpr float longest_step_s = 1.0F;

// For filters that take all sensors at once: the newest sample of each.
struct Newest {
  Vec3 acceleration_mps2{};
  Vec3 field_ut{};

  void gyroscope(std::int64_t, const Vec3&) {}
  void accelerometer(std::int64_t, const Vec3& value) { acceleration_mps2 = value; }
  void magnetometer(std::int64_t, const Vec3& value) { field_ut = value; }
};

Output output_of(const Quat& q, const Newest& newest, bool has_heading) {
  namespace ahrs = fusion::ahrs;
  Output out{};
  out.orientation = q.w < 0 ? Quat{-q.w, -q.x, -q.y, -q.z} : q;
  const ahrs::Mat3 to_earth = ahrs::to_matrix(q);
  out.gravity_mps2 = ahrs::gravity_mps2 * Vec3{to_earth.m[6], to_earth.m[7], to_earth.m[8]};
  out.linear_acceleration_mps2 = newest.acceleration_mps2 - out.gravity_mps2;
  const float heading = ahrs::arc_tangent(to_earth.m[0], to_earth.m[3]);
  out.heading_rad = heading < 0 ? heading + 2 * ahrs::pi : heading;
  out.has_heading = has_heading;
  return out;
}

template <typename Filter>
void run_known(const MotionRecording& recording, OrientationResult& result) {
  Filter filter;
  Newest newest;
  fusion::play(recording, newest, [&](std::size_t i) {
    const fusion::TimedVector& sample = recording.gyroscope[i];
    const std::int64_t before = recording.gyroscope[i > 0 ? i - 1 : 0].time_ns;
    const float dt_s =
        std::clamp(1e-9F * static_cast<float>(sample.time_ns - before), 0.0F, longest_step_s);
    filter.update(sample.value, newest.acceleration_mps2, newest.field_ut, dt_s);
    result.rows[i] = output_of(filter.q, newest, !recording.magnetometer.empty());
  });
}

void run_offline(const MotionRecording& recording, const OrientationRequest& request,
                 OrientationResult& result) {
  const std::vector<Quat> all = fusion::smooth(recording, request.settings);
  Newest newest;
  fusion::play(recording, newest, [&](std::size_t i) {
    result.rows[i] = output_of(all[i], newest, !recording.magnetometer.empty());
  });
}

void run_ours(const MotionRecording& recording, const OrientationRequest& request,
              OrientationResult& result) {
  Ahrs filter(request.settings);
  fusion::play(recording, filter, [&](std::size_t i) { result.rows[i] = filter.output(); });
  result.counts = filter.counts();
}

}  // namespace

std::string_view to_string(OrientationMethod method) {
  switch (method) {
    case OrientationMethod::ours: return "ours";
    case OrientationMethod::offline: return "offline";
    case OrientationMethod::madgwick: return "madgwick";
    case OrientationMethod::mahony: return "mahony";
    case OrientationMethod::complementary: return "complementary";
  }
  return "unknown";
}

OrientationResult run_orientation(const MotionRecording& recording,
                                  const OrientationRequest& request) {
  if (request.without_magnetometer && !recording.magnetometer.empty()) {
    MotionRecording six{recording.gyroscope, recording.accelerometer, {}};
    return run_orientation(six, request);
  }
  OrientationResult result;
  result.rows.resize(recording.gyroscope.size());
  switch (request.method) {
    case OrientationMethod::ours: run_ours(recording, request, result); break;
    case OrientationMethod::offline: run_offline(recording, request, result); break;
    case OrientationMethod::madgwick: run_known<fusion::known::Madgwick>(recording, result); break;
    case OrientationMethod::mahony: run_known<fusion::known::Mahony>(recording, result); break;
    case OrientationMethod::complementary:
      run_known<fusion::known::Complementary>(recording, result);
      break;
  }
  return result;
}

}  // namespace haltere::agent
