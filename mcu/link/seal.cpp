#include "mcu/link/seal.hpp"

#include "mcu/link/bytes.hpp"

namespace haltere {
namespace link {
namespace {

// The header's fields, as models/format.md has them.
constexpr size_t kind_at = 19;
constexpr size_t target_at = 30;
constexpr size_t counter_at = 44;
constexpr size_t tag_at = 48;
constexpr size_t behind_tag = tag_at + ascon_tag_bytes;
constexpr size_t crc_bytes_at_end = 4;
constexpr uint8_t ascon_kind = 1;

// A key of its own for bundles: what links derive from the same one has another purpose.
constexpr uint8_t bundle_purpose[ascon_nonce_bytes] = {'h', 'a', 'l', 't', 'e', 'r', 'e', ' ',
                                                       'b', 'u', 'n', 'd', 'l', 'e', ' ', '1'};

// All bytes but the tag and the CRC, which covers the tag.
void tag_of(const uint8_t* key, const uint8_t* bundle, size_t size, uint8_t* tag) {
  uint8_t bundle_key[ascon_key_bytes];
  ascon_derive(key, bundle_purpose, nullptr, 0, bundle_key);
  uint8_t nonce[ascon_nonce_bytes] = {};
  ByteWriter writer(nonce, sizeof nonce);
  writer.u32(ByteReader(bundle + counter_at, 4).u32());
  writer.u32(static_cast<uint32_t>(size));
  Ascon ascon;
  ascon.begin(bundle_key, nonce);
  ascon.absorb(bundle, tag_at);
  ascon.absorb(bundle + behind_tag, size - behind_tag - crc_bytes_at_end);
  ascon.end_data();
  ascon.tag(bundle_key, tag);
}

}  // namespace

uint8_t bundle_seal_kind(const uint8_t* bundle) { return load_u8(bundle + kind_at); }

BundleSeal read_bundle_seal(const uint8_t* bundle) {
  BundleSeal seal;
  ByteReader reader(bundle + target_at, tag_at - target_at);
  seal.target = reader.u16();
  for (uint8_t& byte : seal.device) byte = reader.u8();
  seal.counter = reader.u32();
  return seal;
}

void seal_bundle(const uint8_t* key, const BundleSeal& seal, uint8_t* bundle, size_t size) {
  bundle[kind_at] = ascon_kind;
  ByteWriter writer(bundle + target_at, tag_at - target_at);
  writer.u16(seal.target);
  writer.raw(seal.device, device_bytes);
  writer.u32(seal.counter);
  tag_of(key, bundle, size, bundle + tag_at);
}

bool is_bundle_authentic(const uint8_t* key, const uint8_t* bundle, size_t size) {
  if (size < behind_tag + crc_bytes_at_end || bundle_seal_kind(bundle) != ascon_kind) return false;
  uint8_t tag[ascon_tag_bytes];
  tag_of(key, bundle, size, tag);
  return equal_in_constant_time(tag, bundle + tag_at, sizeof tag);
}

}  // namespace link
}  // namespace haltere
