#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::models {

/// A recipe that passes each row of a table on as it is: windows of one sample, feature `last`.
/// Columns longer than 16 bytes are cut. Errors: invalid for no columns or too many.
[[nodiscard]] Result<std::vector<std::uint8_t>> table_recipe(std::span<const std::string> columns);

/// "mean(ax)", "band_power 2/6(gz)": one name per input, in their order.
[[nodiscard]] std::vector<std::string> input_names(const kernels::RecipeView& recipe);

/// The setting's name of a feature: "peak_to_peak".
[[nodiscard]] std::string_view to_string(kernels::FeatureKind kind);

}  // namespace haltere::models
