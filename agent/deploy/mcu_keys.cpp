#include "agent/deploy/mcu_keys.hpp"

#include <sodium.h>

#include "agent/deploy/hex.hpp"
#include "agent/store/atomic_file.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t most_bytes = 4096;

std::optional<McuKey> parse(const std::vector<std::uint8_t>& bytes) {
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto text = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  McuKey key;
  const auto counter = json.find("counter");
  std::array<std::uint8_t, 8> model{};
  if (!from_hex(text("device"), key.device) || !from_hex(text("key"), key.key) ||
      !from_hex(text("model"), model) || counter == json.end() || !counter->is_number_unsigned()) {
    return std::nullopt;
  }
  key.counter = counter->get<std::uint32_t>();
  for (const std::uint8_t byte : model) key.model = key.model << 8 | byte;
  return key;
}

}  // namespace

void fill_random(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

McuKey McuKey::random() {
  McuKey fresh;
  fill_random(fresh.device);
  fill_random(fresh.key);
  return fresh;
}

McuKeys::McuKeys(const std::filesystem::path& state_folder) : folder_(state_folder / "mcu-keys") {}

std::filesystem::path McuKeys::path_of(
    std::span<const std::uint8_t, link::device_bytes> device) const {
  return folder_ / (to_hex(device) + ".json");
}

Result<std::optional<McuKey>> McuKeys::find(
    std::span<const std::uint8_t, link::device_bytes> device) const {
  const auto path = path_of(device);
  auto bytes = read_whole_file(path, most_bytes);
  if (!bytes && bytes.error().kind == ErrorKind::not_found) return std::optional<McuKey>();
  if (!bytes) return bytes.error();
  auto key = parse(*bytes);
  if (!key) return Error{ErrorKind::corrupt, "'" + path.string() + "' holds no key"};
  return key;
}

Status McuKeys::store(const McuKey& key) const {
  std::array<std::uint8_t, 8> model{};
  for (std::size_t i = 0; i < 8; ++i)
    model[7 - i] = static_cast<std::uint8_t>(key.model >> (8 * i));
  const nlohmann::ordered_json json{{"device", to_hex(key.device)},
                                    {"key", to_hex(key.key)},
                                    {"counter", key.counter},
                                    {"model", to_hex(model)}};
  const std::string text = json.dump(2) + "\n";
  return write_file_atomically(path_of(key.device),
                               {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void McuKeys::forget(const McuKey& key) const {
  std::error_code ignored;
  std::filesystem::remove(path_of(key.device), ignored);
}

}  // namespace haltere::agent
