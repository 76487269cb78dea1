#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "config/result.hpp"
#include "mcu/link/ascon.hpp"
#include "mcu/link/seal.hpp"

namespace haltere::agent {

/// What this board shares with one enrolled microcontroller.
struct McuKey {
  std::array<std::uint8_t, link::device_bytes> device{};
  std::array<std::uint8_t, link::ascon_key_bytes> key{};
  std::uint32_t counter = 0;  ///< of the model that was sealed last
  std::uint64_t model = 0;    ///< that model's hash before it was sealed

  /// A new device and its key from the system's random numbers.
  static McuKey random();
};

/// Fills `bytes` from the system's random numbers.
void fill_random(std::span<std::uint8_t> bytes);

/// The keys in a state folder: `mcu-keys/DEVICE.json`, readable by their owner alone.
class McuKeys {
 public:
  explicit McuKeys(const std::filesystem::path& state_folder);

  /// Nothing when there is none. Errors: io, corrupt.
  [[nodiscard]] Result<std::optional<McuKey>> find(
      std::span<const std::uint8_t, link::device_bytes> device) const;

  /// Errors: io, refused.
  Status store(const McuKey& key) const;

  void forget(const McuKey& key) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(
      std::span<const std::uint8_t, link::device_bytes> device) const;

  std::filesystem::path folder_;
};

}  // namespace haltere::agent
