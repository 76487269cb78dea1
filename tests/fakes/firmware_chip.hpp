#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "mcu/firmware/runtime.hpp"
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
  bool button = false;  ///< held: the chip may be enrolled
};

/// The firmware at its end of a noisy line, with RAM that a reset clears and flash that survives
/// it.
class FirmwareChip {
 public:
  explicit FirmwareChip(const BoardOptions& options);
  ~FirmwareChip();
  FirmwareChip(const FirmwareChip&) = delete;
  FirmwareChip& operator=(const FirmwareChip&) = delete;

  /// Starts the firmware at the end of a line that takes what it says, its noise already in it.
  void power_up(std::function<void(std::span<const std::uint8_t>)> line);

  /// Bytes from the line. False when one of them reset it: those behind it, in the UART's buffer,
  /// are lost, and `boot` must follow.
  [[nodiscard]] bool take(std::span<const std::uint8_t> bytes);

  /// Starts the firmware again.
  void boot();

  /// Resets the firmware, once, after it took so many bytes from now on.
  void reset_after(int bytes) { bytes_until_reset_ = bytes; }

  MemoryFlash& flash() { return flash_; }
  [[nodiscard]] std::uint32_t boots() const { return boots_; }

 private:
  class Noise;
  static void say(void* context, const std::uint8_t* bytes, std::size_t count);

  BoardOptions options_;
  MemoryFlash flash_;
  std::vector<std::uint64_t> arena_;
  std::vector<std::uint8_t> received_;
  std::vector<std::uint8_t> reply_;
  std::vector<float> values_;
  std::function<void(std::span<const std::uint8_t>)> line_;
  std::unique_ptr<Noise> in_;
  std::unique_ptr<Noise> out_;
  std::unique_ptr<firmware::Runtime> runtime_;
  std::atomic<std::uint32_t> boots_ = 0;
  std::atomic<int> bytes_until_reset_ = -1;
};

}  // namespace haltere::fakes
