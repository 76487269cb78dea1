#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::models {

/// A recipe that passes each row of a table on as it is: windows of one sample, feature `last`.
/// Columns longer than 16 bytes are cut. Errors: invalid for no columns, too many, or no UTF-8.
[[nodiscard]] Result<std::vector<std::uint8_t>> table_recipe(std::span<const std::string> columns);

/// A recipe of no channels: a model that takes `inputs` values as they are. Errors: invalid for a
/// number of inputs that a bundle cannot have.
[[nodiscard]] Result<std::vector<std::uint8_t>> plain_recipe(std::size_t inputs,
                                                             kernels::TensorType input,
                                                             kernels::TensorType output);

/// Names of all inputs in their order, as kernels::input_name.
[[nodiscard]] std::vector<std::string> input_names(const kernels::RecipeView& recipe);

}  // namespace haltere::models
