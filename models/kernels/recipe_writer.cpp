#include "models/kernels/recipe_writer.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe_layout.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

constexpr double pi = 3.14159265358979323846;

/// sin and cos for 0 <= x <= pi / 2 by their series: exact to the last bits of double, and the same
/// on every machine, which a C library's are not.
double series(double x, double term, int order) {
  double sum = term;
  for (; order < 40; order += 2) {
    term *= -x * x / (order * (order + 1.0));
    sum += term;
  }
  return sum;
}
double sine(double x) { return series(x, x, 2); }
double cosine(double x) { return x > pi / 4 ? sine(pi / 2 - x) : series(x, 1.0, 1); }

void store_u16(uint8_t* out, uint16_t value) {
  out[0] = static_cast<uint8_t>(value & 0xffU);
  out[1] = static_cast<uint8_t>(value >> 8);
}
void store_f32(uint8_t* out, float value) { __builtin_memcpy(out, &value, 4); }

bool any_needs_spectrum(const RecipeContents& contents) {
  for (uint8_t i = 0; i < contents.feature_count; ++i) {
    if (needs_spectrum(contents.features[i].kind)) return true;
  }
  return false;
}

size_t table_entries(const RecipeContents& contents) {
  return (size_t{1} << spectrum_log2_points(contents.window_samples)) / 4 + 1;
}

void write_spectrum(const RecipeContents& contents, uint8_t* out, uint8_t* table) {
  const double half_step = pi / contents.window_samples;
  out[at::log2_points] = static_cast<uint8_t>(spectrum_log2_points(contents.window_samples) |
                                              static_cast<uint8_t>(contents.taper) << 4);
  store_f32(out + at::hann_cosine, static_cast<float>(cosine(half_step)));
  store_f32(out + at::hann_sine, static_cast<float>(sine(half_step)));
  const size_t entries = table_entries(contents);
  for (size_t i = 0; i < entries; ++i) {
    const double angle = pi / 2 * static_cast<double>(i) / static_cast<double>(entries - 1);
    store_f32(table + 4 * i, static_cast<float>(cosine(angle)));
  }
}

void write_feature(const FeatureSpec& feature, uint8_t* out) {
  out[at::feature_kind] = static_cast<uint8_t>(feature.kind);
  if (has_bands(feature.kind)) out[at::feature_bands] = feature.bands;
  if (!has_bands(feature.kind) && feature.kind != FeatureKind::quantile) return;
  store_f32(out + at::feature_from, feature.from);
  store_f32(out + at::feature_to, feature.to);
}

}  // namespace

size_t recipe_bytes(const RecipeContents& contents) {
  const size_t lists = at::header_bytes + size_t{contents.channel_count} * at::channel_bytes +
                       size_t{contents.feature_count} * at::feature_bytes;
  return any_needs_spectrum(contents) ? lists + 4 * table_entries(contents) : lists;
}

void write_recipe(const RecipeContents& contents, uint8_t* out) {
  __builtin_memset(out, 0, recipe_bytes(contents));
  store_f32(out + at::rate_hz, contents.rate_hz);
  store_u16(out + at::window_samples, contents.window_samples);
  store_u16(out + at::step_samples, contents.step_samples);
  store_u16(out + at::channel_count, contents.channel_count);
  out[at::feature_count] = contents.feature_count;
  uint8_t* next = out + at::header_bytes;
  for (uint16_t c = 0; c < contents.channel_count; ++c, next += at::channel_bytes) {
    __builtin_memcpy(next, contents.channels[c].name, name_bytes);
    next[at::channel_quantity] = contents.channels[c].quantity;
    next[at::channel_vector] = contents.channels[c].vector;
  }
  for (uint8_t i = 0; i < contents.feature_count; ++i, next += at::feature_bytes) {
    write_feature(contents.features[i], next);
  }
  if (any_needs_spectrum(contents)) write_spectrum(contents, out, next);
}

}  // namespace kernels
}  // namespace haltere
