#pragma once

#include <Arduino.h>

#include "mcu/firmware/ports/shared/slots_in_ram.hpp"
#include "mcu/firmware/runtime.hpp"

namespace haltere {

/// What a sketch's sensor has: up to 16 channels, read when a sample is due.
struct ArduinoSensor {
  uint8_t channels = 0;
  const firmware::SensorChannel* channel = nullptr;  ///< [channels]: names as models have them
  float most_hz = 0.0f;
  void (*read)(int16_t* sample) = nullptr;  ///< writes [channels] counts
};

/// What else a sketch may offer; each may stay null.
struct ArduinoPins {
  bool (*enroll_button)() = nullptr;  ///< held: a board may enroll this device
  bool (*label_button)() = nullptr;   ///< held: what the sensor sees is of the class told last
  void (*wake)(bool raised) = nullptr;
};

namespace arduino {

struct Place {
  void* at;
};

inline uint32_t now_us() { return static_cast<uint32_t>(micros()); }

inline link::Core core() {
#if defined(__ARM_ARCH_6M__)
  return link::Core::cortex_m0plus;
#elif defined(__ARM_ARCH_7M__)
  return link::Core::cortex_m3;
#elif defined(__ARM_ARCH_7EM__) && defined(__ARM_FP)
  return link::Core::cortex_m4f;
#elif defined(__ARM_ARCH_7EM__)
  return link::Core::cortex_m4;
#elif defined(__ARM_ARCH_8M_MAIN__)
  return link::Core::cortex_m33;
#elif defined(__riscv)
  return link::Core::rv32imc;
#elif defined(__AVR__)
  return link::Core::avr;
#else
  return link::Core::host;  // any other: portable kernels, plain weights
#endif
}

/// Reads a sensor by the clock. A sample whose time has passed is lost, not made up.
class Clocked {
 public:
  explicit Clocked(const ArduinoSensor& from) : from_(from) {}

  firmware::Sensor sensor() {
    firmware::Sensor sensor;
    sensor.channels = from_.channels;
    sensor.channel = from_.channel;
    sensor.most_hz = from_.most_hz;
    sensor.context = this;
    sensor.start = [](void* self, float rate_hz) {
      return static_cast<Clocked*>(self)->start(rate_hz);
    };
    sensor.stop = [](void* self) { static_cast<Clocked*>(self)->running_ = false; };
    sensor.read = [](void* self, int16_t* sample, uint32_t& number) {
      return static_cast<Clocked*>(self)->read(sample, number);
    };
    return sensor;
  }

 private:
  bool start(float rate_hz) {
    if (!(rate_hz >= 0.1f) || rate_hz > from_.most_hz) return false;
    period_us_ = static_cast<uint32_t>(1e6f / rate_hz);
    due_us_ = now_us() + period_us_;
    next_ = 0;
    return running_ = true;
  }

  bool read(int16_t* sample, uint32_t& number) {
    const uint32_t late_us = now_us() - due_us_;
    if (!running_ || late_us > 0x7FFFFFFFu) return false;
    const uint32_t missed = late_us / period_us_;
    number = next_ + missed;
    next_ = number + 1;
    due_us_ += (missed + 1) * period_us_;
    from_.read(sample);
    return true;
  }

  ArduinoSensor from_;
  uint32_t period_us_ = 1;
  uint32_t due_us_ = 0;
  uint32_t next_ = 0;
  bool running_ = false;
};

}  // namespace arduino
}  // namespace haltere

inline void* operator new(size_t /*size*/, haltere::arduino::Place place) noexcept {
  return place.at;
}

namespace haltere {

/// Haltere's runtime in a sketch. Models lie in RAM, two of up to `slot_bytes` with their records:
/// they are lost with the power, and the board hands the newest over again when it says hello.
/// `arena_bytes` is a model's working memory, with the sensor's window; `content_bytes` the longest
/// frame's. One object, of static storage.
template <uint32_t slot_bytes = 8192, size_t arena_bytes = 8192, size_t content_bytes = 512>
class Device {
  static constexpr uint32_t page_bytes = 256;
#if defined(__AVR__)
  static constexpr size_t slot_alignment =
      8;  // the most that its compiler gives, and it needs none
#else
  static constexpr size_t slot_alignment = 16;
#endif
  static_assert(slot_bytes % page_bytes == 0 && slot_bytes > page_bytes,
                "whole pages of 256 bytes");
  static_assert(content_bytes % 4 == 0 && content_bytes >= link::min_content_bytes, "too short");

 public:
  explicit Device(const ArduinoSensor& sensor = {}, const ArduinoPins& pins = {})
      : sensor_(sensor), pins_(pins) {
    memset(slots_, 0xFF, sizeof slots_);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// Serves a board on `line`, which the sketch has opened. Call it from setup.
  void begin(Stream& line) {
    line_ = &line;
    start();
  }

  /// Does what is to be done, without waiting. Call it from loop, as often as samples come at
  /// least.
  void poll() {
    bool any = false;
    for (size_t left = content_bytes; left > 0 && line_->available() > 0; --left) {
      runtime_->take(static_cast<uint8_t>(line_->read()));
      any = true;
    }
    while (runtime_->sense()) any = true;
    if (!any) runtime_->idle();
    if (runtime_->reset_requested()) start();
  }

  /// What the model has decided of its own sensor's windows: a class, for anomalies 1 or 0; -1: not
  /// sure, or nothing yet.
  int decision() const { return runtime_->decision(); }

 private:
  void start() {
    ++boots_;
    runtime_ = new (arduino::Place{room_})
        firmware::Runtime(platform(), memory(), storage(), {write, line_});
    runtime_->boot();
  }

  firmware::Platform platform() {
    firmware::Platform platform;
    platform.core = arduino::core();
    platform.reset_reason = boots_ > 1 ? link::ResetReason::software : link::ResetReason::power;
    platform.boots = boots_;
    platform.context = this;
    platform.ticks = [](void*) -> uint32_t { return arduino::now_us(); };
    platform.tick_hz = 1000000;
    platform.overruns = [](void*) -> uint32_t { return 0; };  // Arduino does not tell
    platform.may_enroll = [](void* self) { return asks(pins_of(self).enroll_button); };
    platform.label_button = [](void* self) { return asks(pins_of(self).label_button); };
    platform.wake = [](void* self, bool raised) {
      if (pins_of(self).wake != nullptr) pins_of(self).wake(raised);
    };
    platform.sensor = sensor_.sensor();
    return platform;
  }

  firmware::Memory memory() {
    firmware::Memory memory;
    memory.arena = arena_;
    memory.arena_bytes = arena_bytes;
    memory.received = received_;
    memory.reply = reply_;
    memory.values = values_;
    memory.content_bytes = content_bytes;
    memory.window_frames = 1;  // serial buffers of Arduino hold 64 bytes and more
    memory.stream = stream_;
    memory.stream_bytes = sizeof stream_;
    return memory;
  }

  firmware::Storage storage() {
    firmware::Storage storage;
    storage.base = slots_;
    storage.slot_bytes = slot_bytes;
    storage.page_bytes = page_bytes;
    storage.vault_bytes = 2 * page_bytes;
    storage.context = slots_;
    storage.erase_page = [](void* slots, uint32_t offset) {
      return firmware::SlotsInRam::erase(static_cast<uint8_t*>(slots) + offset, page_bytes);
    };
    storage.write = [](void* slots, uint32_t offset, const uint8_t* bytes, uint32_t count) {
      return firmware::SlotsInRam::write(static_cast<uint8_t*>(slots) + offset, bytes, count);
    };
    return storage;
  }

  static void write(void* line, const uint8_t* bytes, size_t count) {
    static_cast<Stream*>(line)->write(bytes, count);
  }
  static const ArduinoPins& pins_of(void* self) { return static_cast<Device*>(self)->pins_; }
  static bool asks(bool (*button)()) { return button != nullptr && button(); }

  arduino::Clocked sensor_;
  ArduinoPins pins_;
  Stream* line_ = nullptr;
  firmware::Runtime* runtime_ = nullptr;
  uint32_t boots_ = 0;
  alignas(firmware::Runtime) uint8_t room_[sizeof(firmware::Runtime)];
  alignas(slot_alignment) uint8_t slots_[2 * slot_bytes + 2 * page_bytes];
  alignas(8) uint8_t arena_[arena_bytes];
  alignas(4) uint8_t received_[content_bytes];
  alignas(4) uint8_t reply_[content_bytes];
  alignas(4) uint8_t stream_[content_bytes / 2];
  float values_[content_bytes / 4];
};

}  // namespace haltere
