#include "fusion/smoother.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "fusion/ahrs/ahrs.hpp"
#include "fusion/smoother_parts.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Ahrs;
using ahrs::GyroCalibration;
using ahrs::MagnetCalibration;
using ahrs::Quat;
using ahrs::Vec3;

// What is left of the scale's uncertainty once a whole recording has been heard.
constexpr float scale_sigma_afterwards = 0.0005F;
// The future is known too, so that velocities may be mistaken for tilt less easily.
constexpr float more_correlated = 4.0F;

// What the causal filter knew at each of the gyroscope's samples.
struct Trace {
  std::vector<Vec3> bias_radps;
  std::vector<float> bias_variance;
  std::vector<Vec3> hard_iron_ut;
  std::vector<float> hard_iron_variance;
  std::vector<bool> trusted;
  ahrs::Mat3 scale_error{};
  float latency_s = 0.0F;

  explicit Trace(std::size_t size)
      : bias_radps(size),
        bias_variance(size),
        hard_iron_ut(size),
        hard_iron_variance(size),
        trusted(size) {}

  void note(std::size_t i, const ahrs::State& state, float sign) {
    const auto variance = [](const auto& covariance, std::size_t first) {
      return covariance.at(first, first) + covariance.at(first + 1, first + 1) +
             covariance.at(first + 2, first + 2);
    };
    bias_radps[i] = sign * state.gyro.bias_radps;
    bias_variance[i] = variance(state.gyro.covariance, GyroCalibration::bias);
    hard_iron_ut[i] = state.magnet.hard_iron_ut();
    hard_iron_variance[i] = variance(state.magnet.covariance, MagnetCalibration::hard_iron);
    trusted[i] = state.heading.watch.trusted();
  }
};

// Without samples that the causal filter would refuse; the gyroscope's, each of which has a row in
// the result, stand as the one before.
MotionRecording usable(const MotionRecording& recording) {
  MotionRecording clean = recording;
  Vec3 newest{};
  for (TimedVector& sample : clean.gyroscope) {
    if (within(sample.value, ahrs::max_rate_radps)) newest = sample.value;
    sample.value = newest;
  }
  std::erase_if(clean.accelerometer, [](const TimedVector& sample) {
    return !within(sample.value, ahrs::max_acceleration_mps2);
  });
  std::erase_if(clean.magnetometer, [](const TimedVector& sample) {
    return !within(sample.value, ahrs::max_field_ut);
  });
  return clean;
}

// Stamps made times of the motion itself.
MotionRecording aligned(MotionRecording recording, const ahrs::SensorSettings& sensor) {
  const auto shift = [](std::vector<TimedVector>& samples, float latency_s) {
    const auto by = static_cast<std::int64_t>(1e9F * latency_s);
    for (TimedVector& sample : samples) sample.time_ns -= by;
  };
  shift(recording.gyroscope, sensor.gyroscope_latency_s);
  shift(recording.accelerometer, sensor.accelerometer_latency_s);
  shift(recording.magnetometer, sensor.magnetometer_latency_s);
  return recording;
}

// The recording as a sensor would have made it to which time runs backward. A gyroscope's sample
// covers the interval before it, so it comes with the stamp at that interval's other end.
MotionRecording reversed(const MotionRecording& recording) {
  MotionRecording back = recording;
  std::vector<TimedVector>& gyro = back.gyroscope;
  for (std::size_t i = 0; i + 1 < gyro.size(); ++i) gyro[i].value = gyro[i + 1].value;
  for (std::vector<TimedVector>* samples :
       {&back.gyroscope, &back.accelerometer, &back.magnetometer}) {
    std::ranges::reverse(*samples);
    for (TimedVector& sample : *samples) sample.time_ns = -sample.time_ns;
  }
  for (TimedVector& sample : gyro) sample.value = -1.0F * sample.value;
  return back;
}

// `sign` -1: `recording` is a reversed one.
Trace run(const MotionRecording& recording, const ahrs::Settings& settings, float sign,
          const Trace* start) {
  const std::size_t size = recording.gyroscope.size();
  Ahrs filter(settings);
  const auto place = [&](std::size_t i) { return sign > 0 ? i : size - 1 - i; };
  if (start != nullptr) {
    ahrs::WholeState state = filter.whole_state();
    state.gyro.bias_radps = sign * start->bias_radps[place(0)];
    state.gyro.scale_error = start->scale_error;
    filter.restore(state);
  }
  Trace trace(size);
  play(recording, filter, [&](std::size_t i) { trace.note(place(i), filter.state(), sign); });
  trace.scale_error = filter.state().gyro.scale_error;
  trace.latency_s = filter.state().magnet.state[MagnetCalibration::latency];
  return trace;
}

// Forward and backward joined, each by how sure it was.
Knowledge joined(const Trace& forward, const Trace& backward) {
  const std::size_t size = forward.bias_radps.size();
  Knowledge known;
  known.bias_radps.resize(size);
  known.hard_iron_ut.resize(size);
  known.trusted.resize(size);
  known.scale_error = forward.scale_error;
  for (std::size_t i = 0; i < size; ++i) {
    const float share = backward.bias_variance[i] /
                        std::max(forward.bias_variance[i] + backward.bias_variance[i], 1e-20F);
    known.bias_radps[i] = share * forward.bias_radps[i] + (1.0F - share) * backward.bias_radps[i];
    const bool take_forward = forward.hard_iron_variance[i] < backward.hard_iron_variance[i];
    known.hard_iron_ut[i] = take_forward ? forward.hard_iron_ut[i] : backward.hard_iron_ut[i];
    known.trusted[i] = forward.trusted[i] && backward.trusted[i];
  }
  return known;
}

}  // namespace

std::vector<Quat> smooth(const MotionRecording& recording, const ahrs::Settings& settings) {
  if (recording.gyroscope.empty()) return {};
  ahrs::Settings known = settings;
  known.motion.correlation_s *= more_correlated;
  MotionRecording motion = aligned(usable(recording), settings.sensor);
  known.sensor.gyroscope_latency_s = 0.0F;
  known.sensor.accelerometer_latency_s = 0.0F;
  known.sensor.magnetometer_latency_s = 0.0F;
  const Trace first = run(motion, known, 1.0F, nullptr);
  ahrs::SensorSettings found{};
  found.gyroscope_latency_s = found.accelerometer_latency_s = 0.0F;
  found.magnetometer_latency_s = first.latency_s;
  motion = aligned(motion, found);
  known.sensor.magnetometer_latency_sigma_s = 0.0F;
  known.sensor.scale_sigma = std::min(known.sensor.scale_sigma, scale_sigma_afterwards);
  const Trace backward = run(reversed(motion), known, -1.0F, &first);
  const Trace forward = run(motion, known, 1.0F, &backward);
  return smoothed(motion, joined(forward, backward), settings);
}

}  // namespace haltere::fusion
