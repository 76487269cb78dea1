#include "learner/quantile.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace haltere::learner {

namespace {

// A float's exponent and its five highest mantissa bits are a logarithmic bin number.
constexpr std::uint32_t dropped_bits = 18;
constexpr std::uint32_t first_bin = std::bit_cast<std::uint32_t>(0x1p-30F) >> dropped_bits;
constexpr std::uint32_t last_bin = std::bit_cast<std::uint32_t>(0x1p30F) >> dropped_bits;
constexpr std::size_t bins = last_bin - first_bin + 1;
constexpr double largest_weight = 1e12;

std::size_t bin_of(float score) {
  const std::uint32_t bin = std::bit_cast<std::uint32_t>(std::max(score, 0.0F)) >> dropped_bits;
  return std::clamp(bin, first_bin, last_bin) - first_bin;
}

/// Lower edge of a bin; of the one after the last too.
float edge(std::size_t bin) {
  return std::bit_cast<float>((first_bin + static_cast<std::uint32_t>(bin)) << dropped_bits);
}

}  // namespace

FadingQuantile::FadingQuantile(double half_life)
    : weights_(bins, 0.0), growth_(1.0 + 0.69314718055994531 / half_life) {}

void FadingQuantile::add(float score) {
  weights_[bin_of(score)] += next_weight_;
  total_ += next_weight_;
  next_weight_ *= growth_;
  if (next_weight_ < largest_weight) return;
  for (double& weight : weights_) weight /= next_weight_;
  total_ /= next_weight_;
  next_weight_ = 1.0;
}

float FadingQuantile::at(double quantile) const {
  if (total_ <= 0.0) return 0.0F;
  double left = quantile * total_;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (weights_[bin] > 0.0 && left <= weights_[bin]) {
      const auto share = static_cast<float>(left / weights_[bin]);
      return edge(bin) + share * (edge(bin + 1) - edge(bin));
    }
    left -= weights_[bin];
  }
  return edge(bins);
}

void FadingQuantile::exchange(Archive& archive) {
  archive.exchange(std::span(weights_));
  archive.exchange(total_);
  archive.exchange(next_weight_);
}

}  // namespace haltere::learner
