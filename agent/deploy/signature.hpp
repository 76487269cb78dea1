#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"

namespace haltere::agent {

/// Ed25519 (RFC 8032) over the bytes "haltere model", a zero byte, and the bundle.
using PublicKey = std::array<std::uint8_t, 32>;

/// A maker of models: who has its file can sign in its name.
class SigningKey {
 public:
  static SigningKey random();

  /// Reads a file of store(). Errors: not_found, io, corrupt.
  [[nodiscard]] static Result<SigningKey> load(const std::filesystem::path& path);

  /// Writes `path`, readable by its owner alone, and `path`.pub. Errors: io, refused, also when
  /// either is there already.
  Status store(const std::filesystem::path& path) const;

  /// The text of a signature file.
  [[nodiscard]] std::string sign(std::span<const std::uint8_t> bundle) const;

 private:
  PublicKey public_key() const;

  std::array<std::uint8_t, 32> seed_{};
};

/// Reads a .pub file. Errors: not_found, io, corrupt.
[[nodiscard]] Result<PublicKey> load_public_key(const std::filesystem::path& path);

/// Whether `signature`, the text of a signature file, is of one of `trusted` over `bundle`. Errors:
/// corrupt, refused (unknown key, wrong signature).
Status verify(std::span<const std::uint8_t> bundle, const std::string& signature,
              std::span<const PublicKey> trusted);

/// The signature beside a bundle's file: `path`.sig.
[[nodiscard]] std::filesystem::path signature_path(const std::filesystem::path& bundle);

/// The keys in a state folder whose models may be handed over: `trusted-keys/*.pub`.
class TrustedKeys {
 public:
  explicit TrustedKeys(const std::filesystem::path& state_folder);

  /// Trusts the key in the .pub file `path` from now on; the file's new place. Errors: as of
  /// load_public_key and write_file_atomically.
  Result<std::filesystem::path> add(const std::filesystem::path& path) const;

  /// Good when no key is trusted, so that signatures are not asked for, or when `path`.sig holds
  /// the signature of one that is. Errors: refused, corrupt, io.
  [[nodiscard]] Status check(std::span<const std::uint8_t> bundle,
                             const std::filesystem::path& path) const;

 private:
  [[nodiscard]] Result<std::vector<PublicKey>> all() const;

  std::filesystem::path folder_;
};

}  // namespace haltere::agent
