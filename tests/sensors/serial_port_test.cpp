#include "sensors/serial_port.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fakes/far_end.hpp"

namespace haltere::sensors {
namespace {

using fakes::FarEnd;

bool becomes_readable(int fd) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&wait, 1, 5000) == 1;
}

std::string read_text(SerialPort& port) {
  std::array<std::uint8_t, 256> bytes{};
  if (!becomes_readable(port.fd())) return "(nothing came)";
  const Result<std::size_t> got = port.read(bytes);
  return got ? std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*got))
             : "(" + std::string(to_string(got.error().kind)) + ")";
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(PtyPort, CarriesBytesUnchangedBothWays) {
  const FarEnd far;
  Result<std::unique_ptr<SerialPort>> port = open_serial_port(far.name(), 115200);
  ASSERT_TRUE(port.ok()) << port.error().message;
  std::array<std::uint8_t, 8> bytes{};
  EXPECT_EQ(*(*port)->read(bytes), 0U);
  const std::string raw("a\r\n\x03\x04\x11\x13\x7f\xff\0z", 11);
  far.send(raw);
  EXPECT_EQ(read_text(**port), raw);
  ASSERT_EQ(*(*port)->write(bytes_of(raw)), raw.size());
  EXPECT_EQ(far.receive(), raw);
  EXPECT_FALSE((*port)->joins_mid_stream());
}

TEST(PtyPort, GivesWhatWasSentBeforeItWasOpened) {
  const FarEnd far;
  Result<std::unique_ptr<SerialPort>> first = open_serial_port(far.name(), 9600);
  ASSERT_TRUE(first.ok());
  far.send("1,2\n");
  EXPECT_EQ(read_text(**first), "1,2\n");
}

TEST(PtyPort, NoticesAHangUp) {
  FarEnd far;
  Result<std::unique_ptr<SerialPort>> port = open_serial_port(far.name(), 115200);
  ASSERT_TRUE(port.ok());
  far.send("last");
  EXPECT_EQ(read_text(**port), "last");
  far.hang_up();
  EXPECT_EQ(read_text(**port), "(unavailable)");
  EXPECT_FALSE((*port)->write(bytes_of("x")).ok());
}

TEST(PtyPort, OpensAgainBehindALinkThatMoved) {
  const std::string link = testing::TempDir() + "serial_port_test." + std::to_string(getpid());
  FarEnd first;
  std::filesystem::create_symlink(first.name(), link);
  Result<std::unique_ptr<SerialPort>> port = open_serial_port(link, 115200);
  ASSERT_TRUE(port.ok());
  first.hang_up();
  EXPECT_EQ(read_text(**port), "(unavailable)");
  port = Error{ErrorKind::unavailable, "closed"};
  std::filesystem::remove(link);
  const Result<std::unique_ptr<SerialPort>> away = open_serial_port(link, 115200);
  ASSERT_FALSE(away.ok());
  EXPECT_EQ(away.error().kind, ErrorKind::not_found);
  const FarEnd second;
  std::filesystem::create_symlink(second.name(), link);
  port = open_serial_port(link, 115200);
  ASSERT_TRUE(port.ok());
  second.send("back");
  EXPECT_EQ(read_text(**port), "back");
  std::filesystem::remove(link);
}

TEST(PtyPort, IsBusyWhileOpenAndFreeAfterwards) {
  const FarEnd far;
  {
    const Result<std::unique_ptr<SerialPort>> port = open_serial_port(far.name(), 115200);
    ASSERT_TRUE(port.ok());
    const Result<std::unique_ptr<SerialPort>> second = open_serial_port(far.name(), 115200);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::busy);
  }
  EXPECT_TRUE(open_serial_port(far.name(), 115200).ok());
}

TEST(OpenSerialPort, SaysWhatIsWrongWithADevice) {
  EXPECT_EQ(open_serial_port("/dev/no-such-tty", 9600).error().kind, ErrorKind::not_found);
  EXPECT_EQ(open_serial_port("/etc/passwd", 9600).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("/dev/null", 9600).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("/tmp", 9600).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("", 9600).error().kind, ErrorKind::not_found);
}

/// A TCP server on a port of its own.
class Server {
 public:
  Server() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  void stop() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] std::string url() const {
    return "tcp://127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }
  [[nodiscard]] int accept_one() const { return accept(fd_, nullptr, nullptr); }

 private:
  int fd_;
  sockaddr_in address_{};
};

TEST(TcpPort, CarriesBytesBothWaysAndNoticesTheEnd) {
  const Server server;
  Result<std::unique_ptr<SerialPort>> port = open_serial_port(server.url(), 0);
  ASSERT_TRUE(port.ok()) << port.error().message;
  const int far = server.accept_one();
  std::array<std::uint8_t, 8> bytes{};
  EXPECT_EQ(*(*port)->read(bytes), 0U);
  ASSERT_EQ(send(far, "1,2\n", 4, 0), 4);
  EXPECT_EQ(read_text(**port), "1,2\n");
  ASSERT_EQ(*(*port)->write(bytes_of("hello")), 5U);
  ASSERT_EQ(recv(far, bytes.data(), bytes.size(), 0), 5);
  close(far);
  EXPECT_EQ(read_text(**port), "(unavailable)");
}

TEST(TcpPort, WritesOnlyWhatFits) {
  const Server server;
  Result<std::unique_ptr<SerialPort>> port = open_serial_port(server.url(), 0);
  ASSERT_TRUE(port.ok());
  const int far = server.accept_one();
  const std::vector<std::uint8_t> block(1 << 20);
  std::size_t sent = 0;
  for (int i = 0; i < 64; ++i) {
    const Result<std::size_t> put = (*port)->write(block);
    ASSERT_TRUE(put.ok());
    sent += *put;
    if (*put == 0) break;
  }
  EXPECT_LT(sent, 64U << 20);
  close(far);
}

TEST(TcpPort, SaysWhyThereIsNoConnection) {
  Server server;
  const std::string url = server.url();
  server.stop();
  EXPECT_EQ(open_serial_port(url, 0).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(open_serial_port("tcp://localhost", 0).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("tcp://:80", 0).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("tcp://127.0.0.1:", 0).error().kind, ErrorKind::invalid);
  EXPECT_EQ(open_serial_port("tcp://127.0.0.1:no-such-service", 0).error().kind,
            ErrorKind::not_found);
}

}  // namespace
}  // namespace haltere::sensors
