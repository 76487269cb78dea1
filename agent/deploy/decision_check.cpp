#include "agent/deploy/decision_check.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

// A power of two, so that numbers may wrap; four of the longest windows, which votes look back
// over.
constexpr std::uint32_t ring_samples = 4 * kernels::max_window_samples;
static_assert((ring_samples & (ring_samples - 1)) == 0);

}  // namespace

DecisionCheck::DecisionCheck(std::vector<McuChannel> channels)
    : channels_(std::move(channels)), ring_(ring_samples * channels_.size()) {}

void DecisionCheck::add(std::uint32_t number, std::span<const std::int16_t> counts) {
  if (counts.size() != channels_.size()) return;
  if (number != next_) held_ = 0;
  std::ranges::copy(counts, ring_.begin() + static_cast<std::ptrdiff_t>(number % ring_samples *
                                                                        channels_.size()));
  next_ = number + 1;
  held_ = std::min(held_ + 1, ring_samples);
}

bool DecisionCheck::holds(std::uint32_t first, std::uint32_t last) const {
  return reaches(last) && next_ - first <= held_;
}

bool DecisionCheck::find_channels(const kernels::RecipeView& recipe) {
  used_.clear();
  for (std::uint16_t c = 0; c < recipe.channel_count; ++c) {
    const char* bytes = kernels::recipe_channel_name(recipe, c);
    const std::string_view name(bytes, strnlen(bytes, kernels::name_bytes));
    const auto found = std::ranges::find(channels_, name, &McuChannel::name);
    if (found == channels_.end()) return false;
    used_.push_back(static_cast<std::size_t>(found - channels_.begin()));
  }
  return !used_.empty();
}

// Of the window that begins with sample `first`.
int DecisionCheck::verdict(models::Int8Model& model, std::uint32_t first) {
  const kernels::RecipeView& recipe = model.view().recipe;
  const std::size_t samples = recipe.window_samples;
  window_.resize(samples * used_.size());
  for (std::size_t c = 0; c < used_.size(); ++c) {
    for (std::uint32_t i = 0; i < samples; ++i) {
      const std::size_t at = (first + i) % ring_samples * channels_.size() + used_[c];
      window_[c * samples + i] = channels_[used_[c]].scale * static_cast<float>(ring_[at]);
    }
  }
  features_.resize(recipe.inputs);
  scratch_.resize(kernels::recipe_scratch_floats(recipe));
  kernels::evaluate_recipe(recipe, window_.data(), samples, features_.data(), scratch_.data());
  return model.run(features_).label;
}

std::optional<bool> DecisionCheck::agrees(const link::ChangeNotice& change,
                                          models::Int8Model& model, int votes, int of) {
  const kernels::RecipeView& recipe = model.view().recipe;
  const std::uint32_t windows = std::min(static_cast<std::uint32_t>(of), change.windows);
  if (windows == 0 || !find_channels(recipe)) return std::nullopt;
  const std::uint32_t newest = change.sample + 1 - recipe.window_samples;
  const std::uint32_t oldest = newest - (windows - 1) * recipe.step_samples;
  if (!holds(oldest, change.sample)) return std::nullopt;
  int given = 0;
  for (std::uint32_t back = 0; back < windows; ++back) {
    const bool same = verdict(model, newest - back * recipe.step_samples) == change.decision;
    if (back == 0 && !same) return false;  // the newest window makes the change
    if (same) ++given;
  }
  return given >= votes;
}

}  // namespace haltere::agent
