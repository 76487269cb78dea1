#include "sensors/serial_port.hpp"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <system_error>

#include "sensors/serial_port_backends.hpp"

namespace haltere::sensors {
namespace {

// Documentation/admin-guide/devices.txt: majors 136-143 are Unix98 pseudo-terminal slaves, 3 the
// old ones.
bool is_pseudo_terminal(dev_t device) {
  const unsigned number = major(device);
  return (number >= 136 && number <= 143) || number == 3;
}

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENOENT: return ErrorKind::not_found;
    case EBUSY:
    case EWOULDBLOCK: return ErrorKind::busy;
    case ENXIO:
    case ENODEV:
    case EIO:
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH: return ErrorKind::unavailable;
    case ETIMEDOUT: return ErrorKind::timeout;
    case ENOTTY:
    case EINVAL: return ErrorKind::invalid;
    default: return ErrorKind::io;
  }
}

std::string_view advice_for(int error_number) {
  switch (error_number) {
    case ENOENT: return "; is the board plugged in?";
    case EACCES:
    case EPERM: return "; add the user to the group 'dialout'";
    case EBUSY:
    case EWOULDBLOCK: return "; another program has it open";
    case ENOTTY: return "; this is not a serial device";
    default: return "";
  }
}

}  // namespace

Error port_error(std::string_view device, std::string_view action, int error_number) {
  std::string message(device);
  message.append(": cannot ")
      .append(action)
      .append(": ")
      .append(std::generic_category().message(error_number));
  message.append(advice_for(error_number));
  return {kind_of(error_number), std::move(message)};
}

Status lock_port(const std::string& path, int fd) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
  return port_error(path, "lock it", errno);
}

Result<std::unique_ptr<SerialPort>> open_serial_port(std::string_view device, int baud) {
  constexpr std::string_view tcp = "tcp://";
  if (device.starts_with(tcp)) return open_tcp_port(device.substr(tcp.size()));
  const std::string name(device);
  std::array<char, PATH_MAX> path{};
  struct stat status {};
  if (realpath(name.c_str(), path.data()) == nullptr || stat(path.data(), &status) != 0) {
    return port_error(name, "open it", errno);
  }
  if (!S_ISCHR(status.st_mode)) return port_error(name, "use it", ENOTTY);
  if (is_pseudo_terminal(status.st_rdev)) return open_pty_port(path.data());
  return open_tty_port(path.data(), baud);
}

}  // namespace haltere::sensors
