#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// Bytes on their way from the receive interrupt to the main loop. One writer, one reader.
template <uint32_t capacity>
class ReceiveRing {
  static_assert((capacity & (capacity - 1)) == 0, "a power of two");

 public:
  bool full() const { return head_ - tail_ == capacity; }
  bool empty() const { return head_ == tail_; }
  void put(uint8_t byte) {
    bytes_[head_ & (capacity - 1)] = byte;
    head_ = head_ + 1;
  }
  uint8_t take() {
    const uint8_t byte = bytes_[tail_ & (capacity - 1)];
    tail_ = tail_ + 1;
    return byte;
  }

 private:
  volatile uint32_t head_ = 0;
  volatile uint32_t tail_ = 0;
  volatile uint8_t bytes_[capacity] = {};
};

}  // namespace firmware
}  // namespace haltere
