#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "config/result.hpp"

namespace haltere::sensors {

/// A byte stream to a board: a real serial port, a pseudo-terminal, or TCP as ser2net and QEMU
/// offer it. One thread at a time. Never blocks.
class SerialPort {
 public:
  SerialPort() = default;
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;
  virtual ~SerialPort() = default;

  /// To wait on with poll: readable when `read` would return bytes or an error.
  [[nodiscard]] virtual int fd() const = 0;

  /// Whether the sender was perhaps in the middle of a line when the port was opened, as a board on
  /// a wire is. What is written to a pseudo-terminal or a connection waits there from its first
  /// byte.
  [[nodiscard]] virtual bool joins_mid_stream() const { return false; }

  /// Reads what is there into `bytes`; 0 = nothing now. Errors: unavailable (hung up, unplugged),
  /// io.
  virtual Result<std::size_t> read(std::span<std::uint8_t> bytes) = 0;

  /// Writes as much as fits now and returns that count. Errors: unavailable, io.
  virtual Result<std::size_t> write(std::span<const std::uint8_t> bytes) = 0;
};

/// Opens `device`: a path (tty through libserialport, pseudo-terminal through termios, told apart
/// by the device itself) or `tcp://HOST:PORT`. 8N1, raw, no flow control; `baud` is ignored where
/// the line has none. Errors: not_found, unavailable, busy, invalid (baud not supported, not a
/// serial device), io; each says what to do.
[[nodiscard]] Result<std::unique_ptr<SerialPort>> open_serial_port(std::string_view device,
                                                                   int baud);

}  // namespace haltere::sensors
