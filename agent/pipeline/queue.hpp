#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "sensors/sample.hpp"

namespace haltere::agent {

/// Bounded lock-free ring of samples from one bus thread (producer) to the pipeline thread
/// (consumer). When it is full the oldest sample is dropped and counted: late data is worth less
/// than new data, and a bus thread never waits.
///
/// A slot may be overwritten while the consumer copies it; the consumer then notices that `tail_`
/// moved on and takes the next one. Slots are arrays of atomic words, so that this is no data race.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the two ends keep to their cache lines
class SampleQueue {
 public:
  /// `capacity`: samples, a power of two.
  explicit SampleQueue(std::size_t capacity)
      : capacity_(capacity), slots_(std::make_unique<Slot[]>(capacity)) {
    assert(std::has_single_bit(capacity));
  }

  /// Producer only. Returns false when the oldest sample had to go.
  bool push(const sensors::Sample& sample) {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    bool kept_all = true;
    std::uint64_t tail = tail_.load(std::memory_order_acquire);
    // A failed exchange means that the consumer just took that sample itself: there is room.
    if (head - tail == capacity_ &&
        tail_.compare_exchange_strong(tail, tail + 1, std::memory_order_acq_rel)) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      kept_all = false;
    }
    write(slot(head), sample);
    head_.store(head + 1, std::memory_order_release);
    return kept_all;
  }

  /// Consumer only. False when empty. `after_drop` is set to true, and never to false, when samples
  /// just before this one were dropped: nothing may be computed across the hole.
  bool pop(sensors::Sample& sample, bool& after_drop) {
    std::uint64_t tail = tail_.load(std::memory_order_acquire);
    while (tail != head_.load(std::memory_order_acquire)) {
      read(slot(tail), sample);
      if (tail_.compare_exchange_weak(tail, tail + 1, std::memory_order_acq_rel)) {
        if (tail != expected_) after_drop = true;
        expected_ = tail + 1;
        return true;
      }
    }
    return false;
  }

  /// Samples lost so far because the consumer was late. Any thread.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  static_assert(std::is_trivially_copyable_v<sensors::Sample>);
  static_assert(sizeof(sensors::Sample) % sizeof(std::uint64_t) == 0);
  static constexpr std::size_t words = sizeof(sensors::Sample) / sizeof(std::uint64_t);
  static constexpr std::size_t cache_line_bytes = 64;
  using Slot = std::array<std::atomic<std::uint64_t>, words>;
  using Image = std::array<std::uint64_t, words>;

  Slot& slot(std::uint64_t index) { return slots_[index & (capacity_ - 1)]; }

  // Release stores after the exchange on tail_, acquire loads before it: a consumer that saw any
  // word of a newer sample also sees the moved tail_. (Fences would say the same, but
  // ThreadSanitizer does not understand them.)
  static void write(Slot& slot, const sensors::Sample& sample) {
    const auto image = std::bit_cast<Image>(sample);
    for (std::size_t i = 0; i < words; ++i) slot[i].store(image[i], std::memory_order_release);
  }
  static void read(const Slot& slot, sensors::Sample& sample) {
    Image image;
    for (std::size_t i = 0; i < words; ++i) image[i] = slot[i].load(std::memory_order_acquire);
    sample = std::bit_cast<sensors::Sample>(image);
  }

  std::size_t capacity_;
  std::unique_ptr<Slot[]> slots_;
  std::uint64_t expected_ = 0;  ///< consumer's: index that follows the last one popped
  alignas(cache_line_bytes) std::atomic<std::uint64_t> head_{0};
  alignas(cache_line_bytes) std::atomic<std::uint64_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace haltere::agent
