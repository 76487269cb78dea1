#pragma once

#include <stdint.h>

#include "mcu/firmware/sample_clock.hpp"
#include "mcu/firmware/wave.hpp"

namespace haltere {
namespace firmware {

/// The made-up sensor on a board. `Board` has, all static: tick_hz, ticks(), and
///   start_sample_timer(period_ticks), whose interrupt ends sleep once a period from now on, never
///   before a sample is due; stop_sample_timer().
/// One object, of static storage.
template <typename Board>
class WaveSensor {
 public:
  Sensor sensor() {
    Sensor sensor;
    sensor.channels = wave_channels;
    sensor.most_hz = most_hz;
    sensor.channel = wave_channel_names();
    sensor.context = this;
    sensor.start = [](void* self, float rate_hz) {
      return static_cast<WaveSensor*>(self)->start(rate_hz);
    };
    sensor.stop = [](void* self) { static_cast<WaveSensor*>(self)->stop(); };
    sensor.read = [](void* self, int16_t* sample, uint32_t& number) {
      return static_cast<WaveSensor*>(self)->read(sample, number);
    };
    return sensor;
  }

  bool sample_waits() { return running_ && clock_.ticks_left(now()) == 0; }

 private:
  static constexpr float most_hz = 4000.0f;
  static constexpr float least_hz = 1.0f;

  bool start(float rate_hz) {
    if (!(rate_hz >= least_hz) || rate_hz > most_hz) return false;
    const auto period = static_cast<uint32_t>(static_cast<float>(Board::tick_hz) / rate_hz);
    now_ = 0;
    seen_ = Board::ticks(nullptr);
    clock_.start(0, period);
    Board::start_sample_timer(period);
    return running_ = true;
  }

  void stop() {
    running_ = false;
    Board::stop_sample_timer();
  }

  bool read(int16_t* sample, uint32_t& number) {
    if (!running_ || !clock_.take(now(), number)) return false;
    wave_sample(number, sample);
    return true;
  }

  // The board's ticks wrap; while it samples this is called often enough.
  uint64_t now() {
    const uint32_t ticks = Board::ticks(nullptr);
    now_ += ticks - seen_;
    seen_ = ticks;
    return now_;
  }

  SampleClock clock_;
  uint64_t now_ = 0;
  uint32_t seen_ = 0;
  bool running_ = false;
};

}  // namespace firmware
}  // namespace haltere
