#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sensors/serial_port_backends.hpp"

namespace haltere::sensors {
namespace {

class PtyPort final : public SerialPort {
 public:
  PtyPort(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~PtyPort() override { close(fd_); }

  [[nodiscard]] int fd() const override { return fd_; }

  Result<std::size_t> read(std::span<std::uint8_t> bytes) override {
    const ssize_t got = ::read(fd_, bytes.data(), bytes.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::size_t{0};
    return port_error(path_, "read it", got == 0 ? EIO : errno);  // 0 = the other end closed
  }

  Result<std::size_t> write(std::span<const std::uint8_t> bytes) override {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put >= 0) return static_cast<std::size_t>(put);
    if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
    return port_error(path_, "write to it", errno);
  }

  /// Raw: bytes come and go as they are; with VMIN 1, nothing to read is EAGAIN and a hang-up is 0.
  Status set_up() {
    termios settings{};
    if (tcgetattr(fd_, &settings) != 0) return port_error(path_, "set it up", errno);
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (tcsetattr(fd_, TCSANOW, &settings) != 0) return port_error(path_, "set it up", errno);
    return {};
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace

Result<std::unique_ptr<SerialPort>> open_pty_port(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return port_error(path, "open it", errno);
  auto port = std::make_unique<PtyPort>(path, fd);
  if (Status locked = lock_port(path, fd); !locked) return locked.error();
  if (Status set = port->set_up(); !set) return set.error();
  return std::unique_ptr<SerialPort>(std::move(port));
}

}  // namespace haltere::sensors
