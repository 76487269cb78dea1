#include "mcu/link/ascon.hpp"

#include "mcu/link/bytes.hpp"

namespace haltere {
namespace link {
namespace {

// SP 800-232, table 12: k_4, v 1, rounds 12 and 8, tag 128, rate 16, as one little-endian word.
constexpr uint64_t initial_value = 0x00001000808C0001u;
constexpr size_t rate_bytes = 16;
constexpr int initial_rounds = 12;
constexpr int block_rounds = 8;
constexpr uint64_t domain_separation = 0x8000000000000000u;

constexpr uint64_t rotated(uint64_t x, int right) { return x >> right | x << (64 - right); }

uint64_t load(const uint8_t* bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | bytes[i];
  return word;
}

}  // namespace

// Section 3: constant addition, the 5-bit S-box on all 64 columns at once, linear layer.
void Ascon::permute(int rounds) {
  static constexpr uint8_t rotations[5][2] = {{19, 28}, {61, 39}, {1, 6}, {10, 17}, {7, 41}};
  uint64_t* x = state_;
  for (int left = rounds; left > 0; --left) {
    // 0xF0 in the first of twelve rounds, 0x4B in the last of any.
    x[2] ^= static_cast<uint64_t>(0x4B + 0x0F * (left - 1));
    x[0] ^= x[4];
    x[4] ^= x[3];
    x[2] ^= x[1];
    const uint64_t first = x[0];
    const uint64_t second = x[1];
    x[0] ^= ~x[1] & x[2];
    x[1] ^= ~x[2] & x[3];
    x[2] ^= ~x[3] & x[4];
    x[3] ^= ~x[4] & first;
    x[4] ^= ~first & second;
    x[1] ^= x[0];
    x[0] ^= x[4];
    x[3] ^= x[2];
    x[2] = ~x[2];
    for (int i = 0; i < 5; ++i) {
      x[i] ^= rotated(x[i], rotations[i][0]) ^ rotated(x[i], rotations[i][1]);
    }
  }
}

void Ascon::add(size_t at, uint8_t byte) {
  state_[at / 8] ^= static_cast<uint64_t>(byte) << (8 * (at % 8));
}

void Ascon::add_key(size_t word, const uint8_t* key) {
  state_[word] ^= load(key);
  state_[word + 1] ^= load(key + 8);
}

void Ascon::begin(const uint8_t* key, const uint8_t* nonce) {
  state_[0] = initial_value;
  for (int i = 1; i < 5; ++i) state_[i] = 0;
  add_key(1, key);
  add_key(3, nonce);
  permute(initial_rounds);
  add_key(3, key);
  filled_ = 0;
  has_data_ = false;
}

void Ascon::absorb(const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    has_data_ = true;
    add(filled_++, load_u8(bytes + i));
    if (filled_ == rate_bytes) {
      permute(block_rounds);
      filled_ = 0;
    }
  }
}

void Ascon::end_data() {
  if (has_data_) {
    add(filled_, 1);
    permute(block_rounds);
    filled_ = 0;
  }
  state_[4] ^= domain_separation;
}

// The state takes the plaintext: what comes in, or what goes out.
void Ascon::crypt(uint8_t* bytes, size_t count, uint8_t take_output) {
  for (size_t i = 0; i < count; ++i) {
    const auto stream = static_cast<uint8_t>(state_[filled_ / 8] >> (8 * (filled_ % 8)));
    const uint8_t in = bytes[i];
    const auto out = static_cast<uint8_t>(in ^ stream);
    bytes[i] = out;
    add(filled_++, static_cast<uint8_t>((in & ~take_output) | (out & take_output)));
    if (filled_ == rate_bytes) {
      permute(block_rounds);
      filled_ = 0;
    }
  }
}

void Ascon::tag(const uint8_t* key, uint8_t* tag) {
  add(filled_, 1);
  add_key(2, key);
  permute(initial_rounds);
  add_key(3, key);
  for (size_t i = 0; i < ascon_tag_bytes; ++i) {
    tag[i] = static_cast<uint8_t>(state_[3 + i / 8] >> (8 * (i % 8)));
  }
}

bool equal_in_constant_time(const uint8_t* a, const uint8_t* b, size_t count) {
  uint8_t different = 0;
  for (size_t i = 0; i < count; ++i) {
    different = static_cast<uint8_t>(different | (load_u8(a + i) ^ load_u8(b + i)));
  }
  return different == 0;
}

void ascon_derive(const uint8_t* key, const uint8_t* nonce, const uint8_t* bytes, size_t count,
                  uint8_t* out) {
  Ascon ascon;
  ascon.begin(key, nonce);
  ascon.absorb(bytes, count);
  ascon.end_data();
  ascon.tag(key, out);
}

}  // namespace link
}  // namespace haltere
