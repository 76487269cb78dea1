#include "mcu/firmware/ports/host/serial_line.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace haltere::firmware {
namespace {

constexpr int write_patience_ms = 1000;

bool make_raw(int fd) {
  termios settings{};
  if (tcgetattr(fd, &settings) != 0) return false;
  cfmakeraw(&settings);
  return tcsetattr(fd, TCSANOW, &settings) == 0;
}

}  // namespace

SerialLine::~SerialLine() {
  if (!link_.empty()) unlink(link_.c_str());
  if (terminal_ >= 0) close(terminal_);
  if (fd_ >= 0) close(fd_);
}

bool SerialLine::open_terminal(const std::string& link) {
  fd_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0 || grantpt(fd_) != 0 || unlockpt(fd_) != 0) return false;
  char name[64] = {};
  if (ptsname_r(fd_, name, sizeof name) != 0) return false;
  path_ = name;
  terminal_ = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal_ < 0 || !make_raw(terminal_)) return false;
  if (link.empty()) return true;
  unlink(link.c_str());
  if (symlink(name, link.c_str()) != 0) return false;
  link_ = link;
  return true;
}

bool SerialLine::open_tcp(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool listening = bind(listener, generic, size) == 0 && listen(listener, 1) == 0 &&
                         getsockname(listener, generic, &size) == 0;
  if (listening) {
    std::printf("tcp://127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    fd_ = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }
  const int error = errno;
  close(listener);
  errno = error;
  return fd_ >= 0;
}

int SerialLine::read(std::span<std::uint8_t> bytes, int timeout_ms) const {
  pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, timeout_ms) <= 0) return 0;
  const ssize_t count = ::read(fd_, bytes.data(), bytes.size());
  if (count > 0) return static_cast<int>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return -1;
}

void SerialLine::write(std::span<const std::uint8_t> bytes) const {
  while (!bytes.empty()) {
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (poll(&ready, 1, write_patience_ms) <= 0) return;
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno != EAGAIN && errno != EINTR) return;
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace haltere::firmware
