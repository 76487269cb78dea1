#include "sensors/i2c_bus.hpp"

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <system_error>

extern "C" {  // this header lacks it
#include <i2c/smbus.h>
}

namespace haltere::sensors {
namespace {

constexpr std::size_t smbus_bytes = I2C_SMBUS_BLOCK_MAX;
constexpr std::size_t plain_bytes = 240;  // USB bridges take 512, old adapters 255

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENXIO:  // not acknowledged, as most adapters put it
    case EREMOTEIO:
    case ENODEV:
    case ESHUTDOWN: return ErrorKind::unavailable;
    case ENOENT: return ErrorKind::not_found;
    case ETIMEDOUT: return ErrorKind::timeout;
    case EAGAIN:  // arbitration lost
    case EBUSY: return ErrorKind::busy;
    case EOPNOTSUPP:
    case ENOTTY:
    case EINVAL: return ErrorKind::invalid;
    default: return ErrorKind::io;
  }
}

std::string_view advice_for(int error_number) {
  switch (error_number) {
    case ENXIO:
    case EREMOTEIO: return "; check wiring and address";
    case EBUSY: return "; a kernel driver holds this address";
    case EACCES: return "; add the user to the group 'i2c'";
    case ENOTTY: return "; this is not an I2C adapter";
    default: return "";
  }
}

std::string hexadecimal(unsigned value) {
  std::array<char, 8> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return (value < 16 ? "0x0" : "0x") + std::string(digits.data(), end);
}

class LinuxI2cBus final : public I2cBus {
 public:
  explicit LinuxI2cBus(std::string device) : device_(std::move(device)) {}
  ~LinuxI2cBus() override { close_device(); }

  Status open_device() {
    fd_ = open(device_.c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0) return device_error(errno);
    unsigned long functions = 0;
    if (ioctl(fd_, I2C_FUNCS, &functions) < 0) return device_error(errno);
    plain_ = (functions & I2C_FUNC_I2C) != 0;
    if (!plain_ && (functions & I2C_FUNC_SMBUS_READ_I2C_BLOCK) == 0)
      return device_error(EOPNOTSUPP);
    return {};
  }

  [[nodiscard]] std::string_view name() const override { return device_; }
  [[nodiscard]] std::size_t max_transfer_bytes() const override {
    return plain_ ? plain_bytes : smbus_bytes;
  }

  Status read(std::uint8_t address, std::uint8_t first_register,
              std::span<std::uint8_t> bytes) override {
    assert(!bytes.empty() && bytes.size() <= max_transfer_bytes());
    if (Status selected = select(address); !selected) return selected;
    return finish(address, plain_ ? read_plain(address, first_register, bytes)
                                  : read_smbus(first_register, bytes));
  }

  Status write(std::uint8_t address, std::uint8_t first_register,
               std::span<const std::uint8_t> bytes) override {
    assert(!bytes.empty() && bytes.size() <= smbus_bytes);
    if (Status selected = select(address); !selected) return selected;
    return finish(address, plain_ ? write_plain(address, first_register, bytes)
                                  : write_smbus(first_register, bytes));
  }

 private:
  void close_device() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    selected_ = -1;
  }

  [[nodiscard]] Error device_error(int error_number) {
    close_device();
    return {kind_of(error_number),
            device_ + ": cannot use it: " + std::generic_category().message(error_number) +
                std::string(advice_for(error_number))};
  }

  // I2C_RDWR would talk over a kernel driver's head; I2C_SLAVE refuses with EBUSY.
  Status select(std::uint8_t address) {
    if (fd_ < 0) {
      if (Status opened = open_device(); !opened) return opened;
    }
    if (selected_ == address) return {};
    if (ioctl(fd_, I2C_SLAVE, static_cast<unsigned long>(address)) < 0) {
      return finish(address, errno);
    }
    selected_ = address;
    return {};
  }

  /// Turns the errno of a transfer (0 = done) into its Status, and gives up a device that only
  /// fails.
  Status finish(std::uint8_t address, int error_number) {
    if (error_number == 0) {
      failures_ = 0;
      return {};
    }
    if (++failures_ >= i2c_failures_before_close) {
      failures_ = 0;
      close_device();
    }
    return i2c_error(device_, address, error_number);
  }

  int transfer(std::span<i2c_msg> messages) const {
    i2c_rdwr_ioctl_data data{.msgs = messages.data(),
                             .nmsgs = static_cast<std::uint32_t>(messages.size())};
    return ioctl(fd_, I2C_RDWR, &data) < 0 ? errno : 0;
  }

  [[nodiscard]] int read_plain(std::uint8_t address, std::uint8_t first_register,
                               std::span<std::uint8_t> bytes) const {
    std::array messages{i2c_msg{.addr = address, .flags = 0, .len = 1, .buf = &first_register},
                        i2c_msg{.addr = address,
                                .flags = I2C_M_RD,
                                .len = static_cast<std::uint16_t>(bytes.size()),
                                .buf = bytes.data()}};
    return transfer(messages);
  }

  [[nodiscard]] int write_plain(std::uint8_t address, std::uint8_t first_register,
                                std::span<const std::uint8_t> bytes) const {
    std::array<std::uint8_t, 1 + smbus_bytes> frame{first_register};
    std::ranges::copy(bytes, frame.begin() + 1);
    std::array messages{i2c_msg{.addr = address,
                                .flags = 0,
                                .len = static_cast<std::uint16_t>(bytes.size() + 1),
                                .buf = frame.data()}};
    return transfer(messages);
  }

  [[nodiscard]] int read_smbus(std::uint8_t first_register, std::span<std::uint8_t> bytes) const {
    const int got = i2c_smbus_read_i2c_block_data(
        fd_, first_register, static_cast<std::uint8_t>(bytes.size()), bytes.data());
    if (got < 0) return -got;
    return static_cast<std::size_t>(got) == bytes.size() ? 0 : EIO;
  }

  [[nodiscard]] int write_smbus(std::uint8_t first_register,
                                std::span<const std::uint8_t> bytes) const {
    const int result =
        bytes.size() == 1
            ? i2c_smbus_write_byte_data(fd_, first_register, bytes.front())
            : i2c_smbus_write_i2c_block_data(fd_, first_register,
                                             static_cast<std::uint8_t>(bytes.size()), bytes.data());
    return result < 0 ? -result : 0;
  }

  std::string device_;
  int fd_ = -1;
  int selected_ = -1;
  bool plain_ = false;
  int failures_ = 0;
};

}  // namespace

Error i2c_error(std::string_view bus, std::uint8_t address, int error_number) {
  std::string message(bus);
  message.append(" address ").append(hexadecimal(address)).append(": ");
  message.append(std::generic_category().message(error_number)).append(advice_for(error_number));
  return {kind_of(error_number), std::move(message)};
}

Result<std::shared_ptr<I2cBus>> open_i2c_bus(const std::string& device) {
  auto bus = std::make_shared<LinuxI2cBus>(device);
  if (Status opened = bus->open_device(); !opened) return opened.error();
  return std::shared_ptr<I2cBus>(std::move(bus));
}

Status I2cChip::expect_id_at(std::uint8_t id, std::uint8_t expected, std::string_view chip) const {
  std::uint8_t found = 0;
  if (Status read = bus_->read(address_, id, {&found, 1}); !read) return read;
  if (found == expected) return {};
  return Error{ErrorKind::corrupt, std::string(bus_->name()) + " address " + hexadecimal(address_) +
                                       ": not a " + std::string(chip) + "; its id is " +
                                       hexadecimal(found) + " instead of " + hexadecimal(expected)};
}

Status I2cChip::apply(std::span<const RegisterSetup> table) const {
  for (const RegisterSetup& row : table) {
    std::uint8_t value = 0;
    if (Status read = bus_->read(address_, row.address, {&value, 1}); !read) return read;
    value = static_cast<std::uint8_t>((value & ~row.clear) | row.set);
    if (Status wrote = bus_->write(address_, row.address, {&value, 1}); !wrote) return wrote;
  }
  return {};
}

Status I2cChip::verify(const RegisterSetup& row) const {
  std::uint8_t value = 0;
  if (Status read = bus_->read(address_, row.address, {&value, 1}); !read) return read;
  if ((value & row.set) == row.set && (value & row.clear & ~row.set) == 0) return {};
  return Error{ErrorKind::corrupt, std::string(bus_->name()) + " address " + hexadecimal(address_) +
                                       ": register " + hexadecimal(row.address) + " holds " +
                                       hexadecimal(value) + "; the chip lost its setup"};
}

}  // namespace haltere::sensors
