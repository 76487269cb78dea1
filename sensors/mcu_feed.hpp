#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "sensors/doorbell.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// Samples of a microcontroller's own sensor on their way from the thread that has its line to the
/// one that reads sensors. Any thread.
class McuFeed {
 public:
  /// What the pipeline wants of it.
  struct Wanted {
    std::vector<std::string> channels;  ///< as its firmware calls them; at most max_channels
    float rate_hz = 0.0F;
  };
  struct Entry {
    std::uint64_t number = 0;  ///< counted by the microcontroller; what was lost leaves a gap
    bool starts = false;       ///< numbers before it were counted from another start
    std::array<float, max_channels> values{};
  };

  /// Of more than `capacity` samples that wait, the oldest are dropped.
  McuFeed(Wanted wanted, std::size_t capacity);

  [[nodiscard]] const Wanted& wanted() const { return wanted_; }

  /// The line's end: samples come from now on; their numbers began anew.
  void begin();
  /// `values`: of `wanted().channels`.
  void put(std::uint64_t number, std::span<const float> values);
  /// None come any more, until the next `begin`.
  void end(Error why);

  /// The sensor's end: readable when there is something to take, or it ended.
  [[nodiscard]] int fd() const { return bell_.fd(); }
  /// Whether samples come; the error is why not.
  [[nodiscard]] Status alive() const;
  /// Appends what waits.
  void take(std::vector<Entry>& entries);

 private:
  Wanted wanted_;
  std::size_t capacity_;
  Doorbell bell_;
  mutable std::mutex mutex_;
  std::optional<Error> ended_;  // why it is not alive
  bool starts_ = true;
  std::deque<Entry> entries_;
};

}  // namespace haltere::sensors
