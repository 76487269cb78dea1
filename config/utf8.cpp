#include "config/utf8.hpp"

#include <array>
#include <cstdint>

namespace haltere::config {
namespace {

// Lead bytes of one length with the range their second byte must lie in (Unicode 15, table 3-7).
struct Form {
  std::uint8_t lead_first, lead_last, second_first, second_last;
  std::size_t length;
};
constexpr std::array forms{
    Form{0x20, 0x7E, 0x00, 0x00, 1}, Form{0xC2, 0xC2, 0xA0, 0xBF, 2},
    Form{0xC3, 0xDF, 0x80, 0xBF, 2}, Form{0xE0, 0xE0, 0xA0, 0xBF, 3},
    Form{0xE1, 0xEC, 0x80, 0xBF, 3}, Form{0xED, 0xED, 0x80, 0x9F, 3},
    Form{0xEE, 0xEF, 0x80, 0xBF, 3}, Form{0xF0, 0xF0, 0x90, 0xBF, 4},
    Form{0xF1, 0xF3, 0x80, 0xBF, 4}, Form{0xF4, 0xF4, 0x80, 0x8F, 4},
};

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

bool matches(const Form& form, std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < form.lead_first || lead > form.lead_last || text.size() < form.length) return false;
  for (std::size_t i = 1; i < form.length; ++i) {
    const std::uint8_t first = i == 1 ? form.second_first : 0x80;
    const std::uint8_t last = i == 1 ? form.second_last : 0xBF;
    if (byte_at(text, i) < first || byte_at(text, i) > last) return false;
  }
  return true;
}

// Length of the character at the start of non-empty `text`; 0 if it is not a clean one.
std::size_t character_length(std::string_view text) {
  if (text[0] == '\t' || text[0] == '\n' || text[0] == '\r') return 1;
  for (const Form& form : forms) {
    if (matches(form, text)) return form.length;
  }
  return 0;
}

}  // namespace

std::size_t clean_prefix(std::string_view text) {
  std::size_t clean = 0;
  while (clean < text.size()) {
    const std::size_t length = character_length(text.substr(clean));
    if (length == 0) break;
    clean += length;
  }
  return clean;
}

}  // namespace haltere::config
