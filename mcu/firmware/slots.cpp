#include "mcu/firmware/slots.hpp"

#include <string.h>

#include "mcu/link/bytes.hpp"

namespace haltere {
namespace firmware {
namespace {

enum RecordWord : uint32_t {
  word_magic = 0,
  word_length = 1,
  word_hash_low = 2,
  word_hash_high = 3,
  word_committed = 4,
  word_activation = 5,
  word_retired = 6,
  word_first_page = 16,
};

constexpr uint32_t magic = 0x31545348;  // "HST1"
constexpr uint32_t untouched = 0xFFFFFFFF;

}  // namespace

uint32_t Slots::word(int slot, uint32_t index) const {
  link::ByteReader reader(storage_.base + slot_offset(slot) + size_t{4} * index, 4);
  return reader.u32();
}

bool Slots::write_word(int slot, uint32_t index, uint32_t value) {
  uint8_t bytes[4];
  link::ByteWriter writer(bytes, sizeof bytes);
  writer.u32(value);
  return storage_.write(storage_.context, slot_offset(slot) + 4 * index, bytes, sizeof bytes);
}

const uint8_t* Slots::bundle(int slot) const {
  return storage_.base + slot_offset(slot) + storage_.page_bytes;
}

SlotRecord Slots::record(int slot) const {
  SlotRecord record;
  const uint32_t length = word(slot, word_length);
  if (word(slot, word_magic) != magic || length > capacity_bytes()) return record;
  record.begun = true;
  record.length_bytes = length;
  record.hash = static_cast<uint64_t>(word(slot, word_hash_high)) << 32 | word(slot, word_hash_low);
  record.committed = word(slot, word_committed) == 0;
  record.retired = word(slot, word_retired) != untouched;
  const uint32_t activation = word(slot, word_activation);
  record.activation = activation == untouched ? 0 : activation;
  return record;
}

int Slots::newest(int except) const {
  int best = no_slot;
  uint32_t best_activation = 0;
  for (int slot = 0; slot < slot_count; ++slot) {
    const SlotRecord candidate = record(slot);
    if (slot == except || !candidate.usable() || candidate.activation <= best_activation) continue;
    best = slot;
    best_activation = candidate.activation;
  }
  return best;
}

uint32_t Slots::stored_bytes(int slot) const {
  const uint32_t length = record(slot).length_bytes;
  uint32_t stored = 0;
  for (uint32_t page = 0; stored < length; ++page) {
    if (word(slot, word_first_page + page) != 0) return stored;
    stored += storage_.page_bytes;
  }
  return length;
}

bool Slots::begin(int slot, uint32_t length_bytes, uint64_t hash) {
  // The magic goes last: before it, the slot is empty.
  return storage_.erase_page(storage_.context, slot_offset(slot)) &&
         write_word(slot, word_length, length_bytes) &&
         write_word(slot, word_hash_low, static_cast<uint32_t>(hash)) &&
         write_word(slot, word_hash_high, static_cast<uint32_t>(hash >> 32)) &&
         write_word(slot, word_magic, magic);
}

bool Slots::append(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  const uint32_t length = record(slot).length_bytes;
  const uint32_t first = slot_offset(slot) + storage_.page_bytes;
  while (count > 0) {
    const uint32_t in_page = offset % storage_.page_bytes;
    const uint32_t room = storage_.page_bytes - in_page;
    const uint32_t part = count < room ? count : room;
    if (in_page == 0 && !storage_.erase_page(storage_.context, first + offset)) return false;
    if (!write_padded(first + offset, bytes, part)) return false;
    offset += part;
    bytes += part;
    count -= part;
    const bool page_done = offset % storage_.page_bytes == 0 || offset == length;
    const uint32_t page = (offset - 1) / storage_.page_bytes;
    if (page_done && !write_word(slot, word_first_page + page, 0)) return false;
  }
  return true;
}

bool Slots::write_padded(uint32_t offset, const uint8_t* bytes, uint32_t count) const {
  const uint32_t whole = count & ~3u;
  if (whole > 0 && !storage_.write(storage_.context, offset, bytes, whole)) return false;
  if (whole == count) return true;
  uint8_t last[4] = {0xFF, 0xFF, 0xFF, 0xFF};
  memcpy(last, bytes + whole, count - whole);
  return storage_.write(storage_.context, offset + whole, last, sizeof last);
}

bool Slots::commit(int slot) { return write_word(slot, word_committed, 0); }

bool Slots::activate(int slot) {
  uint32_t highest = 0;
  for (int other = 0; other < slot_count; ++other) {
    const SlotRecord present = record(other);
    if (present.begun && present.activation > highest) highest = present.activation;
  }
  return write_word(slot, word_activation, highest + 1);
}

bool Slots::retire(int slot) { return write_word(slot, word_retired, 0); }

}  // namespace firmware
}  // namespace haltere
