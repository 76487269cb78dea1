#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>

#include "tests/fakes/fake_i2c_bus.hpp"

namespace haltere::fakes {

/// An MPU-6050 with a FIFO of 1024 bytes that forgets its oldest bytes when full.
class FakeMpu6050 final : public FakeChip {
 public:
  FakeMpu6050() {
    set(0x75, {0x68});
    set(0x6B, {0x40});
  }

  void read(std::uint8_t first, std::span<std::uint8_t> bytes) override {
    registers[0x72] = static_cast<std::uint8_t>(fifo.size() >> 8);
    registers[0x73] = static_cast<std::uint8_t>(fifo.size());
    if (first != 0x74) {
      FakeChip::read(first, bytes);
      if (first == 0x3A) registers[0x3A] = 0;  // cleared by reading
      return;
    }
    for (std::uint8_t& byte : bytes) {
      byte = fifo.empty() ? 0 : fifo.front();
      if (!fifo.empty()) fifo.pop_front();
    }
  }

  void write(std::uint8_t first, std::span<const std::uint8_t> bytes) override {
    FakeChip::write(first, bytes);
    if (first != 0x6A || (registers[0x6A] & 4) == 0) return;
    fifo.clear();
    registers[0x6A] = static_cast<std::uint8_t>(registers[0x6A] & ~4);
  }

  void measure(std::array<int, 6> counts) {
    for (const int count : counts) {
      fifo.push_back(static_cast<std::uint8_t>(count >> 8));
      fifo.push_back(static_cast<std::uint8_t>(count));
    }
    while (fifo.size() > 1024) {
      fifo.pop_front();
      registers[0x3A] = 0x10;
    }
  }

  std::deque<std::uint8_t> fifo;
};

}  // namespace haltere::fakes
