#pragma once

#include <stdint.h>

#include "models/kernels/recipe_writer.hpp"

// Features of 256 samples of three axes, on the host and on an emulated Cortex-M alike.
// Freestanding C++14.

namespace haltere {
namespace features {

constexpr uint16_t samples = 256;
constexpr uint16_t axes = 3;
constexpr uint8_t sets = 3;

/// What an emulated core writes: ticks and values of one set of features.
struct Answer {
  uint32_t ticks;
  uint32_t count;
  float values[axes * 24];
};

/// Set 0: a transform and one band; 1: with eight bands and the spectrum's shape; 2: statistics.
inline uint8_t features_of(uint8_t set, kernels::FeatureSpec* out) {
  using kernels::FeatureKind;
  uint8_t count = 0;
  const auto add = [&](FeatureKind kind) { out[count++] = {kind, 0, 0.0f, 0.0f}; };
  if (set == 0) out[count++] = {FeatureKind::band_power, 1, 0.5f, 50.0f};
  if (set == 1) {
    out[count++] = {FeatureKind::band_power, 8, 0.5f, 50.0f};
    for (auto kind = static_cast<uint8_t>(FeatureKind::dominant_frequency);
         kind <= static_cast<uint8_t>(FeatureKind::spectral_kurtosis); ++kind)
      add(static_cast<FeatureKind>(kind));
  }
  const FeatureKind statistics[] = {FeatureKind::mean,         FeatureKind::std,
                                    FeatureKind::min,          FeatureKind::max,
                                    FeatureKind::peak_to_peak, FeatureKind::zero_crossings};
  if (set == 2) {
    for (const FeatureKind kind : statistics) add(kind);
  }
  return count;
}

/// Room for the recipe of any set.
constexpr size_t recipe_room = 1024;

/// Writes set `set`'s recipe to bytes [recipe_room], 4-aligned, and opens it.
inline bool open_set(uint8_t set, uint8_t* bytes, kernels::RecipeView& view) {
  kernels::RecipeChannel channels[axes] = {{{'x'}, 0, 0}, {{'y'}, 0, 0}, {{'z'}, 0, 0}};
  kernels::FeatureSpec specs[16];
  const uint8_t count = features_of(set, specs);
  const kernels::RecipeContents contents = {100.0f, samples, samples, channels,
                                            axes,   specs,   count,   kernels::Taper::hann};
  const size_t size = kernels::recipe_bytes(contents);
  if (size > recipe_room) return false;
  kernels::write_recipe(contents, bytes);
  return kernels::open_recipe(bytes, size, view);
}

/// Made of integers, so the same everywhere.
inline void fill(float* window) {
  uint32_t state = 1;
  for (uint32_t i = 0; i < uint32_t{axes} * samples; ++i) {
    state = state * 1664525U + 1013904223U;
    const auto wave = static_cast<int32_t>(i * i / 8 % 41) - 20;
    window[i] = 0.05f * static_cast<float>(wave) +
                static_cast<float>(static_cast<int32_t>(state >> 22) - 512) / 1024.0f;
  }
}

}  // namespace features
}  // namespace haltere
