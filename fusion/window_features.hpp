#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "models/kernels/recipe.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Every feature of a window as settings name it, with its formula, in the order of
/// kernels::FeatureKind.
extern const std::array<config::Variant, kernels::feature_kinds> feature_variants;

/// Names of kernels::Taper in its order.
inline constexpr std::array<std::string_view, kernels::tapers> taper_names{"hann", "hamming",
                                                                           "blackman", "none"};

/// The entry of `kind` that says `numbers`, one for each of its variant's settings in their order.
[[nodiscard]] kernels::FeatureSpec make_feature(kernels::FeatureKind kind,
                                                std::span<const double> numbers);

/// The features of a list of variants, as read from a file.
[[nodiscard]] std::vector<kernels::FeatureSpec> read_features(
    std::span<const config::Section::Item> items);

/// Every feature that windows of `samples` rows like `row` can have without being told more: none
/// of the spectrum in windows too short for it, bands over all frequencies where the rate is known,
/// none of vectors where there are none, and none that needs a shaft's speed or a frequency.
[[nodiscard]] std::vector<kernels::FeatureSpec> all_features(std::size_t samples,
                                                             const sensors::Layout& row);

/// For each channel the vector it belongs to, counted from 1, or 0: neighbours of one quantity
/// whose names differ in one letter, x then y then z. Where no names are like that, all of 2 to 8
/// channels of one quantity are one vector.
[[nodiscard]] std::vector<std::uint8_t> vectors_of(const sensors::Layout& row);

/// Whether some names are like that.
[[nodiscard]] bool has_named_vectors(const sensors::Layout& row);

}  // namespace haltere::fusion
