#include "mcu/link/session.hpp"

#include "mcu/link/bytes.hpp"

namespace haltere {
namespace link {
namespace {

constexpr uint8_t link_purpose[ascon_nonce_bytes] = {'h', 'a', 'l', 't', 'e', 'r', 'e', ' ',
                                                     'l', 'i', 'n', 'k', ' ', ' ', ' ', '1'};

}  // namespace

void Session::begin(const uint8_t* key, const uint8_t* nonce, const uint8_t* hello, size_t count) {
  uint8_t link_key[ascon_key_bytes];
  ascon_derive(key, link_purpose, nullptr, 0, link_key);
  ascon_derive(link_key, nonce, hello, count, key_);
  active_ = true;
}

// Takes the header, which is associated data, and begins the payload.
void Session::start(uint32_t number, Direction direction, const uint8_t* content,
                    Ascon& ascon) const {
  uint8_t nonce[ascon_nonce_bytes] = {};
  ByteWriter writer(nonce, sizeof nonce);
  writer.u32(number);
  writer.u8(static_cast<uint8_t>(direction));
  ascon.begin(key_, nonce);
  ascon.absorb(content, header_bytes);
  ascon.end_data();
}

size_t Session::send(const Frame& frame, uint32_t number, Direction direction, uint8_t* content,
                     const ByteSink& sink) const {
  ByteWriter header(content, header_bytes);
  header.u8(frame.type);
  header.u8(sealed_flag);
  header.u16(static_cast<uint16_t>(number));
  Ascon ascon;
  start(number, direction, content, ascon);
  const size_t tag_at = header_bytes + frame.payload_bytes;
  ascon.encrypt(content + header_bytes, frame.payload_bytes);
  uint8_t tag[ascon_tag_bytes];
  ascon.tag(key_, tag);
  ByteWriter trailer(content + tag_at, frame_tag_bytes);
  trailer.raw(tag, frame_tag_bytes);
  return send_content(content, tag_at + frame_tag_bytes, sink);
}

bool Session::open(const Frame& frame, uint32_t number, Direction direction,
                   uint8_t* content) const {
  Ascon ascon;
  start(number, direction, content, ascon);
  ascon.decrypt(content + header_bytes, frame.payload_bytes);
  uint8_t tag[ascon_tag_bytes];
  ascon.tag(key_, tag);
  return equal_in_constant_time(tag, content + header_bytes + frame.payload_bytes, frame_tag_bytes);
}

}  // namespace link
}  // namespace haltere
