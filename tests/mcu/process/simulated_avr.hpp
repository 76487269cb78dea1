#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

struct avr_t;
struct avr_irq_t;

namespace haltere::fakes {

/// An AVR with one of our images, in this process (libsimavr). Time is what it runs.
class SimulatedAvr {
 public:
  /// `part` as simavr names it, at 16 MHz; `image` an Intel HEX file. Aborts when there is no such
  /// part or image.
  SimulatedAvr(const std::string& part, const std::string& image);
  ~SimulatedAvr();
  SimulatedAvr(const SimulatedAvr&) = delete;
  SimulatedAvr& operator=(const SimulatedAvr&) = delete;

  /// Executes about `cycles`. False when it crashed or waits for ever.
  bool run(std::uint64_t cycles);

  /// Its pin: RAM stays, flash and EEPROM too.
  void reset();

  [[nodiscard]] std::uint64_t cycle() const;
  [[nodiscard]] std::span<std::uint8_t> flash();

  /// What its RAM holds that the program never wrote, the longest run of it, in bytes: between its
  /// data and the deepest that its stack went.
  [[nodiscard]] std::size_t untouched_ram() const;

  /// Has it turn in an endless loop from now on; interrupts are served as before.
  void hang();

  /// Drives pin `number` of `port` ('A' ..) from outside.
  void drive_pin(char port, int number, bool high);

  /// Calls `listener` with each value that the program writes to GPIOR0.
  void on_mark(std::function<void(std::uint8_t)> listener);

  /// Calls `listener` with each byte that UART0 sends.
  void on_sent(std::function<void(std::uint8_t)> listener);

  /// Whether UART0 has room for a byte; `receive` gives it one.
  [[nodiscard]] bool can_receive() const { return can_receive_; }
  void receive(std::uint8_t byte);

 private:
  avr_t* avr_ = nullptr;
  avr_irq_t* input_ = nullptr;
  std::function<void(std::uint8_t)> marked_;
  std::function<void(std::uint8_t)> sent_;
  bool can_receive_ = true;
};

}  // namespace haltere::fakes
