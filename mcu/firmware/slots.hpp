#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/storage.hpp"

namespace haltere {
namespace firmware {

constexpr int slot_count = 2;
constexpr int no_slot = -1;

/// What a slot's record says. Each step of a slot's life writes one more cell of it: begun, (page
/// after page) stored, committed, activated and so on trial, confirmed, retired.
struct SlotRecord {
  bool begun = false;
  bool committed = false;   ///< complete, and passed every check
  bool confirmed = false;   ///< proved itself after it was activated
  bool retired = false;     ///< rolled back, or found bad, or about to be erased
  bool spoilt = false;      ///< its activation was cut short: it must be transferred again
  uint32_t activation = 0;  ///< counts up over both slots; 0 = never active. Highest wins.
  uint32_t length_bytes = 0;
  uint64_t hash = 0;

  bool usable() const { return begun && committed && !retired && activation != 0; }
  bool on_trial() const { return usable() && !confirmed; }
  bool can_be_activated() const {
    return begun && committed && !retired && !spoilt && activation == 0;
  }
};

/// The two places for models. Knows pages and records, nothing of what a bundle is.
///
/// A slot: whole pages of record, then the bundle. The record is cells of 8 bytes: magic and check,
/// length, hash, committed, activation and its complement, confirmed, retired, 9 reserved; then one
/// per page of the slot, written when that page of the bundle is stored. Each cell is written once,
/// so a record cut short in any write reads as before it or as after it: a mark counts as set from
/// its first bit on, a number only when its check agrees. A page cut short in its erasure may read
/// as anything; therefore the bundle's first page is erased before the record.
class Slots {
 public:
  explicit Slots(const Storage& storage) : storage_(storage) {}

  uint32_t capacity_bytes() const { return storage_.slot_bytes - record_bytes(); }
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
  /// page. Bytes that do not fill a unit of the memory wait for the next call; the bundle's end is
  /// padded.
  bool append(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count);

  bool commit(int slot);
  bool activate(int slot);
  bool confirm(int slot);
  bool retire(int slot);

 private:
  static constexpr uint32_t cell_bytes = 8;

  uint32_t slot_offset(int slot) const { return static_cast<uint32_t>(slot) * storage_.slot_bytes; }
  uint32_t record_bytes() const;
  const uint8_t* cell(int slot, uint32_t index) const;
  bool is_set(int slot, uint32_t index) const;
  bool set(int slot, uint32_t index);
  bool write_cell(int slot, uint32_t index, uint32_t low, uint32_t high);
  bool erase_record(int slot);
  bool append_in_page(int slot, uint32_t offset, const uint8_t* bytes, uint32_t count);
  bool write_units(uint32_t offset, const uint8_t* bytes, uint32_t count);
  bool write_rest(uint32_t offset);
  bool erase(uint32_t offset) const { return storage_.erase_page(storage_.context, offset); }

  Storage storage_;
  int8_t fresh_slot_ = no_slot;  // its bundle's first page was erased since the last start
  uint8_t rest_bytes_ = 0;       // bytes of a unit that wait for the others
  uint8_t rest_[8] = {};
};

}  // namespace firmware
}  // namespace haltere
