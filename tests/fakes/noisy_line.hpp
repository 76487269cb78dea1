#pragma once

#include <poll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/far_end.hpp"

namespace haltere::fakes {

/// What a line does to frames, in both directions.
struct FrameNoise {
  double bit_error_rate = 0.0;
  double loss_rate = 0.0;  ///< of frames, as the others
  double duplicate_rate = 0.0;
  double swap_rate = 0.0;  ///< a frame comes behind the next one
  unsigned seed = 1;
};

struct NoiseCounts {
  std::uint64_t frames = 0;
  std::uint64_t flipped_bits = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t swapped = 0;
  std::uint64_t unplugged = 0;  ///< in the middle of a frame
};

/// A bad cable with its plug, on a thread of its own: a pseudo-terminal for the board, the device
/// that the firmware serves at the other end.
class NoisyLine {
 public:
  NoisyLine() : worker_([this](const std::stop_token& stop) { run(stop); }) {}
  NoisyLine(const NoisyLine&) = delete;
  NoisyLine& operator=(const NoisyLine&) = delete;
  ~NoisyLine();

  /// The firmware's end, each time that it was powered up.
  void attach(const std::string& device);

  /// Plugs the board's end in anew; returns what to open.
  std::string plug();
  [[nodiscard]] bool plugged();

  void set_noise(const FrameNoise& noise);

  /// Unplugs the board's end in a frame's middle after about so many bytes to the microcontroller.
  void unplug_after(std::size_t bytes);

  [[nodiscard]] NoiseCounts counts();

 private:
  using Bytes = std::vector<std::uint8_t>;

  /// One direction.
  struct Way {
    Bytes frame;
    std::optional<Bytes> held;  // until the next one went, or a while
    int held_turns = 0;
  };

  void run(const std::stop_token& stop);
  std::array<pollfd, 2> both_ends();
  void release(Way& way, bool to_device);
  void hear(int fd, Way& way, bool to_device);
  void pass(Way& way, bool to_device);
  void send_held(Way& way, bool to_device);
  void send(Bytes frame, bool to_device);
  void cut_in(const Bytes& frame);
  bool happens(double probability);

  std::mutex mutex_;
  FrameNoise noise_;
  NoiseCounts counts_;
  std::mt19937 random_;
  std::unique_ptr<FarEnd> board_;
  int board_kept_ = -1;  // our own hold on the board's end, so that it stays raw
  int device_ = -1;
  std::optional<std::size_t> bytes_left_;
  Way to_device_;
  Way to_board_;
  std::jthread worker_;
};

}  // namespace haltere::fakes
