#include "tests/demo/recording.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace haltere::demo {
namespace {

constexpr std::array<const char*, 6> channels{"ax_g", "ay_g", "az_g", "gx_dps", "gy_dps", "gz_dps"};

struct Columns {
  std::size_t rec = 0;
  std::size_t gesture = 0;
  std::array<std::size_t, 6> channel{};
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    if (!cell.empty() && cell.back() == '\r') cell.pop_back();
    cells.push_back(cell);
  }
  return cells;
}

std::size_t find(const std::vector<std::string>& header, const std::string& name,
                 const std::string& path) {
  const auto at = std::find(header.begin(), header.end(), name);
  if (at == header.end()) throw std::runtime_error(path + ":1: no column '" + name + "'");
  return static_cast<std::size_t>(at - header.begin());
}

Columns find_columns(const std::vector<std::string>& header, const std::string& path) {
  Columns columns;
  columns.rec = find(header, "rec", path);
  const bool named = std::find(header.begin(), header.end(), "gesture") != header.end();
  columns.gesture = find(header, named ? "gesture" : "label", path);
  for (std::size_t i = 0; i < channels.size(); ++i)
    columns.channel[i] = find(header, channels[i], path);
  return columns;
}

double number(const std::string& text, const std::string& where) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::runtime_error(where + "'" + text + "' is not a number");
  return value;
}

}  // namespace

std::vector<Take> read_recording(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error(path + ": cannot be read, or is empty");
  const auto header = split(line);
  const Columns columns = find_columns(header, path);

  std::vector<Take> takes;
  std::string rec;
  for (int row = 2; std::getline(file, line); ++row) {
    const std::string where = path + ":" + std::to_string(row) + ": ";
    const auto cells = split(line);
    if (cells.size() != header.size())
      throw std::runtime_error(where + "expected " + std::to_string(header.size()) + " columns");
    if (takes.empty() || cells[columns.rec] != rec) {
      rec = cells[columns.rec];
      takes.push_back({cells[columns.gesture], {}});
    }
    ImuRow values;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      (i < 3 ? values.acceleration_g[i] : values.angular_rate_dps[i - 3]) =
          number(cells[columns.channel[i]], where);
    }
    takes.back().rows.push_back(values);
  }
  return takes;
}

void shuffle(std::vector<Take>& takes, std::uint64_t seed) {
  // Fisher-Yates with a linear congruential generator (Knuth's MMIX constants): std::shuffle's
  // order differs between standard libraries.
  std::uint64_t state = seed;
  for (std::size_t i = takes.size(); i > 1; --i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::swap(takes[i - 1], takes[static_cast<std::size_t>((state >> 33) % i)]);
  }
}

}  // namespace haltere::demo
