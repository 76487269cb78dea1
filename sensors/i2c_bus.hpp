#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "config/result.hpp"

namespace haltere::sensors {

/// An I2C adapter. Addresses are 7 bits. One thread at a time.
/// Errors of every transfer: unavailable (no answer from the address, adapter gone), busy
/// (arbitration lost, a kernel driver holds the address), timeout, io, invalid (adapter cannot do
/// it).
class I2cBus {
 public:
  I2cBus() = default;
  I2cBus(const I2cBus&) = delete;
  I2cBus& operator=(const I2cBus&) = delete;
  virtual ~I2cBus() = default;

  /// For messages: `/dev/i2c-1`.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Longest transfer: 32 on adapters that do SMBus only.
  [[nodiscard]] virtual std::size_t max_transfer_bytes() const = 0;

  /// Sends `first_register`, then reads `bytes` (1..max_transfer_bytes) after a repeated start.
  virtual Status read(std::uint8_t address, std::uint8_t first_register,
                      std::span<std::uint8_t> bytes) = 0;

  /// Sends `first_register` and `bytes` (1..32).
  virtual Status write(std::uint8_t address, std::uint8_t first_register,
                       std::span<const std::uint8_t> bytes) = 0;
};

/// Opens the Linux adapter at `device`, such as `/dev/i2c-1`. After repeated failures the bus
/// closes the device, because a held one keeps an unplugged adapter alive and its successor away,
/// and opens it anew at the next transfer. Errors: not_found, busy, io, invalid (no I2C adapter).
[[nodiscard]] Result<std::shared_ptr<I2cBus>> open_i2c_bus(const std::string& device);

/// Consecutive failed transfers after which a bus closes its device.
inline constexpr int i2c_failures_before_close = 8;

/// The Error for `error_number` of a transfer with `address` on `bus`.
[[nodiscard]] Error i2c_error(std::string_view bus, std::uint8_t address, int error_number);

/// Bits that a register must hold. A driver's setup is a table of these.
struct RegisterSetup {
  std::uint8_t address = 0;
  std::uint8_t set = 0;
  std::uint8_t clear = 0;
};

/// A row of such a table, for a driver's own register and its fields.
template <typename Register>
requires std::is_enum_v<Register>
constexpr RegisterSetup setup_row(Register address, unsigned set, unsigned clear) {
  return {static_cast<std::uint8_t>(address), static_cast<std::uint8_t>(set),
          static_cast<std::uint8_t>(clear)};
}

/// One chip on a bus; registers are of the driver's own `enum class Register : std::uint8_t`.
class I2cChip {
 public:
  I2cChip(std::shared_ptr<I2cBus> bus, std::uint8_t address)
      : bus_(std::move(bus)), address_(address) {}

  template <typename Register>
  requires std::is_enum_v<Register> Status read(Register first, std::span<std::uint8_t> bytes)
  const { return bus_->read(address_, static_cast<std::uint8_t>(first), bytes); }

  template <typename Register>
  requires std::is_enum_v<Register> Status write(Register first,
                                                 std::span<const std::uint8_t> bytes)
  const { return bus_->write(address_, static_cast<std::uint8_t>(first), bytes); }

  template <typename Register>
  requires std::is_enum_v<Register> Status write(Register first, std::uint8_t byte)
  const { return bus_->write(address_, static_cast<std::uint8_t>(first), {&byte, 1}); }

  /// Checks that `id` holds `expected`. Errors: corrupt, another chip answered.
  template <typename Register>
  requires std::is_enum_v<Register> Status expect_id(Register id, std::uint8_t expected,
                                                     std::string_view chip)
  const { return expect_id_at(static_cast<std::uint8_t>(id), expected, chip); }

  /// Brings every register of `table` to what it says, in order.
  Status apply(std::span<const RegisterSetup> table) const;

  /// Checks one row of the table. Errors: corrupt, the chip lost its setup (brown-out, replug).
  Status verify(const RegisterSetup& row) const;

  [[nodiscard]] std::size_t max_transfer_bytes() const { return bus_->max_transfer_bytes(); }

 private:
  Status expect_id_at(std::uint8_t id, std::uint8_t expected, std::string_view chip) const;

  std::shared_ptr<I2cBus> bus_;
  std::uint8_t address_;
};

}  // namespace haltere::sensors
