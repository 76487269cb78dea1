#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace haltere::firmware {

/// The host firmware's UART: a pseudo-terminal of its own, or a file descriptor it was given.
class SerialLine {
 public:
  SerialLine() = default;
  SerialLine(const SerialLine&) = delete;
  SerialLine& operator=(const SerialLine&) = delete;
  ~SerialLine();

  /// Creates a raw pseudo-terminal; `path()` is what a board opens. `link`, if not empty, becomes a
  /// symbolic link to it. False with errno set when the system refuses.
  bool open_terminal(const std::string& link);

  /// Waits for one client on 127.0.0.1:`port` (0: any; announced on stdout).
  bool open_tcp(std::uint16_t port);

  void use(int fd) { fd_ = fd; }

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Waits at most `timeout_ms` for bytes. 0 = none, -1 = the line is gone.
  int read(std::span<std::uint8_t> bytes, int timeout_ms) const;

  /// Like a UART nobody listens to: what is not taken within a second is lost.
  void write(std::span<const std::uint8_t> bytes) const;

 private:
  int fd_ = -1;
  int terminal_ = -1;  // kept open, so that the line survives a board that closes it
  std::string path_;
  std::string link_;
};

}  // namespace haltere::firmware
