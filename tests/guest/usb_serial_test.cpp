// A real serial device (CDC-ACM) through libserialport: the kernel's gadget driver is the board.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "sensors/serial_port.hpp"
#include "tests/fakes/open_sensor.hpp"
#include "tests/guest/kernel.hpp"

namespace haltere::guest {
namespace {

constexpr const char* usb_driver = "/sys/bus/usb/drivers/usb/";

class UsbBoard : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(eventually([] { return std::filesystem::exists("/dev/ttyACM0"); }));
    start_board();
  }
  void TearDown() override { close(board_); }

  void start_board() {
    if (board_ >= 0) close(board_);
    board_ = ::open("/dev/ttyGS0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(board_, 0);
    termios settings{};
    ASSERT_EQ(tcgetattr(board_, &settings), 0);
    cfmakeraw(&settings);
    ASSERT_EQ(tcsetattr(board_, TCSANOW, &settings), 0);
  }

  Result<std::unique_ptr<sensors::Sensor>> open() {
    return fakes::open_sensor("serial_lines", "{device: /dev/ttyACM0, columns: [n, 'x:g']}",
                              buses_);
  }

  void send(std::string_view text) const {
    ASSERT_EQ(write(board_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  /// Reads until `count` samples or an error came.
  static Result<std::vector<float>> read(sensors::Sensor& sensor, std::size_t count) {
    std::vector<sensors::Sample> samples;
    Status status;
    eventually([&] {
      pollfd wait{.fd = sensor.wake().fd, .events = POLLIN, .revents = 0};
      poll(&wait, 1, 1000);
      status = sensor.read(monotonic_ns(), samples);
      return !status || samples.size() >= count;
    });
    if (!status) return status.error();
    std::vector<float> first;
    for (const sensors::Sample& sample : samples) first.push_back(sample.values[0]);
    return first;
  }

  int board_ = -1;
  sensors::Buses buses_;
};

TEST_F(UsbBoard, SendsLinesAndIsBusyMeanwhile) {
  const auto sensor = open();
  ASSERT_TRUE(sensor.ok()) << sensor.error().message;
  send("lf a line\n1,0.5\n2,0.25\n");
  const auto values = read(**sensor, 2);
  ASSERT_TRUE(values.ok()) << values.error().message;
  EXPECT_EQ(*values, (std::vector<float>{1, 2}));
  EXPECT_EQ((*sensor)->counters().rejected, 1U);
  EXPECT_EQ(open().error().kind, ErrorKind::busy);
}

TEST_F(UsbBoard, TakesBytesFromUs) {
  const auto port = sensors::open_serial_port("/dev/ttyACM0", 1'000'000);
  ASSERT_TRUE(port.ok()) << port.error().message;
  const std::array<std::uint8_t, 4> bytes{0x00, 0x11, 0x13, 0xFF};
  ASSERT_EQ(*(*port)->write(bytes), bytes.size());
  std::array<std::uint8_t, 8> arrived{};
  ssize_t got = 0;
  EXPECT_TRUE(
      eventually([&] { return (got = ::read(board_, arrived.data(), arrived.size())) > 0; }));
  EXPECT_EQ(got, 4);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), arrived.begin()));
}

TEST_F(UsbBoard, ComesBackAfterItWasUnpluggedInUse) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok()) << sensor.error().message;
  send("\n1,0\n");
  ASSERT_TRUE(read(**sensor, 1).ok());
  ASSERT_TRUE(write_line(std::string(usb_driver) + "unbind", "1-1"));
  const auto gone = read(**sensor, 1);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
  sensor->reset();
  EXPECT_EQ(open().error().kind, ErrorKind::not_found);
  ASSERT_TRUE(write_line(std::string(usb_driver) + "bind", "1-1"));
  ASSERT_TRUE(eventually([&] { return (sensor = open()).ok(); })) << sensor.error().message;
  start_board();  // its end was hung up, too
  send("\n7,0\n8,0\n");
  const auto back = read(**sensor, 2);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->back(), 8.0f);
}

}  // namespace
}  // namespace haltere::guest
