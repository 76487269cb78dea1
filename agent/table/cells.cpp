#include "agent/table/cells.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "config/utf8.hpp"

namespace haltere::agent {
namespace {

using sensors::Cell;

constexpr std::size_t longest_text = 256;
constexpr std::size_t most_spellings = 1024;

constexpr std::array<std::string_view, 11> no_numbers{
    "-", "--", ".", "none", "nat", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The one or two digits at `at`, which then is behind them; -1 for none or more.
float two_digits(std::string_view text, std::size_t& at) {
  float number = 0.0F;
  std::size_t digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at, ++digits)
    number = 10.0F * number + static_cast<float>(text[at] - '0');
  return digits == 1 || digits == 2 ? number : -1.0F;
}

}  // namespace

std::string clean_text(std::string_view text) {
  text = sensors::trim(text);
  std::string clean;
  while (!text.empty()) {
    const std::size_t good = config::clean_prefix(text);
    clean.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) break;
    clean += static_cast<unsigned char>(text.front()) < 0x20 ? ' ' : '?';
    text.remove_prefix(1);
  }
  std::ranges::replace_if(
      clean, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return clean;
}

std::string label_of(std::string_view text) {
  double value = 0.0;
  const std::string_view trimmed = sensors::trim(text);
  if (sensors::parse_cell(trimmed, value) != Cell::number) return clean_text(trimmed);
  std::array<char, 32> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

bool label_before(const std::string& a, const std::string& b) {
  double left = 0.0;
  double right = 0.0;
  const bool left_number = sensors::parse_cell(a, left) == Cell::number;
  const bool right_number = sensors::parse_cell(b, right) == Cell::number;
  if (left_number != right_number) return left_number;
  // Of two spellings of one number, as cleaning may leave ("0" and "0 "), neither is the other.
  return left_number && left != right ? left < right : a < b;
}

bool is_time_text(std::string_view text) {
  text = sensors::trim(text);
  if (text.size() < 4 || !is_digit(text.front())) return false;
  const auto is_mark = [](char c) { return c == '-' || c == '/' || c == '.' || c == ':'; };
  const auto is_part = [&](char c) {
    return is_digit(c) || is_mark(c) || c == ' ' || c == 'T' || c == 'Z' || c == '+';
  };
  return std::ranges::all_of(text, is_part) && std::ranges::count_if(text, is_mark) >= 1;
}

float day_share_of(std::string_view text) {
  constexpr std::array<float, 3> per_day{24.0F, 1440.0F, 86'400.0F};
  text = sensors::trim(text);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon < 8) return -1.0F;
  std::size_t at = text.find_last_not_of("0123456789", colon - 1) + 1;
  float share = 0.0F;
  for (const float units : per_day) {
    const float number = two_digits(text, at);
    if (number < 0.0F) return -1.0F;
    share += number / units;
    if (at == text.size() || text[at] != ':') break;
    ++at;
  }
  return share < 1.0F ? share : -1.0F;
}

bool means_no_number(std::string_view text) {
  constexpr std::size_t longest_word = 9;
  text = sensors::trim(text);
  if (text.size() > longest_word) return false;
  return std::ranges::any_of(no_numbers, [&](std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) { return lower(a) == b; });
  });
}

CellReader::CellReader(char decimal_mark, std::span<const std::string> missing)
    : comma_(decimal_mark == ',') {
  for (const std::string& cell : missing) {
    double value = 0.0;
    if (sensors::parse_cell(cell, value) == Cell::number) missing_numbers_.push_back(value);
    missing_texts_.emplace_back(sensors::trim(cell));
  }
}

Cell CellReader::read(std::string_view text, double& value) const {
  const Cell cell =
      comma_ ? sensors::parse_comma_cell(text, value) : sensors::parse_cell(text, value);
  if (cell == Cell::number) {
    constexpr auto largest = static_cast<double>(std::numeric_limits<float>::max());
    const bool usable = value >= -largest && value <= largest &&
                        std::ranges::find(missing_numbers_, value) == missing_numbers_.end();
    return usable ? cell : Cell::missing;
  }
  if (cell == Cell::missing || missing_texts_.empty()) return cell;
  const bool named = std::ranges::find(missing_texts_, sensors::trim(text)) != missing_texts_.end();
  return named ? Cell::missing : cell;
}

bool TextSet::add(std::string_view text) {
  if (full_) return false;
  if (newest_ < texts_.size() && texts_[newest_] == text) return false;
  const auto at = std::ranges::lower_bound(texts_, text, std::less<>{});
  newest_ = static_cast<std::size_t>(at - texts_.begin());
  if (at != texts_.end() && *at == text) return false;
  full_ = texts_.size() == most_ || text.size() > longest_text;
  if (full_) return false;
  texts_.emplace(at, text);
  return true;
}

int LabelFinder::find(std::string_view cell) {
  if (const auto known = spelt_.find(cell); known != spelt_.end()) return known->second;
  const std::string label = label_of(cell);
  const auto at = std::ranges::lower_bound(labels_, label, label_before);
  const bool found = at != labels_.end() && *at == label;
  const int index = found ? static_cast<int>(at - labels_.begin()) : -1;
  if (spelt_.size() < most_spellings) spelt_.emplace(cell, index);
  return index;
}

}  // namespace haltere::agent
