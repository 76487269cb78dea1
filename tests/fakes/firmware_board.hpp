#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "mcu/firmware/runtime.hpp"
#include "sensors/serial_port.hpp"
#include "tests/fakes/memory_flash.hpp"

namespace haltere::fakes {

/// What a line does to bytes; both directions, each with its own seeded generator.
struct LineNoise {
  double bit_error_rate = 0.0;
  double drop_rate = 0.0;       ///< per byte
  double duplicate_rate = 0.0;  ///< per byte
  int most_faults = 1 << 30;    ///< per direction; the line is clean afterwards
  unsigned seed = 1;
};

struct BoardOptions {
  std::uint32_t slot_bytes = 64 * 1024;
  std::size_t ram_bytes = 16 * 1024;
  std::uint8_t window_frames = 4;
  link::Core core = link::Core::host;
  LineNoise noise{};
};

/// The firmware on a thread of this process, behind a socket, with flash that survives `unplug`.
class FirmwareBoard {
 public:
  explicit FirmwareBoard(const BoardOptions& options = {});
  ~FirmwareBoard() { unplug(); }
  FirmwareBoard(const FirmwareBoard&) = delete;
  FirmwareBoard& operator=(const FirmwareBoard&) = delete;

  /// Powers the firmware up and returns the other end of its line.
  std::unique_ptr<sensors::SerialPort> plug();

  /// Cuts the power.
  void unplug();

  /// Resets the firmware, once, after it took so many bytes from now on.
  void reset_after(int bytes) { bytes_until_reset_ = bytes; }

  MemoryFlash& flash() { return flash_; }
  [[nodiscard]] std::uint32_t boots() const { return boots_; }

 private:
  class Line;
  void run(int fd);
  bool power_cycle(Line& line);

  BoardOptions options_;
  MemoryFlash flash_;
  std::atomic<std::uint32_t> boots_ = 0;
  std::atomic<int> bytes_until_reset_ = -1;
  int fd_ = -1;
  std::thread thread_;
};

}  // namespace haltere::fakes
