#include "mcu/firmware/slots.hpp"

#include <string.h>

#include "mcu/link/bytes.hpp"
#include "mcu/link/checksum.hpp"

namespace haltere {
namespace firmware {
namespace {

enum RecordCell : uint32_t {
  cell_header = 0,
  cell_length = 1,
  cell_hash = 2,
  cell_committed = 3,
  cell_activation = 4,
  cell_confirmed = 5,
  cell_retired = 6,
  cell_first_page = 16,
};

constexpr uint32_t magic = 0x32545348;  // "HST2"

bool all_equal(const uint8_t* bytes, uint32_t count, uint8_t value) {
  for (uint32_t i = 0; i < count; ++i) {
    if (link::load_u8(bytes + i) != value) return false;
  }
  return true;
}

}  // namespace

uint32_t Slots::record_bytes() const {
  const uint32_t page = storage_.page_bytes;
  const uint32_t cells = cell_first_page + storage_.slot_bytes / page;
  return (cells * cell_bytes + page - 1) / page * page;
}

const uint8_t* Slots::cell(int slot, uint32_t index) const {
  return storage_.base + slot_offset(slot) + size_t{cell_bytes} * index;
}

bool Slots::is_set(int slot, uint32_t index) const {
  return !all_equal(cell(slot, index), cell_bytes, storage_.erased);
}

bool Slots::write_cell(int slot, uint32_t index, uint32_t low, uint32_t high) {
  uint8_t bytes[cell_bytes];
  link::ByteWriter writer(bytes, sizeof bytes);
  writer.u32(low);
  writer.u32(high);
  return storage_.write(storage_.context, slot_offset(slot) + cell_bytes * index, bytes,
                        sizeof bytes);
}

// A mark that is set already is left alone: no unit is written twice.
bool Slots::set(int slot, uint32_t index) {
  const uint32_t value = storage_.erased == 0 ? 0xFFFFFFFF : 0;
  return is_set(slot, index) || write_cell(slot, index, value, value);
}

const uint8_t* Slots::bundle(int slot) const {
  return storage_.base + slot_offset(slot) + record_bytes();
}

SlotRecord Slots::record(int slot) const {
  SlotRecord record;
  link::ByteReader header(cell(slot, cell_header), 3 * size_t{cell_bytes});
  const bool known = header.u32() == magic;
  const uint32_t check = header.u32();
  if (!known || check != link::crc32_iso_hdlc(0, header.rest(), header.remaining())) return record;
  record.length_bytes = header.u32();
  header.u32();
  record.hash = header.u64();
  if (record.length_bytes > capacity_bytes()) return {};
  record.begun = true;
  record.committed = is_set(slot, cell_committed);
  record.confirmed = is_set(slot, cell_confirmed);
  record.retired = is_set(slot, cell_retired);
  link::ByteReader activation(cell(slot, cell_activation), cell_bytes);
  const uint32_t number = activation.u32();
  if (activation.u32() == ~number) {
    record.activation = number;
  } else {
    record.spoilt = is_set(slot, cell_activation);
  }
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
    if (!is_set(slot, cell_first_page + page)) return stored;
    stored += storage_.page_bytes;
  }
  return length;
}

// Its pages in order: the first one says that there is a record.
bool Slots::erase_record(int slot) {
  for (uint32_t at = 0; at < record_bytes(); at += storage_.page_bytes) {
    if (!erase(slot_offset(slot) + at)) return false;
  }
  return true;
}

bool Slots::begin(int slot, uint32_t length_bytes, uint64_t hash) {
  rest_bytes_ = 0;
  fresh_slot_ = no_slot;
  // An erasure cut short could bring a retired record back: by then its bundle is gone for sure.
  if (record(slot).begun && !retire(slot)) return false;
  if (!erase(slot_offset(slot) + record_bytes()) || !erase_record(slot)) return false;
  fresh_slot_ = static_cast<int8_t>(slot);
  uint8_t fields[2 * cell_bytes];
  link::ByteWriter writer(fields, sizeof fields);
  writer.u32(length_bytes);
  writer.u32(0);
  writer.u64(hash);
  // The magic goes last: before it, the slot is empty.
  return storage_.write(storage_.context, slot_offset(slot) + cell_length * cell_bytes, fields,
                        sizeof fields) &&
         write_cell(slot, cell_header, magic, link::crc32_iso_hdlc(0, fields, sizeof fields));
}

bool Slots::append(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  while (count > 0) {
    const uint32_t room = storage_.page_bytes - offset % storage_.page_bytes;
    const uint32_t part = count < room ? count : room;
    if (!append_in_page(slot, offset, bytes, part)) return false;
    offset += part;
    bytes += part;
    count -= part;
  }
  return true;
}

bool Slots::append_in_page(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  const uint32_t place = slot_offset(slot) + record_bytes() + offset;
  if (offset % storage_.page_bytes == 0) {
    const bool fresh = offset == 0 && fresh_slot_ == slot;
    fresh_slot_ = no_slot;
    rest_bytes_ = 0;
    if (!fresh && !erase(place)) return false;
  }
  if (!write_units(place, bytes, count)) return false;
  const uint32_t end = offset + count;
  const bool page_done = end % storage_.page_bytes == 0;
  const bool bundle_done = end == record(slot).length_bytes;
  if (!page_done && !bundle_done) return true;
  if (!write_rest(place + count)) return false;
  return set(slot, cell_first_page + (end - 1) / storage_.page_bytes);
}

// Writes all whole units of what waits and `bytes`, which goes to `offset`; keeps the rest.
bool Slots::write_units(uint32_t offset, const uint8_t* bytes, uint32_t count) {
  const uint32_t unit = storage_.write_bytes;
  while (rest_bytes_ > 0 && count > 0) {
    rest_[rest_bytes_++] = *bytes++;
    ++offset;
    --count;
    if (rest_bytes_ == unit && !write_rest(offset)) return false;
  }
  const uint32_t whole = count / unit * unit;
  if (whole > 0 && !storage_.write(storage_.context, offset, bytes, whole)) return false;
  for (uint32_t i = whole; i < count; ++i) rest_[rest_bytes_++] = bytes[i];
  return true;
}

// Writes what waits, padded to a unit; it ends at `offset`.
bool Slots::write_rest(uint32_t offset) {
  if (rest_bytes_ == 0) return true;
  const uint8_t count = rest_bytes_;
  rest_bytes_ = 0;
  memset(rest_ + count, storage_.erased, sizeof rest_ - count);
  return storage_.write(storage_.context, offset - count, rest_, storage_.write_bytes);
}

bool Slots::commit(int slot) { return set(slot, cell_committed); }

bool Slots::activate(int slot) {
  uint32_t highest = 0;
  for (int other = 0; other < slot_count; ++other) {
    const SlotRecord present = record(other);
    if (present.begun && present.activation > highest) highest = present.activation;
  }
  return write_cell(slot, cell_activation, highest + 1, ~(highest + 1));
}

bool Slots::confirm(int slot) { return set(slot, cell_confirmed); }

bool Slots::retire(int slot) { return set(slot, cell_retired); }

}  // namespace firmware
}  // namespace haltere
