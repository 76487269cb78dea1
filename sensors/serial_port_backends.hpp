#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/result.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::sensors {

/// A serial port with a driver behind it, through libserialport. `path` has no symbolic links.
[[nodiscard]] Result<std::unique_ptr<SerialPort>> open_tty_port(const std::string& path, int baud);

/// A pseudo-terminal, which libserialport refuses (it asks for modem lines).
[[nodiscard]] Result<std::unique_ptr<SerialPort>> open_pty_port(const std::string& path);

/// `address` is HOST:PORT or [HOST]:PORT. Waits at most a second for the connection.
[[nodiscard]] Result<std::unique_ptr<SerialPort>> open_tcp_port(std::string_view address);

/// The Error for `error_number` from a call on `device`, with what a person can do about it.
[[nodiscard]] Error port_error(std::string_view device, std::string_view action, int error_number);

/// Takes the lock by which programs agree on who has a port. Errors: busy.
[[nodiscard]] Status lock_port(const std::string& path, int fd);

}  // namespace haltere::sensors
