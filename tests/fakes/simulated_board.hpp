#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "agent/deploy/link_channel.hpp"
#include "sensors/serial_port.hpp"
#include "tests/fakes/firmware_chip.hpp"

namespace haltere::fakes {

/// The firmware at the end of a serial line of 115200 baud in simulated time: each byte takes its
/// time on the line, and time passes only while the board's other end waits. On one thread, the
/// same each time, however busy the machine is. Flash survives `unplug`.
class SimulatedBoard {
 public:
  explicit SimulatedBoard(const BoardOptions& options = {}) : chip_(options) {}
  SimulatedBoard(const SimulatedBoard&) = delete;
  SimulatedBoard& operator=(const SimulatedBoard&) = delete;

  /// Powers the firmware up and returns the other end of its line, which must not outlive this.
  std::unique_ptr<sensors::SerialPort> plug();

  /// Cuts the power.
  void unplug() { plugged_ = false; }

  /// For the link over that line.
  agent::LinkTime time();

  void reset_after(int bytes) { chip_.reset_after(bytes); }
  MemoryFlash& flash() { return chip_.flash(); }
  [[nodiscard]] std::uint32_t boots() const { return chip_.boots(); }

 private:
  using Time = agent::LinkTime::Clock::time_point;
  class Port;

  /// One direction: bytes follow one another.
  struct Wire {
    struct Byte {
      std::uint8_t value;
      Time arrival;
    };
    std::deque<Byte> bytes{};
    Time free_at{};

    void carry(std::span<const std::uint8_t> sent, Time now);
    [[nodiscard]] Time next_arrival() const {
      return bytes.empty() ? Time::max() : bytes.front().arrival;
    }
    [[nodiscard]] bool has_by(Time time) const { return next_arrival() <= time; }
  };

  int wait(pollfd& port, std::chrono::milliseconds limit);
  void deliver_to_chip();

  FirmwareChip chip_;
  Wire to_chip_;
  Wire from_chip_;
  Time now_{};
  Time awake_at_{};  ///< the chip starts until then and hears nothing
  bool plugged_ = false;
};

}  // namespace haltere::fakes
