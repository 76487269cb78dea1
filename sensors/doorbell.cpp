#include "sensors/doorbell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace haltere::sensors {

Doorbell::Doorbell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ >= 0) return;
  // Without descriptors nothing works; like running out of memory.
  std::perror("haltere: eventfd");
  std::abort();
}

Doorbell::~Doorbell() { close(fd_); }

void Doorbell::ring() const {
  const std::uint64_t one = 1;
  // Fails only when 2^64-2 rings are pending, and then the sleeper wakes anyway.
  [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
}

void Doorbell::clear() const {
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto got = read(fd_, &rings, sizeof rings);
}

void Doorbell::wait(int timeout_ms, int other_fd) const {
  std::array<pollfd, 2> waits{pollfd{fd_, POLLIN, 0}, pollfd{other_fd, POLLIN, 0}};
  poll(waits.data(), waits.size(), timeout_ms);
}

}  // namespace haltere::sensors
