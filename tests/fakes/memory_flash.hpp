#pragma once

#include <cstdint>
#include <vector>

#include "mcu/firmware/storage.hpp"

namespace haltere::fakes {

/// NOR flash in memory that notices when it is written without having been erased.
class MemoryFlash {
 public:
  static constexpr std::uint32_t page_bytes = 1024;

  explicit MemoryFlash(std::uint32_t slot_bytes = 64 * 1024)
      : slot_bytes_(slot_bytes),
        words_((2 * slot_bytes + 2 * page_bytes) / sizeof(std::uint64_t)) {}

  firmware::Storage storage() {
    firmware::Storage storage;
    storage.base = bytes();
    storage.slot_bytes = slot_bytes_;
    storage.page_bytes = page_bytes;
    storage.vault_bytes = 2 * page_bytes;
    storage.context = this;
    storage.erase_page = [](void* context, std::uint32_t offset) {
      return static_cast<MemoryFlash*>(context)->erase(offset);
    };
    storage.write = [](void* context, std::uint32_t offset, const std::uint8_t* bytes,
                       std::uint32_t count) {
      return static_cast<MemoryFlash*>(context)->write(offset, bytes, count);
    };
    return storage;
  }

  /// Where the bundle of `slot` lies.
  std::uint8_t* bundle(int slot) {
    return bytes() + static_cast<std::uint32_t>(slot) * slot_bytes_ + page_bytes;
  }

  bool fails = false;  ///< erase and write report failure
  int violations = 0;  ///< writes that would have needed an erase, or were not of whole words
  int erased_pages = 0;
  int written_words = 0;

 private:
  std::uint8_t* bytes() { return static_cast<std::uint8_t*>(static_cast<void*>(words_.data())); }

  bool erase(std::uint32_t offset) {
    if (fails) return false;
    if (offset % page_bytes != 0) ++violations;
    for (std::uint32_t i = 0; i < page_bytes; ++i) bytes()[offset + i] = 0xFF;
    ++erased_pages;
    return true;
  }

  bool write(std::uint32_t offset, const std::uint8_t* from, std::uint32_t count) {
    if (fails) return false;
    if (offset % 4 != 0 || count % 4 != 0) ++violations;
    for (std::uint32_t i = 0; i < count; ++i) {
      std::uint8_t& byte = bytes()[offset + i];
      if ((byte & from[i]) != from[i]) ++violations;
      byte = static_cast<std::uint8_t>(byte & from[i]);
    }
    written_words += static_cast<int>(count / 4);
    return true;
  }

  std::uint32_t slot_bytes_;
  std::vector<std::uint64_t> words_;  // starts as 0, as some flash does, not as erased
};

}  // namespace haltere::fakes
