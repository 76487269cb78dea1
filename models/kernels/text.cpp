#include "models/kernels/text.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Allowed second bytes after a lead byte, and the length of the sequence; 0 = no lead byte.
struct Sequence {
  uint8_t length;
  uint8_t second_min;
  uint8_t second_max;
};

Sequence sequence_of(uint8_t lead) {
  if (lead < 0xc2) return {0, 0, 0};
  if (lead == 0xc2) return {2, 0xa0, 0xbf};  // below are control characters
  if (lead < 0xe0) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};  // below are overlong forms
  if (lead == 0xed) return {3, 0x80, 0x9f};  // above are surrogates
  if (lead < 0xf0) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead < 0xf4) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};  // above is no Unicode
  return {0, 0, 0};
}

/// Bytes of the well-formed character at the start of text [size]; 0 if there is none.
size_t character_length(const uint8_t* text, size_t size) {
  const uint8_t lead = load_u8(text);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const Sequence sequence = sequence_of(lead);
  if (sequence.length == 0 || sequence.length > size) return 0;
  const uint8_t second = load_u8(text + 1);
  if (second < sequence.second_min || second > sequence.second_max) return 0;
  for (size_t i = 2; i < sequence.length; ++i) {
    if ((load_u8(text + i) & 0xc0U) != 0x80U) return 0;
  }
  return sequence.length;
}

}  // namespace

bool is_padded_text(const uint8_t* text, size_t size) {
  size_t used = 0;
  while (used < size && load_u8(text + used) != 0) {
    const size_t length = character_length(text + used, size - used);
    if (length == 0) return false;
    used += length;
  }
  if (used == 0) return false;
  for (size_t i = used; i < size; ++i) {
    if (load_u8(text + i) != 0) return false;
  }
  return true;
}

}  // namespace kernels
}  // namespace haltere
