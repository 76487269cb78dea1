#include "models/kernels/feature_name.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Copies text up to its zero, at most `limit` bytes; returns where the next goes.
char* append(char* out, const char* text, size_t limit) {
  for (size_t i = 0; i < limit && text[i] != '\0'; ++i) *out++ = text[i];
  return out;
}

/// Decimal digits of `number`; returns where the next goes.
char* append_number(char* out, uint32_t number) {
  uint32_t power = 1;
  while (number / power >= 10) power *= 10;
  for (; power != 0; power /= 10) *out++ = static_cast<char>('0' + number / power % 10);
  return out;
}

/// `value` >= 0 to three decimals, without zeros at the end.
char* append_decimal(char* out, float value) {
  if (!(value < 1e6f)) return append_number(out, value < 4e9f ? static_cast<uint32_t>(value) : 0);
  const float scaled = value * 1000.0f;
  auto thousandths = static_cast<uint32_t>(scaled);
  if (scaled - static_cast<float>(thousandths) >= 0.5f) ++thousandths;
  out = append_number(out, thousandths / 1000);
  uint32_t rest = thousandths % 1000;
  if (rest != 0) *out++ = '.';
  for (; rest != 0; rest = rest % 100 * 10) *out++ = static_cast<char>('0' + rest / 100);
  return out;
}

/// What tells value `i` of an entry from its others, and from other entries of its kind.
char* append_part(char* out, const FeatureSpec& feature, uint32_t i) {
  const auto multiple = static_cast<float>(i + 1);
  switch (feature.kind) {
    case FeatureKind::quantile: return append_decimal(out, feature.from);
    case FeatureKind::order_amplitude: return append_decimal(out, multiple * feature.to);
    case FeatureKind::envelope_tone: return append_decimal(out, multiple * feature.from);
    default: return has_bands(feature.kind) ? append_number(out, i + 1) : out;
  }
}

char* append_channel(char* out, const RecipeView& view, uint32_t channel) {
  return append(out, recipe_channel_name(view, static_cast<uint16_t>(channel)), name_bytes);
}

/// Entry of the feature list, and which of its values.
struct Place {
  uint8_t entry;
  uint32_t value;
};

/// Where value `rest` of a channel comes from.
Place place_in_channel(const RecipeView& view, uint32_t rest) {
  uint8_t entry = 0;
  for (;; ++entry) {
    const FeatureSpec feature = recipe_feature(view, entry);
    const uint32_t outputs = is_of_vector(feature.kind) ? 0 : feature_outputs(feature, 1);
    if (rest < outputs) return {entry, rest};
    rest -= outputs;
  }
}

void channel_input_name(const RecipeView& view, uint32_t index, char* out) {
  const Place place = place_in_channel(view, index % view.per_channel);
  const FeatureSpec feature = recipe_feature(view, place.entry);
  out = append(out, feature_name(feature.kind), input_name_bytes);
  out = append_part(out, feature, place.value);
  *out++ = '(';
  out = append_channel(out, view, index / view.per_channel);
  *out++ = ')';
  *out = '\0';
}

/// Writes a vector's value: of all its channels, or of its pair `pair`.
void vector_name(const RecipeView& view, FeatureKind kind, const RecipeVector& vector,
                 uint32_t pair, char* out) {
  uint32_t first = 0;
  uint32_t second = vector.count - 1U;
  if (kind == FeatureKind::cross_correlation) {
    for (; pair >= vector.count - 1U - first; ++first) pair -= vector.count - 1U - first;
    second = first + 1 + pair;
  }
  out = append(out, feature_name(kind), input_name_bytes);
  *out++ = '(';
  out = append_channel(out, view, vector.first + first);
  out = append(out, kind == FeatureKind::cross_correlation ? "," : "..", 2);
  out = append_channel(out, view, vector.first + second);
  *out++ = ')';
  *out = '\0';
}

void vector_input_name(const RecipeView& view, uint32_t rest, char* out) {
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    if (!is_of_vector(feature.kind)) continue;
    RecipeVector vector = recipe_vector(view, 0);
    for (; vector.count != 0;
         vector = recipe_vector(view, static_cast<uint16_t>(vector.first + vector.count))) {
      const uint32_t outputs = feature_outputs(feature, vector.count);
      if (rest < outputs) return vector_name(view, feature.kind, vector, rest, out);
      rest -= outputs;
    }
  }
}

}  // namespace

void input_name(const RecipeView& view, uint16_t index, char* out) {
  const uint32_t of_channels = uint32_t{view.per_channel} * view.channel_count;
  if (view.channel_count == 0) {
    *append_number(append(out, "input ", input_name_bytes), index) = '\0';
  } else if (index < of_channels) {
    channel_input_name(view, index, out);
  } else {
    vector_input_name(view, index - of_channels, out);
  }
}

}  // namespace kernels
}  // namespace haltere
