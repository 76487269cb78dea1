#include "agent/table/bundle_inputs.hpp"

#include <algorithm>
#include <cstring>

namespace haltere::agent {

std::string_view cut_name(std::string_view name) { return name.substr(0, kernels::name_bytes); }

std::vector<std::string> channel_names(const kernels::RecipeView& recipe) {
  std::vector<std::string> names;
  for (std::uint16_t c = 0; c < recipe.channel_count; ++c) {
    const char* name = kernels::recipe_channel_name(recipe, c);
    names.emplace_back(name, strnlen(name, kernels::name_bytes));
  }
  return names;
}

bool makes_one(const std::string& column, const std::vector<std::string>& channels) {
  return std::ranges::any_of(channels, [&](const std::string& channel) {
    return channel == cut_name(column) || channel.starts_with(cut_name(column + "="));
  });
}

std::optional<Windowing> windowing_of(const kernels::RecipeView& recipe,
                                      const std::string& segment) {
  if (recipe.window_samples <= 1) return std::nullopt;
  Windowing windowing;
  windowing.rate_hz = static_cast<double>(recipe.rate_hz);
  windowing.segment = segment;
  windowing.window.length_samples = recipe.window_samples;
  windowing.window.step_samples = recipe.step_samples;
  for (std::uint8_t f = 0; f < recipe.feature_count; ++f)
    windowing.window.features.push_back(kernels::recipe_feature(recipe, f));
  return windowing;
}

}  // namespace haltere::agent
