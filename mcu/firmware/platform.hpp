#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/sensor.hpp"
#include "mcu/link/frame.hpp"
#include "mcu/link/messages.hpp"

namespace haltere {
namespace firmware {

/// What the runtime asks of the chip it runs on.
struct Platform {
  link::Core core = link::Core::host;
  link::ResetReason reset_reason = link::ResetReason::unknown;
  uint32_t boots = 0;
  void* context = nullptr;
  uint32_t (*ticks)(void* context) = nullptr;  ///< free-running, wraps at 2^32
  uint32_t tick_hz = 0;
  uint32_t (*overruns)(void* context) = nullptr;  ///< received bytes that were lost
  /// Whether someone at the device allows it to be enrolled right now; null: nobody ever does.
  bool (*may_enroll)(void* context) = nullptr;
  /// A line that wakes a board: raised when the decision changes, until the board asks. May be
  /// null.
  void (*wake)(void* context, bool raised) = nullptr;
  /// Called while one request takes long, so that a watchdog does not end it; may be null.
  void (*alive)(void* context) = nullptr;
  /// Whether someone at the device says that what its sensor sees is of the class it was told last;
  /// may be null.
  bool (*label_button)(void* context) = nullptr;
  Sensor sensor;
};

/// All memory the runtime uses, decided by the port at build time.
struct Memory {
  uint8_t* arena = nullptr;  ///< working memory of models, 8-aligned
  size_t arena_bytes = 0;
  uint8_t* received = nullptr;  ///< one frame's content each
  uint8_t* reply = nullptr;
  float* values = nullptr;    ///< content_bytes / 4: features or windows that came in
  size_t content_bytes = 0;   ///< at least link::min_content_bytes
  uint8_t window_frames = 2;  ///< data frames that may wait in the port's receive buffer
  uint8_t* stream = nullptr;  ///< samples on their way to the board, 2-aligned; none: no streams
  size_t stream_bytes = 0;
};

}  // namespace firmware
}  // namespace haltere
