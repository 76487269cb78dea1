#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/storage.hpp"

namespace haltere {
namespace firmware {

constexpr int slot_count = 2;
constexpr int no_slot = -1;

/// What a slot's first page says. Each step of a slot's life writes one more word of it:
/// begun, (page after page) stored, committed, activated, retired.
struct SlotRecord {
  bool begun = false;
  bool committed = false;   ///< complete, and passed every check
  bool retired = false;     ///< rolled back, or found bad
  uint32_t activation = 0;  ///< counts up over both slots; 0 = never active. Highest wins.
  uint32_t length_bytes = 0;
  uint64_t hash = 0;

  bool usable() const { return begun && committed && !retired && activation != 0; }
};

/// The two places for models. Knows pages and records, nothing of what a bundle is.
///
/// A slot: one page of record (words: magic, length, hash low, hash high, committed, activation,
/// retired, 9 reserved for trial, confirmation, rollback counter and tag; then one word per page of
/// the bundle, cleared when that page is stored), then the bundle.
class Slots {
 public:
  explicit Slots(const Storage& storage) : storage_(storage) {}

  uint32_t capacity_bytes() const { return storage_.slot_bytes - storage_.page_bytes; }
  const uint8_t* bundle(int slot) const;
  SlotRecord record(int slot) const;

  /// The usable slot that was activated last, `except` not considered; `no_slot` when there is
  /// none.
  int newest(int except) const;

  /// Bytes of a begun bundle that certainly are stored: whole pages.
  uint32_t stored_bytes(int slot) const;

  /// Forgets what is in the slot and begins a bundle. Needs length <= capacity_bytes().
  bool begin(int slot, uint32_t length_bytes, uint64_t hash);

  /// Stores the next bytes of the bundle: `offset` continues where the last call ended, or starts a
  /// page. offset is a multiple of 4, and so is count except at the bundle's end.
  bool append(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count);

  bool commit(int slot);
  bool activate(int slot);
  bool retire(int slot);

 private:
  uint32_t slot_offset(int slot) const { return static_cast<uint32_t>(slot) * storage_.slot_bytes; }
  uint32_t word(int slot, uint32_t index) const;
  bool write_word(int slot, uint32_t index, uint32_t value);
  bool write_padded(uint32_t offset, const uint8_t* bytes, uint32_t count) const;

  Storage storage_;
};

}  // namespace firmware
}  // namespace haltere
