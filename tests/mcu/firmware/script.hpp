#pragma once

#include <cstdint>

#include "mcu/firmware/sensing.hpp"
#include "mcu/firmware/wave.hpp"

namespace haltere::firmware {

/// A sensor whose samples come when the test says so.
struct Script {
  std::uint32_t next = 0;
  std::uint32_t until = 0;  ///< number of the first sample that is not there yet
  float rate_hz = 0.0F;     ///< 0: stopped

  Sensor sensor() {
    Sensor sensor;
    sensor.channels = wave_channels;
    sensor.channel = wave_channel_names();
    sensor.most_hz = 1000.0F;
    sensor.context = this;
    sensor.start = [](void* self, float wanted_hz) {
      auto& script = *static_cast<Script*>(self);
      script.next = 0;
      script.rate_hz = wanted_hz;
      return wanted_hz <= 1000.0F;
    };
    sensor.stop = [](void* self) { static_cast<Script*>(self)->rate_hz = 0.0F; };
    sensor.read = [](void* self, std::int16_t* sample, std::uint32_t& number) {
      auto& script = *static_cast<Script*>(self);
      if (script.next >= script.until) return false;
      number = script.next++;
      wave_sample(number, sample);
      return true;
    };
    return sensor;
  }
};

}  // namespace haltere::firmware
