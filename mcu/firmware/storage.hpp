#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace firmware {

/// Memory that keeps models, as NOR flash behaves: readable in place, erased by pages, written by
/// units, and writing only changes bits away from the erased value. Two slots of `slot_bytes`
/// follow one another from `base` on.
///
/// The firmware writes no unit twice between two erases, so memory that checks each unit's bits
/// (ECC) is served too.
struct Storage {
  const uint8_t* base = nullptr;  ///< 16-aligned
  uint32_t slot_bytes = 0;        ///< a multiple of `page_bytes`
  uint32_t page_bytes = 0;        ///< smallest part that can be erased; a multiple of 64
  uint32_t vault_bytes = 0;  ///< behind the slots: two equal parts of whole pages, at least 256
                             ///< bytes each; 0: this board cannot be enrolled
  uint8_t write_bytes = 4;   ///< smallest unit that can be written: 1, 2, 4 or 8
  uint8_t erased = 0xFF;     ///< what an erased byte reads as: 0xFF or 0x00
  void* context = nullptr;

  /// Erases the page at `offset` from `base`. False: the memory failed.
  bool (*erase_page)(void* context, uint32_t offset) = nullptr;

  /// Writes `count` bytes; offset and count are multiples of `write_bytes`. False: the memory
  /// failed.
  bool (*write)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count) = nullptr;
};

}  // namespace firmware
}  // namespace haltere
