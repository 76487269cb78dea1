#include "mcu/firmware/wave.hpp"

namespace haltere {
namespace firmware {
namespace {

struct Activity {
  uint16_t step;      // of the phase, 2^16 a turn, per sample
  int16_t amplitude;  // of the accelerometer, in counts
  int16_t turn;       // of the gyroscope
};

constexpr Activity activities[wave_activities] = {
    {66, 60, 40}, {262, 2200, 900}, {655, 4200, 2600}, {1311, 1500, 5200}};

/// A parabola that is nearly a sine: 2^16 a turn, within ±2^14.
int32_t bent(uint16_t phase) {
  const int32_t x = static_cast<int16_t>(phase);
  const int32_t size = x < 0 ? -x : x;
  return x * (32768 - size) / 16384;
}

/// Within ±64, as if at random.
int32_t noise(uint32_t number, uint8_t channel) {
  uint32_t x = number * 2654435761u + channel * 40503u + 1u;
  x ^= x >> 15;
  x *= 2246822519u;
  x ^= x >> 13;
  return static_cast<int32_t>(x & 127u) - 64;
}

}  // namespace

const SensorChannel* wave_channel_names() {
  static constexpr float g = 1.0f / 8192.0f;
  static constexpr float dps = 1.0f / 16.0f;
  static constexpr SensorChannel names[wave_channels] = {{"ax", g},   {"ay", g},   {"az", g},
                                                         {"gx", dps}, {"gy", dps}, {"gz", dps}};
  return names;
}

void wave_sample(uint32_t number, int16_t* sample) {
  const Activity& activity = activities[number / wave_activity_samples % wave_activities];
  const auto turned = static_cast<uint16_t>(number * activity.step);
  for (uint8_t channel = 0; channel < wave_channels; ++channel) {
    const int32_t amplitude = channel < 3 ? activity.amplitude : activity.turn;
    const auto phase = static_cast<uint16_t>(turned + channel * 10923u);
    const int32_t gravity = channel == 2 ? 8192 : 0;
    sample[channel] =
        static_cast<int16_t>(gravity + amplitude * bent(phase) / 16384 + noise(number, channel));
  }
}

}  // namespace firmware
}  // namespace haltere
