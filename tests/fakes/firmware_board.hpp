#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <thread>

#include "sensors/serial_port.hpp"
#include "tests/fakes/firmware_chip.hpp"

namespace haltere::fakes {

/// The firmware on a thread of this process, behind a socket, in the machine's time; its flash
/// survives `unplug`. For whoever waits on threads: see SimulatedBoard for all else.
class FirmwareBoard {
 public:
  explicit FirmwareBoard(const BoardOptions& options = {}) : chip_(options) {}
  ~FirmwareBoard() { unplug(); }
  FirmwareBoard(const FirmwareBoard&) = delete;
  FirmwareBoard& operator=(const FirmwareBoard&) = delete;

  /// Powers the firmware up and returns the other end of its line.
  std::unique_ptr<sensors::SerialPort> plug();

  /// Cuts the power.
  void unplug();

 private:
  void run();
  void say(std::span<const std::uint8_t> bytes) const;

  FirmwareChip chip_;
  int fd_ = -1;
  std::thread thread_;
};

}  // namespace haltere::fakes
