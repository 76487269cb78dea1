#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "agent/deploy/mcu_link.hpp"
#include "tests/mcu/process/simulated_avr.hpp"

namespace haltere::fakes {

/// The firmware of an AVR port in the simulator, on a thread of this process behind a socket.
class AvrBoard {
 public:
  AvrBoard(const std::string& part, const std::string& image);
  ~AvrBoard();
  AvrBoard(const AvrBoard&) = delete;
  AvrBoard& operator=(const AvrBoard&) = delete;

  /// The other end of the line, once; a link that said hello.
  Result<std::unique_ptr<agent::McuLink>> connect();

  /// Resets it; returns once that is done.
  void reset();

  /// Holds the button down by which it may be enrolled, or lets go.
  void press_button(bool down) { button_ = down; }

  /// Flips a bit of the next frame that it gets, behind the header.
  void forge_next_frame() { forge_ = true; }

  /// Has it hang once it answered the next `activate`.
  void hang_after_activation() { hang_asked_ = true; }

  /// Ends it for good; then, how much of its RAM it never wrote.
  [[nodiscard]] std::size_t stop_and_count_untouched_ram();

  /// Cycles from the last byte of its latest request to the last byte of what it answered, the
  /// line's time included.
  [[nodiscard]] std::uint64_t answer_cycles() const { return answer_cycles_; }

  /// Whether it ran without a crash so far.
  [[nodiscard]] bool alive() const { return alive_; }

 private:
  void run();
  void stop();
  void receive();
  std::uint8_t forged(std::uint8_t byte);
  void note_sent(std::uint8_t byte);

  SimulatedAvr avr_;
  int board_end_ = -1;
  int host_end_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> reset_asked_ = false;
  std::atomic<bool> alive_ = true;
  std::atomic<bool> button_ = false;
  std::atomic<bool> forge_ = false;
  std::atomic<bool> hang_asked_ = false;
  bool activates_ = false;       // the request under way, or the last one
  bool hangs_ = false;           // once that was answered
  std::size_t frame_bytes_ = 0;  // of the frame under way
  std::uint64_t heard_at_ = 0;   // cycle of the last end marker that it got
  std::atomic<std::uint64_t> answer_cycles_ = 0;
  std::thread thread_;
};

}  // namespace haltere::fakes
