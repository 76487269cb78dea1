#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_layout.hpp"

namespace haltere {
namespace kernels {

namespace at = recipe_layout;

bool measure_recipe(const uint8_t* bytes, size_t available, RecipeView& view) {
  if (available < at::header_bytes) return false;
  const uint16_t channels = load_u16(bytes + at::channel_count);
  const uint8_t features = bytes[at::feature_count];
  const uint8_t log2_points = bytes[at::log2_points];
  if (channels > max_recipe_channels || features > max_recipe_features || log2_points > 16)
    return false;
  const uint32_t table = log2_points == 0 ? 0U : 4U * ((uint32_t{1} << log2_points) / 4U + 1U);
  const auto lists = static_cast<uint32_t>(at::header_bytes + at::channel_bytes * channels);
  view.size = lists + static_cast<uint32_t>(at::feature_bytes * features) + table;
  if (view.size > available) return false;
  uint32_t inputs = 0;
  const uint8_t* feature = bytes + lists;
  for (uint8_t i = 0; i < features; ++i, feature += at::feature_bytes)
    inputs += feature[at::feature_bands] == 0 ? 1U : feature[at::feature_bands];
  inputs = channels == 0 ? load_u16(bytes + at::plain_inputs) : inputs * channels;
  view.inputs = static_cast<uint16_t>(inputs);
  return inputs <= max_inputs;
}

}  // namespace kernels
}  // namespace haltere
