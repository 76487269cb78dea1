// The Linux I2C bus on adapters that umockdev makes: no hardware, but the real system calls.

#include "sensors/i2c_bus.hpp"

#include <gtest/gtest.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <umockdev.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

constexpr unsigned long smbus_only = I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_I2C_BLOCK;
constexpr unsigned long plain = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;

/// An adapter with one chip of 256 registers at 0x48.
struct Adapter {
  unsigned long functions = plain;
  std::array<std::uint8_t, 256> registers{};
  int error_number = 0;  ///< of every transfer
  int held_address = 0;  ///< by a kernel driver
  int selected = 0;
  int transfers = 0;
  int opened = 0;  ///< times the functions were asked for
};

/// Memory that an ioctl's argument points to.
template <typename T>
struct Pointed {
  UMockdevIoctlData* data;
  T value;

  Pointed(UMockdevIoctlData* argument, std::size_t offset)
      : data(umockdev_ioctl_data_resolve(argument, offset, sizeof(T), nullptr)) {
    std::memcpy(&value, data->data, sizeof(T));
  }
  void store() {
    umockdev_ioctl_data_update(data, 0, reinterpret_cast<guint8*>(&value), sizeof(T));
  }
};

int smbus_transfer(Adapter& adapter, UMockdevIoctlData* argument) {
  const Pointed<i2c_smbus_ioctl_data> request(argument, 0);
  Pointed<i2c_smbus_data> block(request.data, offsetof(i2c_smbus_ioctl_data, data));
  const std::uint8_t command = request.value.command;
  const bool byte = request.value.size == I2C_SMBUS_BYTE_DATA;
  const std::size_t count = byte ? 1 : block.value.block[0];
  std::uint8_t* const bytes = byte ? &block.value.byte : block.value.block + 1;
  if (request.value.read_write == I2C_SMBUS_READ) {
    std::copy_n(adapter.registers.begin() + command, count, bytes);
    block.store();
  } else {
    std::copy_n(bytes, count, adapter.registers.begin() + command);
  }
  return 0;
}

int plain_transfer(Adapter& adapter, UMockdevIoctlData* argument) {
  const Pointed<i2c_rdwr_ioctl_data> request(argument, 0);
  UMockdevIoctlData* messages =
      umockdev_ioctl_data_resolve(request.data, offsetof(i2c_rdwr_ioctl_data, msgs),
                                  sizeof(i2c_msg) * request.value.nmsgs, nullptr);
  std::size_t pointer = 0;
  for (std::size_t i = 0; i < request.value.nmsgs; ++i) {
    i2c_msg message{};
    std::memcpy(&message, messages->data + i * sizeof message, sizeof message);
    UMockdevIoctlData* bytes = umockdev_ioctl_data_resolve(
        messages, i * sizeof message + offsetof(i2c_msg, buf), message.len, nullptr);
    if ((message.flags & I2C_M_RD) != 0) {
      umockdev_ioctl_data_update(bytes, 0, adapter.registers.data() + pointer, message.len);
    } else {
      pointer = bytes->data[0];
      std::copy(bytes->data + 1, bytes->data + message.len,
                adapter.registers.begin() + static_cast<std::ptrdiff_t>(pointer));
    }
  }
  return static_cast<int>(request.value.nmsgs);
}

/// Result of a request, or a negative errno.
int handle(Adapter& adapter, UMockdevIoctlClient* client) {
  UMockdevIoctlData* argument = umockdev_ioctl_client_get_arg(client);
  const unsigned long request = umockdev_ioctl_client_get_request(client);
  if (request == I2C_FUNCS) {
    Pointed<unsigned long> functions(argument, 0);
    functions.value = adapter.functions;
    functions.store();
    ++adapter.opened;
    return 0;
  }
  if (request == I2C_SLAVE) {
    unsigned long address = 0;  // given in place of a pointer
    std::memcpy(&address, argument->data, sizeof address);
    adapter.selected = static_cast<int>(address);
    return adapter.selected == adapter.held_address ? -EBUSY : 0;
  }
  ++adapter.transfers;
  if (adapter.error_number != 0) return -adapter.error_number;
  if (adapter.selected != 0x48) return -ENXIO;
  if (request == I2C_SMBUS) return smbus_transfer(adapter, argument);
  return (adapter.functions & I2C_FUNC_I2C) != 0 ? plain_transfer(adapter, argument) : -EOPNOTSUPP;
}

gboolean on_ioctl(UMockdevIoctlBase* /*base*/, UMockdevIoctlClient* client, gpointer adapter) {
  const int result = handle(*static_cast<Adapter*>(adapter), client);
  umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
  return TRUE;
}

class LinuxI2cBus : public testing::TestWithParam<unsigned long> {
 protected:
  void SetUp() override {
    adapter_.functions = GetParam();
    std::ranges::generate(adapter_.registers,
                          [n = 0]() mutable { return static_cast<std::uint8_t>(n++); });
    ASSERT_TRUE(umockdev_in_mock_environment()) << "run this under umockdev-wrapper";
    plug();
  }
  void TearDown() override {
    g_object_unref(handler_);
    g_object_unref(testbed_);
  }

  void plug() {
    ASSERT_TRUE(umockdev_testbed_add_from_string(
        testbed_,
        "P: /devices/pci0000:00/i2c-1/i2c-dev/i2c-1\nN: i2c-1\nE: SUBSYSTEM=i2c-dev\n"
        "E: DEVNAME=/dev/i2c-1\nE: MAJOR=89\nE: MINOR=1\nA: name=mock\\n\nA: dev=89:1\\n\n",
        nullptr));
    g_signal_connect(handler_, "handle-ioctl", reinterpret_cast<GCallback>(&on_ioctl), &adapter_);
    ASSERT_TRUE(umockdev_testbed_attach_ioctl(testbed_, "/dev/i2c-1", handler_, nullptr));
  }

  std::shared_ptr<I2cBus> open() {
    auto bus = open_i2c_bus("/dev/i2c-1");
    if (bus) return *bus;
    ADD_FAILURE() << bus.error().message;
    return nullptr;
  }

  Adapter adapter_;
  UMockdevTestbed* testbed_ = umockdev_testbed_new();
  UMockdevIoctlBase* handler_ = umockdev_ioctl_base_new();
};

INSTANTIATE_TEST_SUITE_P(Adapters, LinuxI2cBus, testing::Values(plain, smbus_only));

TEST_P(LinuxI2cBus, ReadsAndWritesRegisters) {
  const auto bus = open();
  EXPECT_EQ(bus->max_transfer_bytes(), GetParam() == plain ? 240U : 32U);
  std::array<std::uint8_t, 32> bytes{};
  for (const std::size_t count : {std::size_t{1}, std::size_t{14}, std::size_t{32}}) {
    ASSERT_TRUE(bus->read(0x48, 0x3B, std::span(bytes).first(count)).ok());
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(bytes[i], 0x3B + i);
  }
  const std::array<std::uint8_t, 3> values{7, 8, 9};
  ASSERT_TRUE(bus->write(0x48, 0x10, values).ok());
  ASSERT_TRUE(bus->write(0x48, 0x20, std::span(values).first(1)).ok());
  EXPECT_EQ(adapter_.registers[0x12], 9);
  EXPECT_EQ(adapter_.registers[0x13], 0x13);
  EXPECT_EQ(adapter_.registers[0x20], 7);
}

TEST_P(LinuxI2cBus, ReadsLongBurstsOnPlainAdapters) {
  const auto bus = open();
  std::vector<std::uint8_t> bytes(bus->max_transfer_bytes());
  ASSERT_TRUE(bus->read(0x48, 0x00, bytes).ok());
  EXPECT_EQ(bytes.back(), bytes.size() - 1);
}

TEST_P(LinuxI2cBus, TellsEveryFaultOfATransferApart) {
  const auto bus = open();
  const std::vector<std::pair<int, ErrorKind>> faults{{ENXIO, ErrorKind::unavailable},
                                                      {EREMOTEIO, ErrorKind::unavailable},
                                                      {ENODEV, ErrorKind::unavailable},
                                                      {ETIMEDOUT, ErrorKind::timeout},
                                                      {EAGAIN, ErrorKind::busy},
                                                      {EBUSY, ErrorKind::busy},
                                                      {EIO, ErrorKind::io}};
  std::array<std::uint8_t, 2> bytes{};
  for (const auto& [error_number, kind] : faults) {
    adapter_.error_number = error_number;
    for (const Status& status : {bus->read(0x48, 0, bytes), bus->write(0x48, 0, bytes)}) {
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().kind, kind) << std::strerror(error_number);
      EXPECT_TRUE(status.error().message.starts_with("/dev/i2c-1 address 0x48: "));
    }
    adapter_.error_number = 0;
    EXPECT_TRUE(bus->read(0x48, 0, bytes).ok());
  }
  EXPECT_EQ(bus->read(0x50, 0, bytes).error().kind, ErrorKind::unavailable);
}

TEST_P(LinuxI2cBus, RefusesAnAddressThatAKernelDriverHolds) {
  const auto bus = open();
  adapter_.held_address = 0x48;
  std::array<std::uint8_t, 2> bytes{};
  EXPECT_EQ(bus->read(0x48, 0, bytes).error().kind, ErrorKind::busy);
  EXPECT_EQ(adapter_.transfers, 0);
  adapter_.held_address = 0;
  EXPECT_TRUE(bus->read(0x48, 0, bytes).ok());
}

TEST_P(LinuxI2cBus, LetsGoOfADeviceThatOnlyFails) {
  const auto bus = open();
  std::array<std::uint8_t, 2> bytes{};
  adapter_.error_number = ETIMEDOUT;
  for (int i = 0; i < i2c_failures_before_close; ++i) EXPECT_FALSE(bus->read(0x48, 0, bytes).ok());
  EXPECT_EQ(adapter_.opened, 1);
  adapter_.error_number = 0;
  EXPECT_TRUE(bus->read(0x48, 0, bytes).ok());
  EXPECT_EQ(adapter_.opened, 2);
}

TEST_P(LinuxI2cBus, IsSharedAndClosedWithItsLastSensor) {
  Buses buses;
  buses.add_i2c("i2c1", std::string("/dev/i2c-1"));
  adapter_.registers[1] = 0x60;
  {
    const auto first = fakes::open_sensor("tmp102", "{bus: i2c1}", buses);
    const auto second = fakes::open_sensor("tmp102", "{bus: i2c1}", buses);
    ASSERT_TRUE(first.ok()) << first.error().message;
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(adapter_.opened, 1);
  }
  ASSERT_TRUE(buses.i2c("i2c1").ok());
  EXPECT_EQ(adapter_.opened, 2);
}

TEST_P(LinuxI2cBus, RefusesAnAdapterThatCannotReadBlocks) {
  adapter_.functions = I2C_FUNC_SMBUS_QUICK;
  EXPECT_EQ(open_i2c_bus("/dev/i2c-1").error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace haltere::sensors
