#include "fusion/row_context.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string_view>
#include <system_error>
#include <utility>

namespace haltere::fusion {
namespace {

constexpr std::array<std::size_t, 4> usual_lengths{5, 20, 80, 320};
constexpr std::size_t rows_per_length = 20;
constexpr std::array<float, 2> turns_per_day{1.0F, 2.0F};

std::size_t outputs_of(std::size_t channels, std::size_t lengths, bool time_of_day) {
  return channels * (2 + 2 * lengths) + (time_of_day ? 2 * turns_per_day.size() : 0);
}

}  // namespace

RowContext::RowContext(std::size_t channels, std::vector<std::size_t> lengths, bool time_of_day)
    : channels_(channels),
      lengths_(std::move(lengths)),
      time_of_day_(time_of_day),
      kept_(lengths_.empty() ? 2 : std::ranges::max(lengths_)),
      ring_(kept_ * channels, 0.0F),
      out_(outputs_of(channels, lengths_.size(), time_of_day), 0.0F) {
  assert(kept_ > 1);
}

/// The channel's value `rows` rows before the newest.
float RowContext::back(std::size_t channel, std::size_t rows) const {
  const std::size_t row = newest_ >= rows ? newest_ - rows : newest_ + kept_ - rows;
  return ring_[row * channels_ + channel];
}

std::size_t RowContext::write_channel(std::size_t channel, std::size_t at) {
  const float newest = back(channel, 0);
  out_[at++] = newest;
  out_[at++] = rows_ > 1 ? newest - back(channel, 1) : 0.0F;
  // Sums of differences to the newest value: exact 0 while a channel stands still.
  double sum = 0.0;
  double squares = 0.0;
  std::size_t counted = 0;
  for (const std::size_t length : lengths_) {
    for (const std::size_t most = std::min(length, rows_); counted < most; ++counted) {
      const auto offset = static_cast<double>(back(channel, counted) - newest);
      sum += offset;
      squares += offset * offset;
    }
    const double mean = sum / static_cast<double>(counted);
    const double variance = squares / static_cast<double>(counted) - mean * mean;
    out_[at++] = static_cast<float>(static_cast<double>(newest) + mean);
    out_[at++] = static_cast<float>(std::sqrt(std::max(0.0, variance)));
  }
  return at;
}

void RowContext::write_day(float day_share, std::size_t at) {
  for (const float turns : turns_per_day) {
    const float angle = 2.0F * std::numbers::pi_v<float> * turns * day_share;
    out_[at++] = std::sin(angle);
    out_[at++] = std::cos(angle);
  }
}

std::span<const float> RowContext::update(std::span<const float> row, float day_share) {
  assert(row.size() == channels_);
  newest_ = newest_ + 1 == kept_ ? 0 : newest_ + 1;
  ++rows_;
  std::ranges::copy(row, ring_.begin() + static_cast<std::ptrdiff_t>(newest_ * channels_));
  std::size_t at = 0;
  for (std::size_t channel = 0; channel < channels_; ++channel) at = write_channel(channel, at);
  if (time_of_day_) write_day(day_share, at);
  return out_;
}

std::vector<std::string> RowContext::names(std::span<const std::string> channels) const {
  assert(channels.size() == channels_);
  std::vector<std::string> names;
  for (const std::string& channel : channels) {
    names.push_back(channel);
    names.push_back("step(" + channel + ')');
    for (const std::size_t length : lengths_)
      for (const char* what : {"mean", "std"})
        names.push_back(what + std::to_string(length) + '(' + channel + ')');
  }
  if (time_of_day_)
    for (const char* name : {"day_sin1", "day_cos1", "day_sin2", "day_cos2"})
      names.emplace_back(name);
  return names;
}

std::vector<std::size_t> named_lengths(std::span<const std::string> names) {
  constexpr std::string_view head = "mean";
  std::vector<std::size_t> lengths;
  for (const std::string& name : names) {
    if (!name.starts_with(head)) continue;
    std::size_t length = 0;
    const char* const last = name.data() + name.size();
    const auto [end, error] = std::from_chars(name.data() + head.size(), last, length);
    const bool is_length = error == std::errc() && end != last && *end == '(' && length > 1;
    if (is_length && std::ranges::find(lengths, length) == lengths.end()) lengths.push_back(length);
  }
  return lengths;
}

std::vector<std::size_t> context_lengths(std::size_t rows, std::size_t channels,
                                         std::size_t most_outputs) {
  std::vector<std::size_t> lengths;
  for (const std::size_t length : usual_lengths)
    if (length * rows_per_length <= rows &&
        outputs_of(channels, lengths.size() + 1, true) <= most_outputs)
      lengths.push_back(length);
  return lengths;
}

}  // namespace haltere::fusion
