#include "agent/deploy/signature.hpp"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "agent/deploy/hex.hpp"
#include "agent/deploy/mcu_keys.hpp"
#include "agent/store/atomic_file.hpp"

namespace haltere::agent {
namespace {

using Secret = std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES>;
using Signature = std::array<std::uint8_t, crypto_sign_BYTES>;

constexpr std::size_t most_bytes = 4096;
constexpr std::string_view secret_word = "haltere-ed25519-secret ";
constexpr std::string_view public_word = "haltere-ed25519-public ";
constexpr std::string_view signature_word = "haltere-ed25519-signature ";

std::vector<std::uint8_t> message_of(std::span<const std::uint8_t> bundle) {
  constexpr std::string_view what("haltere model\0", 14);
  std::vector<std::uint8_t> message(what.size() + bundle.size());
  std::ranges::copy(bundle, std::ranges::copy(what, message.begin()).out);
  return message;
}

void key_pair(const std::array<std::uint8_t, 32>& seed, PublicKey& key, Secret& secret) {
  crypto_sign_seed_keypair(key.data(), secret.data(), seed.data());
}

/// The line of `path` behind `word`, without its end.
Result<std::string> read_line(const std::filesystem::path& path, std::string_view word) {
  const auto bytes = read_whole_file(path, most_bytes);
  if (!bytes) return bytes.error();
  std::string text(bytes->begin(), bytes->end());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!text.starts_with(word))
    return Error{ErrorKind::corrupt, "'" + path.string() + "' does not begin with '" +
                                         std::string(word.substr(0, word.size() - 1)) + "'"};
  return text.substr(word.size());
}

template <std::size_t size>
Result<std::array<std::uint8_t, size>> read_key(const std::filesystem::path& path,
                                                std::string_view word) {
  const auto line = read_line(path, word);
  if (!line) return line.error();
  std::array<std::uint8_t, size> key{};
  if (!from_hex(*line, key))
    return Error{ErrorKind::corrupt, "'" + path.string() + "' does not hold " +
                                         std::to_string(2 * size) + " hexadecimal digits"};
  return key;
}

Status write_line(const std::filesystem::path& path, std::string_view word,
                  std::span<const std::uint8_t> bytes) {
  const std::string text = std::string(word) + to_hex(bytes) + "\n";
  return write_file_atomically(path,
                               {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::filesystem::path with_ending(const std::filesystem::path& path, const char* ending) {
  return path.string() + ending;
}

}  // namespace

SigningKey SigningKey::random() {
  SigningKey key;
  fill_random(key.seed_);
  return key;
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& path) {
  const auto seed = read_key<32>(path, secret_word);
  if (!seed) return seed.error();
  SigningKey key;
  key.seed_ = *seed;
  return key;
}

PublicKey SigningKey::public_key() const {
  PublicKey key{};
  Secret secret{};
  key_pair(seed_, key, secret);
  sodium_memzero(secret.data(), secret.size());
  return key;
}

Status SigningKey::store(const std::filesystem::path& path) const {
  const std::filesystem::path shown = with_ending(path, ".pub");
  for (const auto& file : {path, shown}) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored))
      return Error{ErrorKind::refused, "'" + file.string() + "' is there already; name another"};
  }
  if (auto written = write_line(path, secret_word, seed_); !written) return written;
  return write_line(shown, public_word, public_key());
}

std::string SigningKey::sign(std::span<const std::uint8_t> bundle) const {
  PublicKey key{};
  Secret secret{};
  key_pair(seed_, key, secret);
  Signature signature{};
  const auto message = message_of(bundle);
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
  sodium_memzero(secret.data(), secret.size());
  return std::string(signature_word) + to_hex(key) + " " + to_hex(signature) + "\n";
}

Result<PublicKey> load_public_key(const std::filesystem::path& path) {
  return read_key<32>(path, public_word);
}

Status verify(std::span<const std::uint8_t> bundle, const std::string& signature,
              std::span<const PublicKey> trusted) {
  constexpr std::size_t key_digits = 64;
  PublicKey key{};
  Signature bytes{};
  std::string_view text = signature;
  if (text.ends_with('\n')) text.remove_suffix(1);
  const bool good = text.starts_with(signature_word) &&
                    text.size() == signature_word.size() + key_digits + 1 + 2 * bytes.size() &&
                    text[signature_word.size() + key_digits] == ' ' &&
                    from_hex(text.substr(signature_word.size(), key_digits), key) &&
                    from_hex(text.substr(signature_word.size() + key_digits + 1), bytes);
  if (!good) return Error{ErrorKind::corrupt, "is no signature of a model"};
  if (std::ranges::find(trusted, key) == trusted.end())
    return Error{ErrorKind::refused, "is by the key " + to_hex(key) +
                                         ", which is not trusted; see `haltere model trust`"};
  const auto message = message_of(bundle);
  if (crypto_sign_verify_detached(bytes.data(), message.data(), message.size(), key.data()) != 0)
    return Error{ErrorKind::refused, "is not of this model: one of them was changed"};
  return {};
}

std::filesystem::path signature_path(const std::filesystem::path& bundle) {
  return with_ending(bundle, ".sig");
}

TrustedKeys::TrustedKeys(const std::filesystem::path& state_folder)
    : folder_(state_folder / "trusted-keys") {}

Result<std::filesystem::path> TrustedKeys::add(const std::filesystem::path& path) const {
  const auto key = load_public_key(path);
  if (!key) return key.error();
  const auto place = folder_ / (to_hex(*key).substr(0, 16) + ".pub");
  if (auto written = write_line(place, public_word, *key); !written) return written.error();
  return place;
}

Result<std::vector<PublicKey>> TrustedKeys::all() const {
  std::vector<PublicKey> keys;
  std::error_code error;
  if (!std::filesystem::exists(folder_, error) && !error) return keys;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() != ".pub") continue;
    const auto key = load_public_key(entry.path());
    if (!key) return key.error();
    keys.push_back(*key);
  }
  // Not to be read is not to be empty: nobody is trusted then.
  if (error)
    return Error{ErrorKind::io, "cannot read '" + folder_.string() + "': " + error.message()};
  return keys;
}

Status TrustedKeys::check(std::span<const std::uint8_t> bundle,
                          const std::filesystem::path& path) const {
  const auto keys = all();
  if (!keys) return keys.error();
  if (keys->empty()) return {};
  const auto place = signature_path(path);
  const auto text = read_whole_file(place, most_bytes);
  if (!text && text.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::refused,
                 "'" + path.string() + "' is not signed: there is no '" + place.string() + "'"};
  if (!text) return text.error();
  const Status good = verify(bundle, std::string(text->begin(), text->end()), *keys);
  if (good) return {};
  return Error{good.error().kind, "'" + place.string() + "' " + good.error().message};
}

}  // namespace haltere::agent
