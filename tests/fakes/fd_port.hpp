#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "sensors/serial_port.hpp"

namespace haltere::fakes {

/// A file descriptor as a serial port; closed with it.
class FdPort : public sensors::SerialPort {
 public:
  explicit FdPort(int fd) : fd_(fd) {}
  ~FdPort() override { close(fd_); }

  [[nodiscard]] int fd() const override { return fd_; }

  Result<std::size_t> read(std::span<std::uint8_t> bytes) override {
    return done(recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT), true);
  }

  Result<std::size_t> write(std::span<const std::uint8_t> bytes) override {
    return done(send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL), false);
  }

 private:
  static Result<std::size_t> done(ssize_t count, bool reading) {
    if (count > 0 || (count == 0 && !reading)) return static_cast<std::size_t>(count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::size_t{0};
    return Error{ErrorKind::unavailable, "the other end hung up"};
  }

  int fd_;
};

/// The two ends of a line.
inline std::pair<int, int> make_line() {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {-1, -1};
  return {ends[0], ends[1]};
}

}  // namespace haltere::fakes
