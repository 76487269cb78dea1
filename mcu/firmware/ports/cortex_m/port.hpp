#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/boot_counter.hpp"
#include "mcu/firmware/ports/cortex_m/receive_ring.hpp"
#include "mcu/firmware/ports/cortex_m/registers.hpp"
#include "mcu/firmware/runtime.hpp"

namespace haltere {
namespace firmware {

/// What the boards share: working memory, received bytes that wait, the request loop. `Board` has
/// only static members, those of its hardware:
///   core, tick_hz, window_frames, content_bytes, arena_bytes, ring_bytes, slot_bytes, page_bytes,
///   start_timer(), start_uart(), slots() for the address of the first slot,
///   resume_receiving() to turn the receive interrupt on again, called while interrupts are locked,
///   may_enroll, ticks, write_uart, erase_page, write_slot as Platform, ByteSink and Storage want
///   them.
/// One object, of static storage.
template <typename Board>
class Port {
 public:
  /// Runs the firmware; returns by a reset when one is asked for.
  [[noreturn]] void run() {
    Board::start_timer();
    Runtime runtime(platform(), memory(), storage(), {Board::write_uart, nullptr});
    Board::start_uart();
    runtime.boot();
    while (!runtime.reset_requested()) {
      if (ring_.empty()) runtime.idle();
      runtime.take(next_byte());
    }
    restart();
  }

  /// For the receive interrupt. When there is no room it turns itself off and says `pause`.
  bool has_room() const { return !ring_.full(); }
  void receive(uint8_t byte) { ring_.put(byte); }
  void pause() { paused_ = true; }
  void count_overrun() { overruns_ = overruns_ + 1; }

 private:
  // Waits asleep.
  uint8_t next_byte() {
    for (;;) {
      const InterruptLock lock;
      if (!ring_.empty()) return ring_.take();
      if (!paused_) {
        sleep_until_interrupt();
        continue;
      }
      paused_ = false;
      Board::resume_receiving();
    }
  }

  Platform platform() {
    Platform platform;
    platform.core = Board::core;
    platform.boots = count_boot();
    platform.reset_reason =
        platform.boots > 1 ? link::ResetReason::software : link::ResetReason::power;
    platform.context = this;
    platform.ticks = Board::ticks;
    platform.tick_hz = Board::tick_hz;
    platform.may_enroll = Board::may_enroll;
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
  float values_[Board::content_bytes / 4];
  ReceiveRing<Board::ring_bytes> ring_;
  volatile uint32_t overruns_ = 0;
  volatile bool paused_ = false;  // the ring was full: the interrupt is off until there is room
};

}  // namespace firmware
}  // namespace haltere
