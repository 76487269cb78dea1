#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/link/ascon.hpp"
#include "mcu/link/frame.hpp"

namespace haltere {
namespace link {

/// Which way a sealed frame goes: no reply can be taken for a request. What comes unasked has
/// numbers of its own.
enum class Direction : uint8_t { to_mcu = 1, to_board = 2, unasked = 3 };

/// The key of one conversation, from a hello to the next, and what it does to frames: payloads are
/// encrypted, and a tag stands in place of the crc. A frame's number rises strictly; its low 16
/// bits travel as the sequence.
class Session {
 public:
  bool active() const { return active_; }
  void end() { active_ = false; }

  /// Derives the session's key from the microcontroller's `key`, the board's `nonce` (16 bytes,
  /// fresh) and the whole payload of the hello reply, which holds what is fresh on the other side.
  void begin(const uint8_t* key, const uint8_t* nonce, const uint8_t* hello, size_t count);

  /// Seals and sends frame `number` whose payload stands in `content` from `header_bytes` on, with
  /// room for `frame_tag_bytes` behind. `frame.sequence` and `frame.flags` are not looked at.
  /// Returns the wire bytes written.
  size_t send(const Frame& frame, uint32_t number, Direction direction, uint8_t* content,
              const ByteSink& sink) const;

  /// Decrypts the payload of a sealed frame in `content`, where the decoder put it. False: it is
  /// not frame `number` of this session, and `content` is worthless.
  bool open(const Frame& frame, uint32_t number, Direction direction, uint8_t* content) const;

 private:
  void start(uint32_t number, Direction direction, const uint8_t* content, Ascon& ascon) const;

  uint8_t key_[ascon_key_bytes] = {};
  bool active_ = false;
};

/// The number above `last` whose low 16 bits are `sequence`.
inline uint32_t next_number(uint32_t last, uint16_t sequence) {
  const uint32_t number = (last & 0xFFFF0000u) | sequence;
  return number > last ? number : number + 0x10000u;
}

}  // namespace link
}  // namespace haltere
