#include "fusion/window_sums.hpp"

#include "models/kernels/recipe_needs.hpp"

namespace haltere::fusion {
namespace {

bool has_correlations(const kernels::RecipeView& recipe) {
  for (std::uint8_t i = 0; i < recipe.feature_count; ++i)
    if (kernels::recipe_feature(recipe, i).kind == kernels::FeatureKind::cross_correlation)
      return true;
  return false;
}

}  // namespace

WindowSums::WindowSums(const kernels::RecipeView& recipe)
    : needs_(kernels::pane_needs_of(recipe)), panes_(recipe.channel_count) {
  const kernels::WindowPanes panes(recipe.window_samples, recipe.step_samples);
  sliding_.assign(recipe.channel_count, SlidingPanes<kernels::Pane>(panes));
  if (!has_correlations(recipe)) return;
  for (auto vector = kernels::recipe_vector(recipe, 0); vector.count > 0;
       vector = kernels::recipe_vector(recipe,
                                       static_cast<std::uint16_t>(vector.first + vector.count))) {
    const std::size_t end = std::size_t{vector.first} + vector.count;
    for (std::size_t x = vector.first; x < end; ++x)
      for (std::size_t y = x + 1; y < end; ++y) pair_channels_.push_back({x, y});
  }
  sliding_pairs_.assign(pair_channels_.size(), SlidingPanes<kernels::PairPane>(panes));
  pairs_.resize(pair_channels_.size());
}

void WindowSums::forget() {
  for (auto& panes : sliding_) panes.forget();
  for (auto& panes : sliding_pairs_) panes.forget();
}

void WindowSums::move(const float* window, std::size_t stride) {
  for (std::size_t c = 0; c < sliding_.size(); ++c) {
    const float* x = window + c * stride;
    panes_[c] = sliding_[c].move(
        [&](std::size_t first, std::size_t count) {
          return kernels::pane_of_f32(x + first, count, needs_);
        },
        [&](kernels::Pane& pane, const kernels::Pane& next) {
          kernels::append_pane(pane, next, needs_);
        });
  }
  for (std::size_t p = 0; p < sliding_pairs_.size(); ++p) {
    const float* x = window + pair_channels_[p].x * stride;
    const float* y = window + pair_channels_[p].y * stride;
    pairs_[p] = sliding_pairs_[p].move(
        [&](std::size_t first, std::size_t count) {
          return kernels::pair_pane_of_f32(x + first, y + first, count);
        },
        kernels::append_pair_pane);
  }
}

}  // namespace haltere::fusion
