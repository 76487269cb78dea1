#include "models/kernels/recipe.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe_layout.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

}  // namespace

TensorType recipe_input_type(const RecipeView& view) {
  return static_cast<TensorType>(load_u8(view.bytes + at::plain_input_type));
}

TensorType recipe_output_type(const RecipeView& view) {
  return static_cast<TensorType>(load_u8(view.bytes + at::plain_output_type));
}

const char* recipe_channel_name(const RecipeView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.channels + index * at::channel_bytes);
}

uint8_t recipe_channel_quantity(const RecipeView& view, uint16_t index) {
  return load_u8(view.channels + index * at::channel_bytes + at::channel_quantity);
}

uint16_t recipe_first_bin(const RecipeView& view, const FeatureSpec& feature, uint8_t band) {
  const float from_hz = feature.kind == FeatureKind::envelope_power ? 0.0f : feature.from;
  const float width_hz = feature.to - from_hz;
  const float edge_hz =
      from_hz + width_hz * (static_cast<float>(band) / static_cast<float>(feature.bands));
  const auto half = static_cast<uint16_t>((uint32_t{1} << view.spectrum.log2_points) / 2);
  const float position = edge_hz * static_cast<float>(2U * half) / view.rate_hz;
  // Neither is a recipe's that was checked, but no float may decide where memory is read.
  if (!(position < static_cast<float>(half))) return half;
  if (!(position > 0.0f)) return 1;
  auto bin = static_cast<uint16_t>(position);
  if (static_cast<float>(bin) < position) ++bin;
  return bin == 0 ? 1 : bin;  // bin 0 is the mean, which was removed
}

}  // namespace kernels
}  // namespace haltere
