#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace link {

/// Sizes of Ascon-AEAD128 (NIST SP 800-232, section 4).
constexpr size_t ascon_key_bytes = 16;
constexpr size_t ascon_nonce_bytes = 16;
constexpr size_t ascon_tag_bytes = 16;

/// Ascon-AEAD128, step by step: `begin`, any number of `absorb` and one `end_data`, then any number
/// of `encrypt` or of `decrypt`, then `tag`. Time and memory accesses depend on lengths alone. A
/// nonce must not be used for two messages under one key.
class Ascon {
 public:
  void begin(const uint8_t* key, const uint8_t* nonce);

  /// Takes associated data: it travels in the clear.
  void absorb(const uint8_t* bytes, size_t count);
  void end_data();

  /// In place.
  void encrypt(uint8_t* bytes, size_t count) { crypt(bytes, count, 0); }
  void decrypt(uint8_t* bytes, size_t count) { crypt(bytes, count, 0xFF); }

  /// tag [ascon_tag_bytes]. Nothing may follow but `begin`.
  void tag(const uint8_t* key, uint8_t* tag);

 private:
  void permute(int rounds);
  void crypt(uint8_t* bytes, size_t count, uint8_t take_output);
  void add(size_t at, uint8_t byte);
  void add_key(size_t word, const uint8_t* key);

  uint64_t state_[5];
  uint8_t filled_;  // bytes of the block that were taken
  bool has_data_;
};

/// Whether `count` bytes are equal; looks at all of them.
bool equal_in_constant_time(const uint8_t* a, const uint8_t* b, size_t count);

/// out [16] = a pseudorandom function of `bytes` under `key`: the tag of a message that is all
/// associated data. Different uses of one key need different nonces.
void ascon_derive(const uint8_t* key, const uint8_t* nonce, const uint8_t* bytes, size_t count,
                  uint8_t* out);

}  // namespace link
}  // namespace haltere
