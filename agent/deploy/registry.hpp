#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "models/kernels/dense_s8.hpp"

namespace haltere::agent {

/// Larger files are not read: no bundle is.
inline constexpr std::size_t max_bundle_bytes = std::size_t{512} * 1024 * 1024;

/// Versions of a model that stay stored; older ones give way.
inline constexpr std::uint32_t kept_versions = 20;

/// One stored bundle: file `<state>/models/<id>/<version>.hb`.
struct StoredModel {
  std::string id;
  std::uint32_t version = 0;
  std::uint64_t size = 0;
  std::filesystem::path path;
};

/// A stored bundle found by what a microcontroller calls it.
struct RecognisedModel {
  StoredModel stored;
  std::uint64_t identity = 0;  ///< of the stored bundle, as `model list` has it
};

/// The bundles kept under an agent's state folder. Files are written whole or not at all, so that a
/// power cut leaves the old or the new one.
class Registry {
 public:
  explicit Registry(const std::filesystem::path& state) : root_(state / "models") {}

  /// Stores `bytes` under the id and version they carry. Errors: invalid or corrupt when they are
  /// no bundle, or the id cannot name a folder; io when the disk refuses.
  [[nodiscard]] Result<StoredModel> store(std::span<const std::uint8_t> bytes) const;

  /// All bundles by id, then version; files with other names are passed over.
  [[nodiscard]] std::vector<StoredModel> list() const;
  [[nodiscard]] std::vector<StoredModel> list(std::string_view id) const;

  /// Highest version of `id`. Errors: not_found.
  [[nodiscard]] Result<StoredModel> newest(std::string_view id) const;

  /// Bytes of one version, checked by opening them. Errors: not_found, io, corrupt.
  [[nodiscard]] Result<std::vector<std::uint8_t>> load(std::string_view id,
                                                       std::uint32_t version) const;

  /// The stored bundle that has the identity `hash` as it is or with its weights packed as
  /// `packing`. Reads and packs one bundle after the other.
  [[nodiscard]] std::optional<RecognisedModel> recognise(std::uint64_t hash,
                                                         kernels::WeightPacking packing) const;

  /// Deletes all but the `keep` newest versions of `id`. Errors: io.
  [[nodiscard]] Status prune(std::string_view id, std::size_t keep) const;

 private:
  std::filesystem::path root_;
};

}  // namespace haltere::agent
