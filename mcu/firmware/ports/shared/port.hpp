#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/ports/shared/boot_counter.hpp"
#include "mcu/firmware/ports/shared/receive_ring.hpp"
#include "mcu/firmware/runtime.hpp"

// What the core is asked for: InterruptLock, sleep_until_interrupt(), restart().
#if defined(__AVR__)
#include "mcu/firmware/ports/avr/core.hpp"
#elif defined(__riscv)
#include "mcu/firmware/ports/riscv/core.hpp"
#else
#include "mcu/firmware/ports/cortex_m/core.hpp"
#endif

namespace haltere {
namespace firmware {

/// A board without a sensor, a wake line and a button for labels.
struct NoSenses {
  static constexpr uint32_t stream_bytes = 4;  ///< of samples on their way to the board
  static Sensor sensor() { return {}; }
  static bool sample_waits() { return false; }  ///< called while interrupts are locked
  static constexpr void (*wake)(void* context, bool raised) = nullptr;
};

/// A board without a watchdog, or what its watchdog does.
struct NoWatchdog {
  static void start() {}                        ///< resets the chip unless it is fed in time
  static void feed() {}                         ///< called at least with every byte and sample
  static void stop() {}                         ///< before sleep, where it would go on counting
  static bool caused_reset() { return false; }  ///< the last one
};

/// What the boards share: working memory, received bytes that wait, the request loop. `Board` has
/// only static members, those of its hardware:
///   core, tick_hz, window_frames, content_bytes, arena_bytes, ring_bytes, slot_bytes, page_bytes,
///   start_timer(), start_uart(), slots() for the address of the first slot,
///   resume_receiving() to turn the receive interrupt on again, called while interrupts are locked;
///   a board that has none says `pause` in start_uart and here, and takes what waits here,
///   may_enroll, ticks, write_uart, erase_page, write_slot as Platform, ByteSink and Storage want
///   them.
///   Watchdog, a type as NoWatchdog.
/// `Senses` is what the board can do besides; NoSenses shows it all.
/// One object, of static storage.
template <typename Board, typename Senses = NoSenses>
class Port {
 public:
  /// Runs the firmware; returns by a reset when one is asked for.
  [[noreturn]] void run() {
    Board::start_timer();
    Runtime runtime(platform(), memory(), storage(), {Board::write_uart, nullptr});
    Board::start_uart();
    Board::Watchdog::start();
    runtime.boot();
    while (!runtime.reset_requested()) {
      Board::Watchdog::feed();
      uint8_t byte = 0;
      const bool heard = take_byte(byte);
      if (heard) runtime.take(byte);
      // After each byte, so that no sample waits for a transfer's end.
      const bool sensed = runtime.sense();
      if (heard || sensed) continue;
      runtime.idle();
      sleep(runtime);
    }
    announce_reset(link::ResetReason::software);
    restart();
  }

  /// For the receive interrupt. When there is no room it turns itself off and says `pause`.
  bool has_room() const { return !ring_.full(); }
  void receive(uint8_t byte) { ring_.put(byte); }
  void pause() { paused_ = true; }
  void count_overrun() { overruns_ = overruns_ + 1; }

 private:
  bool take_byte(uint8_t& byte) {
    const InterruptLock lock;
    if (paused_ && ring_.empty()) {
      paused_ = false;
      Board::resume_receiving();
    }
    if (ring_.empty()) return false;
    byte = ring_.take();
    return true;
  }

  // Until a byte or a sample waits.
  void sleep(Runtime& runtime) {
    const InterruptLock lock;
    if (!ring_.empty() || paused_ || Senses::sample_waits()) return;
    const uint32_t before = Board::ticks(nullptr);
    Board::Watchdog::stop();
    sleep_until_interrupt();
    Board::Watchdog::start();
    if (runtime.senses()) runtime.slept(Board::ticks(nullptr) - before);
  }

  static link::ResetReason why_reset(uint32_t boots) {
    const link::ResetReason announced = take_announced_reset();
    if (boots <= 1) return link::ResetReason::power;
    if (announced != link::ResetReason::unknown) return announced;
    return Board::Watchdog::caused_reset() ? link::ResetReason::watchdog : link::ResetReason::pin;
  }

  Platform platform() {
    Platform platform;
    platform.core = Board::core;
    platform.boots = count_boot();
    platform.reset_reason = why_reset(platform.boots);
    platform.context = this;
    platform.ticks = Board::ticks;
    platform.tick_hz = Board::tick_hz;
    platform.may_enroll = Board::may_enroll;
    platform.wake = Senses::wake;
    platform.alive = [](void* /*context*/) { Board::Watchdog::feed(); };
    platform.sensor = Senses::sensor();
    platform.overruns = [](void* port) -> uint32_t { return static_cast<Port*>(port)->overruns_; };
    return platform;
  }

  Memory memory() {
    Memory memory;
    memory.arena = arena_;
    memory.arena_bytes = sizeof arena_;
    memory.received = received_;
    memory.reply = reply_;
    memory.values = values_;
    memory.content_bytes = Board::content_bytes;
    memory.window_frames = Board::window_frames;
    memory.stream = stream_;
    memory.stream_bytes = sizeof stream_;
    return memory;
  }

  static Storage storage() {
    Storage storage;
    storage.base = Board::slots();
    storage.slot_bytes = Board::slot_bytes;
    storage.page_bytes = Board::page_bytes;
    storage.vault_bytes = 2 * Board::page_bytes;
    storage.erase_page = Board::erase_page;
    storage.write = Board::write_slot;
    return storage;
  }

  alignas(8) uint8_t arena_[Board::arena_bytes];
  alignas(8) uint8_t received_[Board::content_bytes];
  alignas(8) uint8_t reply_[Board::content_bytes];
  alignas(4) uint8_t stream_[Senses::stream_bytes];
  float values_[Board::content_bytes / 4];
  ReceiveRing<Board::ring_bytes> ring_;
  volatile uint32_t overruns_ = 0;
  volatile bool paused_ = false;  // the ring was full: the interrupt is off until there is room
};

}  // namespace firmware
}  // namespace haltere
