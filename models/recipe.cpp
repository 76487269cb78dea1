#include "models/recipe.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "models/byte_writer.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/recipe_writer.hpp"

namespace haltere::models {
namespace {

/// The first name_bytes of `name`, not cutting a UTF-8 character in two.
kernels::RecipeChannel channel_of(const std::string& name) {
  kernels::RecipeChannel channel{};
  std::size_t size = std::min(name.size(), kernels::name_bytes);
  while (size > 0 && size < name.size() &&
         (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U)
    --size;
  std::copy_n(name.begin(), size, std::begin(channel.name));
  return channel;
}

}  // namespace

Result<std::vector<std::uint8_t>> table_recipe(std::span<const std::string> columns) {
  if (columns.empty() || columns.size() > kernels::max_inputs)
    return Error{ErrorKind::invalid, "a model needs 1 to " + std::to_string(kernels::max_inputs) +
                                         " input columns, not " + std::to_string(columns.size())};
  std::vector<kernels::RecipeChannel> channels;
  for (const auto& column : columns) channels.push_back(channel_of(column));
  const kernels::FeatureSpec last{kernels::FeatureKind::last, 0, 0.0F, 0.0F};
  const kernels::RecipeContents contents{
      .rate_hz = 0.0F,
      .window_samples = 1,
      .step_samples = 1,
      .channels = channels.data(),
      .channel_count = static_cast<std::uint16_t>(channels.size()),
      .features = &last,
      .feature_count = 1};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  kernels::RecipeView view{};
  if (!kernels::open_recipe(bytes.data(), bytes.size(), view))
    return Error{ErrorKind::invalid, "an input column has no usable name: UTF-8, not empty"};
  return bytes;
}

Result<std::vector<std::uint8_t>> plain_recipe(std::size_t inputs, kernels::TensorType input,
                                               kernels::TensorType output) {
  if (inputs == 0 || inputs > kernels::max_inputs)
    return Error{ErrorKind::invalid, "a model can have 1 to " +
                                         std::to_string(kernels::max_inputs) + " inputs, not " +
                                         std::to_string(inputs)};
  ByteWriter out;
  out.f32(0.0F);  // rate
  out.u16(1);     // window, step
  out.u16(1);
  out.u32(0);  // channels, features, points
  out.u16(inputs);
  out.u8(static_cast<std::uint8_t>(input));
  out.u8(static_cast<std::uint8_t>(output));
  out.u32(0);
  return std::move(out.bytes());
}

std::vector<std::string> input_names(const kernels::RecipeView& recipe) {
  std::vector<std::string> names;
  std::array<char, kernels::input_name_bytes> name{};
  for (std::uint16_t i = 0; i < recipe.inputs; ++i) {
    kernels::input_name(recipe, i, name.data());
    names.emplace_back(name.data());
  }
  return names;
}

}  // namespace haltere::models
