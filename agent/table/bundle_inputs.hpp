#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/header.hpp"
#include "agent/table/rows.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {

/// A name as a bundle holds it.
[[nodiscard]] std::string_view cut_name(std::string_view name);

/// Names of the columns, or of what was made of them, that `recipe` begins with.
[[nodiscard]] std::vector<std::string> channel_names(const kernels::RecipeView& recipe);

/// Whether a column of a table makes one of `channels`: by its name, or by one of its texts, as
/// "door=open".
[[nodiscard]] bool makes_one(const std::string& column, const std::vector<std::string>& channels);

/// The windows that `recipe` says, which end where `segment`'s text changes; none if it passes rows
/// on as they are.
[[nodiscard]] std::optional<Windowing> windowing_of(const kernels::RecipeView& recipe,
                                                    const std::string& segment);

}  // namespace haltere::agent
