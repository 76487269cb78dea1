#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/storage.hpp"
#include "mcu/link/ascon.hpp"
#include "mcu/link/seal.hpp"

namespace haltere {
namespace firmware {

/// What an enrolled microcontroller must not lose: key, identity, and two numbers that only rise.
///
/// Two parts of memory behind the slots; the valid one of the higher generation counts. A part is
/// cells of 8 bytes, each written once: magic and check, generation, key (2), device (2), both
/// numbers, 1 reserved; then one for each later number with its complement. A part that is full is
/// left for the other one, erased first. So a power cut leaves the numbers before or after it.
class Vault {
 public:
  explicit Vault(const Storage& storage) : storage_(storage) {}

  /// Reads what is there. Call it once, first.
  void open();

  bool possible() const { return storage_.vault_bytes > 0; }
  bool enrolled() const { return enrolled_; }
  const uint8_t* key() const { return key_; }
  const uint8_t* device() const { return device_; }
  uint32_t boots() const { return boots_; }
  uint32_t model_counter() const { return model_counter_; }

  /// Takes key [16] and device [12] in place of any before; no model counts yet. False: the memory
  /// failed, nothing changed.
  bool enroll(const uint8_t* key, const uint8_t* device);

  /// Counts a start. False: the memory failed; then no session may begin.
  bool count_boot();

  /// Models up to `counter` are old from now on.
  bool raise_model_counter(uint32_t counter);

 private:
  uint32_t part_bytes() const { return storage_.vault_bytes / 2; }
  uint32_t part_offset(int part) const {
    return 2 * storage_.slot_bytes + static_cast<uint32_t>(part) * part_bytes();
  }
  uint32_t cells() const;
  uint32_t generation_of(int part) const;
  void read_part();
  bool note(uint32_t number);
  bool write_part(int part, uint32_t generation);
  bool erase_part(int part);

  Storage storage_;
  int part_ = 0;
  uint32_t generation_ = 0;
  uint32_t boots_ = 0;
  uint32_t model_counter_ = 0;
  uint8_t key_[link::ascon_key_bytes] = {};
  uint8_t device_[link::device_bytes] = {};
  bool enrolled_ = false;
};

}  // namespace firmware
}  // namespace haltere
