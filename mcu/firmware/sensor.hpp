#pragma once

#include <stdint.h>

#include "mcu/link/sensing.hpp"

namespace haltere {
namespace firmware {

/// A channel as models call it: the value is scale * count.
struct SensorChannel {
  const char* name = nullptr;  ///< as a recipe has it, at most 15 bytes
  float scale = 1.0f;
};

/// A sensor as its port offers it. Drivers fill this in; none: `channels` 0.
struct Sensor {
  uint8_t channels = 0;  ///< at most link::max_sensor_channels
  float most_hz = 0.0f;
  const SensorChannel* channel = nullptr;  ///< [channels]
  void* context = nullptr;

  /// Begins to sample at `rate_hz`, numbered from 0. False: it cannot at this rate.
  bool (*start)(void* context, float rate_hz) = nullptr;
  void (*stop)(void* context) = nullptr;

  /// Takes the oldest sample [channels] that waits and its number; numbers of samples that were
  /// lost are left out. False: none waits.
  bool (*read)(void* context, int16_t* sample, uint32_t& number) = nullptr;
};

}  // namespace firmware
}  // namespace haltere
