#include "tests/fakes/firmware_board.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/fakes/fd_port.hpp"

namespace haltere::fakes {

std::unique_ptr<sensors::SerialPort> FirmwareBoard::plug() {
  unplug();
  const auto [near, far] = make_line();
  fd_ = far;
  thread_ = std::thread([this] { run(); });
  return std::make_unique<FdPort>(near);
}

void FirmwareBoard::unplug() {
  if (!thread_.joinable()) return;
  shutdown(fd_, SHUT_RDWR);
  thread_.join();
  close(fd_);
}

void FirmwareBoard::run() {
  chip_.power_up([this](std::span<const std::uint8_t> bytes) { say(bytes); });
  std::array<std::uint8_t, 2048> bytes{};
  for (;;) {
    const ssize_t count = recv(fd_, bytes.data(), bytes.size(), 0);
    if (count <= 0) break;
    const auto got = std::span(bytes).first(static_cast<std::size_t>(count));
    if (!chip_.take(got)) chip_.boot();
  }
  shutdown(fd_, SHUT_RDWR);
}

void FirmwareBoard::say(std::span<const std::uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // a line that was cut is noticed when reading
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace haltere::fakes
