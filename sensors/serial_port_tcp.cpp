#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sensors/serial_port_backends.hpp"

namespace haltere::sensors {
namespace {

constexpr int connect_timeout_ms = 1000;

class TcpPort final : public SerialPort {
 public:
  TcpPort(std::string name, int fd) : name_(std::move(name)), fd_(fd) {}
  ~TcpPort() override { close(fd_); }

  [[nodiscard]] int fd() const override { return fd_; }

  Result<std::size_t> read(std::span<std::uint8_t> bytes) override {
    const ssize_t got = recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0 && bytes.empty()) return std::size_t{0};
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::size_t{0};
    return port_error(name_, "read it", got == 0 ? ECONNRESET : errno);
  }

  Result<std::size_t> write(std::span<const std::uint8_t> bytes) override {
    const ssize_t put = send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put >= 0) return static_cast<std::size_t>(put);
    if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
    return port_error(name_, "write to it", errno);
  }

 private:
  std::string name_;
  int fd_;
};

struct Address {
  std::string host;
  std::string service;
};

Result<Address> split_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) {
    return Error{ErrorKind::invalid, "tcp://" + std::string(address) +
                                         ": expected tcp://HOST:PORT, as in tcp://127.0.0.1:5000"};
  }
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Address{std::string(host), std::string(address.substr(colon + 1))};
}

/// 0 once `fd` is connected to `target`, else an errno.
int connect_within_timeout(int fd, const addrinfo& target) {
  if (connect(fd, target.ai_addr, target.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
  if (poll(&wait, 1, connect_timeout_ms) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// Small frames leave at once, and a peer that lost power is noticed within half a minute.
void tune(int fd) {
  const auto set = [fd](int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace

Result<std::unique_ptr<SerialPort>> open_tcp_port(std::string_view address) {
  const Result<Address> parts = split_address(address);
  if (!parts) return parts.error();
  const std::string name = "tcp://" + std::string(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(parts->host.c_str(), parts->service.c_str(), &hints, &found);
  if (failure != 0) return Error{ErrorKind::not_found, name + ": " + gai_strerror(failure)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> targets(found, &freeaddrinfo);
  int error = 0;
  for (const addrinfo* target = found; target != nullptr; target = target->ai_next) {
    const int fd = socket(target->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      error = errno;
      continue;
    }
    auto port = std::make_unique<TcpPort>(name, fd);
    error = connect_within_timeout(fd, *target);
    if (error != 0) continue;
    tune(fd);
    return std::unique_ptr<SerialPort>(std::move(port));
  }
  return port_error(name, "connect to it", error);
}

}  // namespace haltere::sensors
