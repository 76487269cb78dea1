#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "config/text.hpp"

namespace haltere::config {
namespace {

// Longer words are not names anyone meant, and would cost time.
constexpr std::size_t longest_word = 40;

using Row = std::array<std::size_t, longest_word + 1>;

// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`, each at most `longest_word`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  Row two_before{}, before{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) before[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_before[j - 2] + 1);
      }
    }
    two_before = before;
    before = row;
  }
  return before[b.size()];
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// A third of the letters may be wrong, one in short words.
std::size_t tolerated_edits(std::string_view a, std::string_view b) {
  return std::max<std::size_t>(1, std::min(a.size(), b.size()) / 3);
}

std::size_t size_difference(std::string_view a, std::string_view b) {
  return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

constexpr std::size_t too_far = longest_word + 1;

// How far `word` is from `candidate`; `too_far` when that is no slip.
std::size_t slip_size(std::string_view word, std::string_view candidate) {
  if (candidate.empty() || candidate.size() > longest_word) return too_far;
  if (same_but_for_case(word, candidate)) return 0;
  const std::size_t tolerated = tolerated_edits(word, candidate);
  if (size_difference(word, candidate) > tolerated) return too_far;
  const std::size_t edits = edit_distance(word, candidate);
  return edits <= tolerated && edits < candidate.size() ? edits : too_far;
}

// The candidate whose `part` is nearest to `word`; empty if none is near.
template <typename Part>
std::string_view nearest_by(std::string_view word, std::span<const std::string_view> candidates,
                            Part part) {
  std::string_view nearest;
  std::size_t nearest_edits = too_far;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = slip_size(word, part(candidate));
    if (edits >= nearest_edits) continue;
    nearest = candidate;
    nearest_edits = edits;
  }
  return nearest;
}

// `bme280` of `bme280_i2c`: people name the chip and forget the rest. Short ones resemble anything.
std::string_view first_part(std::string_view name) {
  const std::string_view part = name.substr(0, name.find('_'));
  return part.size() < 4 ? std::string_view() : part;
}

}  // namespace

std::string_view did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  const std::string_view nearest = nearest_by(word, candidates, std::identity{});
  return nearest.empty() ? nearest_by(word, candidates, first_part) : nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = did_you_mean(word, candidates);
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

std::string suggestion_or_list(std::string_view word, std::span<const std::string_view> candidates,
                               std::string_view lead) {
  std::string slip = suggestion(word, candidates);
  if (!slip.empty() || candidates.empty()) return slip;
  return "; " + std::string(lead) + " " + join(candidates);
}

}  // namespace haltere::config
