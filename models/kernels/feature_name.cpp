#include "models/kernels/feature_name.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Copies text up to its zero, at most `limit` bytes; returns where the next goes.
char* append(char* out, const char* text, size_t limit) {
  for (size_t i = 0; i < limit && text[i] != '\0'; ++i) *out++ = text[i];
  return out;
}

/// Decimal digits of `number` and a zero.
void append_number(char* out, uint16_t number) {
  uint16_t power = 1;
  while (number / power >= 10) power = static_cast<uint16_t>(power * 10);
  for (; power != 0; power = static_cast<uint16_t>(power / 10))
    *out++ = static_cast<char>('0' + number / power % 10);
  *out = '\0';
}

}  // namespace

void input_name(const RecipeView& view, uint16_t index, char* out) {
  if (view.channel_count == 0) {
    append_number(append(out, "input ", input_name_bytes), index);
    return;
  }
  const auto per_channel = static_cast<uint16_t>(view.inputs / view.channel_count);
  auto rest = static_cast<uint16_t>(index % per_channel);
  uint8_t at = 0;
  FeatureSpec feature = recipe_feature(view, at);
  while (feature.bands != 0 ? rest >= feature.bands : rest > 0) {
    rest = static_cast<uint16_t>(rest - (feature.bands != 0 ? feature.bands : 1));
    feature = recipe_feature(view, ++at);
  }
  out = append(out, feature_name(feature.kind), input_name_bytes);
  if (feature.bands != 0) {
    const unsigned band = rest + 1U;
    if (band >= 10) *out++ = static_cast<char>('0' + band / 10);
    *out++ = static_cast<char>('0' + band % 10);
  }
  *out++ = '(';
  const auto channel = static_cast<uint16_t>(index / per_channel);
  out = append(out, recipe_channel_name(view, channel), name_bytes);
  *out++ = ')';
  *out = '\0';
}

}  // namespace kernels
}  // namespace haltere
