#include "learner/online_normaliser.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace haltere::learner {

namespace {

/// A deviation below this share of the mean is rounding, not signal.
constexpr double rounding_share = 1e-6;
constexpr std::uint64_t rows_for_full_limit = 16;
constexpr float largest_usable = 1e15F;

}  // namespace

bool is_usable(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return std::abs(value) <= largest_usable; });
}

OnlineNormaliser::OnlineNormaliser(std::size_t inputs, std::size_t memory)
    : memory_(memory),
      center_(inputs, 0.0),
      variance_(inputs, 0.0),
      mean_(inputs, 0.0F),
      deviation_(inputs, 1.0F) {}

void OnlineNormaliser::begin_with(std::span<const float> mean, std::span<const float> deviation) {
  rows_ = memory_;
  for (std::size_t i = 0; i < center_.size(); ++i) {
    center_[i] = static_cast<double>(mean[i]);
    variance_[i] = static_cast<double>(deviation[i]) * static_cast<double>(deviation[i]);
    refresh(i);
  }
}

void OnlineNormaliser::update(std::span<const float> row) {
  assert(row.size() == center_.size());
  ++rows_;
  const double share = 1.0 / static_cast<double>(std::min<std::uint64_t>(rows_, memory_));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double offset = static_cast<double>(row[i]) - center_[i];
    center_[i] += share * offset;
    variance_[i] = (1.0 - share) * (variance_[i] + share * offset * offset);
    refresh(i);
  }
}

void OnlineNormaliser::refresh(std::size_t input) {
  mean_[input] = static_cast<float>(center_[input]);
  const double deviation = std::sqrt(variance_[input]);
  const bool varies = deviation > rounding_share * std::abs(center_[input]) && deviation > 1e-30;
  deviation_[input] = varies ? static_cast<float>(deviation) : 1.0F;
}

void OnlineNormaliser::apply(std::span<const float> row, std::span<float> out) const {
  const std::uint64_t known = std::min<std::uint64_t>(rows_, rows_for_full_limit + 1);
  const float limit = known == 0 ? 0.0F
                                 : normalised_limit * static_cast<float>(known - 1) /
                                       static_cast<float>(rows_for_full_limit);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float normalised = (row[i] - mean_[i]) / deviation_[i];
    out[i] = std::clamp(normalised, -limit, limit);
  }
}

void OnlineNormaliser::exchange(Archive& archive) {
  archive.exchange(rows_);
  archive.exchange(std::span(center_));
  archive.exchange(std::span(variance_));
  for (std::size_t i = 0; i < center_.size() && rows_ > 0; ++i) refresh(i);
}

}  // namespace haltere::learner
