#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

enum class GpioPull : std::uint8_t { as_is, none, up, down };

/// Which line to watch and how.
struct GpioLineOptions {
  std::string chip;   ///< name, label or path
  unsigned line = 0;  ///< offset on the chip
  bool active_low = false;
  GpioPull pull = GpioPull::as_is;
};

/// One change of a line.
struct GpioEdge {
  TimeNs time_ns = 0;  ///< by the kernel, CLOCK_MONOTONIC
  bool active = false;
};

/// An input line whose edges are watched. One thread at a time. Never blocks.
class GpioLine {
 public:
  GpioLine() = default;
  GpioLine(const GpioLine&) = delete;
  GpioLine& operator=(const GpioLine&) = delete;
  virtual ~GpioLine() = default;

  /// Readable when there are edges.
  [[nodiscard]] virtual int fd() const = 0;

  /// The state now. Errors: unavailable (the chip was unplugged), io.
  virtual Result<bool> active() = 0;

  /// Appends the edges that are waiting. Errors: as `active`.
  virtual Status read(std::vector<GpioEdge>& edges) = 0;
};

/// Opens a line through libgpiod, 1.6 or 2.x, whichever it is built with. Errors: not_found (no
/// such chip or line), busy (another program has the line), io.
[[nodiscard]] Result<std::unique_ptr<GpioLine>> open_gpio_line(const GpioLineOptions& options);

}  // namespace haltere::sensors
