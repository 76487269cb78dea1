#include "mcu/firmware/vault.hpp"

#include <string.h>

#include "mcu/link/bytes.hpp"
#include "mcu/link/checksum.hpp"

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t magic = 0x31565348;  // "HSV1"
constexpr uint32_t cell_bytes = 8;
constexpr uint32_t first_number = 8;  // cells before it are the header
constexpr uint32_t fields_bytes = (first_number - 1) * cell_bytes;

// A number's top bit says whose it is.
constexpr uint32_t model_counter_bit = 0x80000000;

}  // namespace

uint32_t Vault::cells() const { return part_bytes() / cell_bytes; }

// 0: the part holds nothing.
uint32_t Vault::generation_of(int part) const {
  const uint8_t* bytes = storage_.base + part_offset(part);
  link::ByteReader reader(bytes, first_number * size_t{cell_bytes});
  if (reader.u32() != magic) return 0;
  const uint32_t check = reader.u32();
  if (check != link::crc32_iso_hdlc(0, bytes + cell_bytes, fields_bytes)) return 0;
  return reader.u32();
}

void Vault::open() {
  if (!possible()) return;
  const uint32_t first = generation_of(0);
  const uint32_t second = generation_of(1);
  part_ = second > first ? 1 : 0;
  generation_ = second > first ? second : first;
  enrolled_ = generation_ != 0;
  if (enrolled_) read_part();
}

void Vault::read_part() {
  link::ByteReader reader(storage_.base + part_offset(part_), static_cast<size_t>(part_bytes()));
  reader.skip(size_t{2} * cell_bytes);
  for (uint8_t& byte : key_) byte = reader.u8();
  for (uint8_t& byte : device_) byte = reader.u8();
  reader.skip(4);
  boots_ = reader.u32();
  model_counter_ = reader.u32();
  reader.skip(cell_bytes);
  while (reader.remaining() >= cell_bytes) {
    const uint32_t number = reader.u32();
    if (reader.u32() != ~number) continue;  // none, or cut short
    uint32_t& kept = (number & model_counter_bit) != 0 ? model_counter_ : boots_;
    const uint32_t value = number & ~model_counter_bit;
    if (value > kept) kept = value;
  }
}

bool Vault::erase_part(int part) {
  for (uint32_t at = 0; at < part_bytes(); at += storage_.page_bytes) {
    if (!storage_.erase_page(storage_.context, part_offset(part) + at)) return false;
  }
  return true;
}

// The check goes last: before it, the part holds nothing.
bool Vault::write_part(int part, uint32_t generation) {
  uint8_t header[first_number * cell_bytes] = {};
  link::ByteWriter fields(header + cell_bytes, fields_bytes);
  fields.u32(generation);
  fields.u32(0);
  fields.raw(key_, sizeof key_);
  fields.raw(device_, sizeof device_);
  fields.u32(0);
  fields.u32(boots_);
  fields.u32(model_counter_);
  link::ByteWriter first(header, cell_bytes);
  first.u32(magic);
  first.u32(link::crc32_iso_hdlc(0, header + cell_bytes, fields_bytes));
  const uint32_t at = part_offset(part);
  if (!erase_part(part) ||
      !storage_.write(storage_.context, at + cell_bytes, header + cell_bytes, fields_bytes) ||
      !storage_.write(storage_.context, at, header, cell_bytes)) {
    return false;
  }
  part_ = part;
  generation_ = generation;
  enrolled_ = true;
  return true;
}

// Writes a number that has risen to the next free cell, or everything to the other part.
bool Vault::note(uint32_t number) {
  for (uint32_t cell = first_number; cell < cells(); ++cell) {
    const uint32_t at = part_offset(part_) + cell_bytes * cell;
    bool blank = true;
    for (uint32_t i = 0; i < cell_bytes; ++i)
      blank &= link::load_u8(storage_.base + at + i) == storage_.erased;
    if (!blank) continue;
    uint8_t bytes[cell_bytes];
    link::ByteWriter writer(bytes, sizeof bytes);
    writer.u32(number);
    writer.u32(~number);
    return storage_.write(storage_.context, at, bytes, sizeof bytes);
  }
  return write_part(1 - part_, generation_ + 1);
}

bool Vault::enroll(const uint8_t* key, const uint8_t* device) {
  if (!possible()) return false;
  const Vault before = *this;
  memcpy(key_, key, sizeof key_);
  memcpy(device_, device, sizeof device_);
  model_counter_ = 0;
  if (!write_part(1 - part_, generation_ + 1)) {
    *this = before;
    return false;
  }
  // The key before serves nobody any more; if this fails, the next full part takes its place.
  erase_part(1 - part_);
  return true;
}

bool Vault::count_boot() {
  ++boots_;
  return note(boots_);
}

bool Vault::raise_model_counter(uint32_t counter) {
  if (counter <= model_counter_) return true;
  model_counter_ = counter;
  return note(counter | model_counter_bit);
}

}  // namespace firmware
}  // namespace haltere
