#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace link {

/// Bytes of a frame's content around its payload: type, flags, sequence before; crc after.
constexpr size_t header_bytes = 4;
constexpr size_t crc_bytes = 4;

/// Flag of a frame whose payload is encrypted and that ends in a tag instead of the crc.
constexpr uint8_t sealed_flag = 1;
constexpr size_t frame_tag_bytes = 8;

/// Smallest content capacity any end must have: what may be sent before hello, and its reply.
constexpr size_t min_content_bytes = 128;

/// Wire bytes that `content` bytes need at most, end marker included.
constexpr size_t max_wire_bytes(size_t content) { return content + (content + 253) / 254 + 1; }

/// One frame without its crc. `payload` points into the buffer of whoever made it.
struct Frame {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint16_t sequence = 0;
  const uint8_t* payload = nullptr;
  size_t payload_bytes = 0;
};

/// Takes bytes for the wire, in order.
struct ByteSink {
  void (*write)(void* context, const uint8_t* bytes, size_t count) = nullptr;
  void* context = nullptr;
};

/// Completes and sends a frame whose payload already stands in `content` from `header_bytes` on:
/// fills the header and the crc, and writes COBS and the end marker to `sink`. `content` has room
/// for `header_bytes + frame.payload_bytes + crc_bytes`; `frame.payload` is not looked at. Returns
/// the wire bytes written.
size_t send_frame(const Frame& frame, uint8_t* content, const ByteSink& sink);

/// Sends `count` bytes of a complete content. Returns the wire bytes written.
size_t send_content(const uint8_t* content, size_t count, const ByteSink& sink);

/// What was wrong with received frames, each a count since start.
struct FrameCounters {
  uint32_t frames = 0;           ///< good ones
  uint32_t crc_errors = 0;       ///< all there, but the crc or the tag differs
  uint32_t cobs_errors = 0;      ///< ended within a COBS block
  uint32_t oversize_frames = 0;  ///< longer than the buffer; dropped up to their end
  uint32_t short_frames = 0;     ///< too short for header and crc
};

/// Undoes COBS byte by byte into a buffer of the caller. Any byte sequence is safe; after a damaged
/// frame the next one is received.
class FrameDecoder {
 public:
  /// `buffer` is kept, not copied; at least `min_content_bytes`.
  FrameDecoder(uint8_t* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}

  /// Whether frames with `sealed_flag` may end in a tag. They are good only if a Session opens
  /// them; count one by `refuse` if not. At first none may: all end in a crc.
  void allow_sealed(bool allowed) { allow_sealed_ = allowed; }

  /// Takes one byte. True when it completed a good frame: `frame()` is valid until the next call.
  bool take(uint8_t byte);

  const Frame& frame() const { return frame_; }
  const FrameCounters& counters() const { return counters_; }
  void refuse() {
    --counters_.frames;
    ++counters_.crc_errors;
  }

 private:
  void take_data(uint8_t byte);
  void store(uint8_t byte);
  bool finish();
  bool check();

  uint8_t* buffer_;
  size_t capacity_;
  size_t size_ = 0;
  uint8_t block_left_ = 0;         // data bytes until the next code byte
  bool zero_after_block_ = false;  // the block stands for a zero unless the frame ends here
  bool started_ = false;           // since the last end marker
  bool overflow_ = false;
  bool allow_sealed_ = false;
  Frame frame_;
  FrameCounters counters_;
};

}  // namespace link
}  // namespace haltere
