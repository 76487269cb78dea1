#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sensors/i2c_bus.hpp"

namespace haltere::fakes {

/// A chip of 256 registers, the register address counting up within a transfer. Derive for chips
/// that do more.
class FakeChip {
 public:
  virtual ~FakeChip() = default;

  virtual void read(std::uint8_t first, std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = registers[first++];
  }
  virtual void write(std::uint8_t first, std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) registers[first++] = byte;
  }

  void set(std::uint8_t first, std::initializer_list<int> bytes) {
    for (const int byte : bytes) registers[first++] = static_cast<std::uint8_t>(byte);
  }

  std::array<std::uint8_t, 256> registers{};
};

/// A scripted bus: chips by address, and errors to come.
class FakeI2cBus final : public sensors::I2cBus {
 public:
  explicit FakeI2cBus(std::size_t max_transfer = 240) : max_transfer_(max_transfer) {}

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::size_t max_transfer_bytes() const override { return max_transfer_; }

  Status read(std::uint8_t address, std::uint8_t first, std::span<std::uint8_t> bytes) override {
    const Status passed = check(address);
    if (passed) chips.at(address)->read(first, bytes);
    return passed;
  }

  Status write(std::uint8_t address, std::uint8_t first,
               std::span<const std::uint8_t> bytes) override {
    const Status passed = check(address);
    if (passed) chips.at(address)->write(first, bytes);
    return passed;
  }

  /// The transfer after `passing` more ones fails with this errno, once.
  void fail_after(int passing, int error_number) {
    passing_ = passing;
    error_number_ = error_number;
  }

  std::map<std::uint8_t, std::shared_ptr<FakeChip>> chips;

 private:
  Status check(std::uint8_t address) {
    if (passing_ >= 0 && passing_-- == 0) {
      return sensors::i2c_error("fake", address, error_number_);
    }
    if (!chips.contains(address)) return sensors::i2c_error("fake", address, ENXIO);
    return {};
  }

  std::size_t max_transfer_;
  int passing_ = -1;
  int error_number_ = 0;
};

}  // namespace haltere::fakes
