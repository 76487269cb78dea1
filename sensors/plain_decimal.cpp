#include <array>
#include <bit>
#include <cstdint>

#include "sensors/csv.hpp"
#include "sensors/eight_bytes.hpp"

namespace haltere::sensors {
namespace {

constexpr std::size_t most_exact_digits = 15;
constexpr std::array powers_of_ten{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// Digits without their point.
struct Digits {
  std::uint64_t value = 0;
  std::size_t count = 0;
  std::size_t after_point = 0;
  std::size_t size = 0;  ///< of the text, the point included
};

/// The number of `digits` in eight bytes, the first the most significant (Lemire 2018).
std::uint64_t join_eight(std::uint64_t digits) {
  constexpr std::uint64_t pairs = 0x000000FF000000FFU;
  digits = digits * 10 + (digits >> 8);
  return ((digits & pairs) * (100 + (std::uint64_t{1000000} << 32)) +
          (digits >> 16 & pairs) * (1 + (std::uint64_t{10000} << 32))) >>
         32;
}

/// Reads digits that end within eight bytes, without a branch that depends on how many there are
/// (a loop's last turn would be mispredicted at nearly every number). False when they go on.
bool read_short(std::uint64_t text, Digits& digits) {
  const std::uint64_t values = text ^ ('0' * in_eight_bytes);
  constexpr std::uint64_t ten_and_up = (0x80 - 10) * in_eight_bytes;
  const std::uint64_t others =
      (((values & all_low_bits) + ten_and_up) | values) & ~all_low_bits;  // no digits
  const std::uint64_t point = others & (0 - others) & find_in_eight(text, '.');
  const std::uint64_t ends = others ^ point;
  const unsigned end = first_of_eight(ends);
  if (end == 8) return false;
  const unsigned points = point == 0 ? 0 : 1;
  const std::uint64_t before_point = (point >> 7) - 1;  // all bytes, if there is no point
  digits.size = end;
  digits.count = end - points;
  digits.after_point = point == 0 ? 0 : end - 1 - first_of_eight(point);
  const std::uint64_t joined = (values & before_point) | (values >> 8 & ~before_point);
  // In two shifts, since eight bytes at once are too far when there is no digit.
  digits.value = join_eight(joined << (8 * (7 - digits.count)) << 8);
  return true;
}

Digits read_long(std::string_view text) {
  Digits digits;
  bool point = false;
  for (; digits.size < text.size(); ++digits.size) {
    const char c = text[digits.size];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    digits.value = digits.value * 10 + static_cast<std::uint64_t>(c - '0');
    ++digits.count;
    digits.after_point += point ? 1 : 0;
  }
  return digits;
}

/// The eight bytes of `text` from `begin` on, zeros beyond its end; it has eight in all.
std::uint64_t load_from(std::string_view text, std::size_t begin) {
  if (begin + 8 <= text.size()) return load_eight(text.data() + begin);
  const std::size_t missing = begin + 8 - text.size();
  return missing < 8 ? load_eight(text.data() + text.size() - 8) >> (8 * missing) : 0;
}

}  // namespace

// Up to 15 digits and their power of ten are both exact doubles, so one division rounds correctly
// (Clinger 1990).
std::size_t parse_plain_decimal(std::string_view text, std::size_t begin, double& value) {
  const std::size_t sign = begin < text.size() && text[begin] == '-' ? 1 : 0;
  Digits digits;
  if (text.size() < 8 || !read_short(load_from(text, begin + sign), digits))
    digits = read_long(text.substr(begin + sign));
  if (digits.count == 0 || digits.count > most_exact_digits) return 0;
  const double magnitude = static_cast<double>(digits.value) / powers_of_ten[digits.after_point];
  const auto bits = std::bit_cast<std::uint64_t>(magnitude) | std::uint64_t{sign} << 63;
  value = std::bit_cast<double>(bits);
  return sign + digits.size;
}

}  // namespace haltere::sensors
