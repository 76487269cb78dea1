#pragma once

#include <cstdint>
#include <string>

#include "mcu/firmware/storage.hpp"

namespace haltere::firmware {

/// Memory with the manners of NOR flash: kept in a file that outlives the process, or only in RAM.
class FileStorage {
 public:
  FileStorage() = default;
  FileStorage(const FileStorage&) = delete;
  FileStorage& operator=(const FileStorage&) = delete;
  ~FileStorage();

  /// Maps `path`, created as erased memory when it is not there; an empty path means RAM. Two slots
  /// of `slot_bytes`, a multiple of the page. False with errno set when the system refuses.
  bool open(const std::string& path, std::uint32_t slot_bytes);

  /// To hand to the runtime; valid as long as this object.
  [[nodiscard]] Storage storage();

  /// Starts of the firmware on this memory, this one included.
  std::uint32_t count_boot();

  static constexpr std::uint32_t page_bytes = 4096;

 private:
  static bool erase_page(void* context, std::uint32_t offset);
  static bool write(void* context, std::uint32_t offset, const std::uint8_t* bytes,
                    std::uint32_t count);

  std::uint8_t* bytes_ = nullptr;
  std::uint32_t slot_bytes_ = 0;
  std::size_t mapped_bytes_ = 0;  // both slots, the vault, and a page for the boot counter
};

}  // namespace haltere::firmware
