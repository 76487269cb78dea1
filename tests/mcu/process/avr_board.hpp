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

  /// Whether it ran without a crash so far.
  [[nodiscard]] bool alive() const { return alive_; }

 private:
  void run();
  void receive();

  SimulatedAvr avr_;
  int board_end_ = -1;
  int host_end_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> reset_asked_ = false;
  std::atomic<bool> alive_ = true;
  std::thread thread_;
};

}  // namespace haltere::fakes
