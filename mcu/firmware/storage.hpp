#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace firmware {

/// Memory that keeps models, as NOR flash behaves: readable in place, erased by pages to 0xFF,
/// written by words, and writing only clears bits. Two slots of `slot_bytes` follow one another
/// from `base` on.
struct Storage {
  const uint8_t* base = nullptr;  ///< 16-aligned
  uint32_t slot_bytes = 0;        ///< a multiple of `page_bytes`, at most page_bytes / 4 - 15 pages
  uint32_t page_bytes = 0;        ///< smallest unit that can be erased; at least 256
  void* context = nullptr;

  /// Sets the page at `offset` from `base` to 0xFF. False: the memory failed.
  bool (*erase_page)(void* context, uint32_t offset) = nullptr;

  /// Writes `count` bytes; offset and count are multiples of 4. False: the memory failed.
  bool (*write)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count) = nullptr;
};

}  // namespace firmware
}  // namespace haltere
