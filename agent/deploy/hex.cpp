#include "agent/deploy/hex.hpp"

#include <sodium.h>

namespace haltere::agent {

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  std::size_t count = 0;
  const char* end = nullptr;
  const bool good = sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr,
                                   &count, &end) == 0;
  return good && count == bytes.size() && end == text.data() + text.size();
}

}  // namespace haltere::agent
