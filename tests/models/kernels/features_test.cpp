// Feature kernels and recipes against double arithmetic and a plain DFT.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "models/kernels/pane_f32.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/recipe_writer.hpp"
#include "models/kernels/statistics_f32.hpp"
#include "models/random.hpp"

namespace haltere::kernels {
namespace {

using models::Random;

constexpr std::uint64_t seed = 119;
constexpr PaneNeeds of_variance_and_magnitudes{true, false, true, false, false, false, false};

std::vector<float> noise(std::size_t count, float offset = 0.0F) {
  Random random(seed);
  std::vector<float> x(count);
  for (float& value : x) value = offset + random.symmetric();
  return x;
}

TEST(Statistics, AgreeWithDoubleArithmetic) {
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 119U, 4096U}) {
    const auto x = noise(n, 0.25F);
    double sum = 0.0;
    double squares = 0.0;
    double absolute = 0.0;
    for (const float value : x) {
      sum += static_cast<double>(value);
      squares += std::pow(static_cast<double>(value), 2);
      absolute += std::fabs(static_cast<double>(value));
    }
    const auto count = static_cast<double>(n);
    EXPECT_NEAR(mean_f32(x.data(), n), sum / count, 1e-6);
    const Pane pane = pane_of_f32(x.data(), n, of_variance_and_magnitudes);
    EXPECT_NEAR(mean_of(pane), sum / count, 1e-6);
    EXPECT_NEAR(mean_square_of(pane), squares / count, 1e-6);
    EXPECT_NEAR(pane.variance, squares / count - sum * sum / count / count, 2e-6);
    EXPECT_NEAR(pane.magnitudes / pane.count, absolute / count, 1e-6);
    const Extremes extremes = extremes_f32(x.data(), n);
    EXPECT_EQ(extremes.min, *std::ranges::min_element(x));
    EXPECT_EQ(extremes.max, *std::ranges::max_element(x));
  }
}

TEST(Statistics, StayPreciseForSmallChangesOnALargeOffset) {
  std::vector<float> pascals(100);
  for (std::size_t i = 0; i < pascals.size(); ++i)
    pascals[i] = 101325.0F + (i % 2 == 0 ? 0.25F : -0.25F);
  EXPECT_EQ(mean_f32(pascals.data(), pascals.size()), 101325.0F);
  const Pane pane = pane_of_f32(pascals.data(), pascals.size(), of_variance_and_magnitudes);
  EXPECT_EQ(mean_of(pane), 101325.0F);
  EXPECT_EQ(pane.variance, 0.0625F);
}

TEST(Statistics, CountCrossingsOfTheMeanNotOfZero) {
  const std::vector<float> gravity = {9.7F, 9.9F, 9.7F, 9.9F, 9.9F, 9.7F};
  const float mean = mean_f32(gravity.data(), gravity.size());
  EXPECT_EQ(mean_crossings_f32(gravity.data(), gravity.size(), mean), 4U);
  const std::vector<float> touching = {1.0F, 0.0F, 1.0F, 0.0F, -1.0F, 0.0F, -1.0F};
  EXPECT_EQ(mean_crossings_f32(touching.data(), touching.size(), 0.0F), 1U);
  const std::vector<float> still(8, 3.0F);
  EXPECT_EQ(mean_crossings_f32(still.data(), still.size(), 3.0F), 0U);
}

std::size_t count_crossings(const std::vector<float>& x, float level) {
  std::size_t count = 0;
  float before = 0.0F;
  for (const float value : x) {
    const float now = value - level;
    count += now * before < 0.0F ? 1 : 0;
    before = now == 0.0F ? before : now;
  }
  return count;
}

TEST(Statistics, CountCrossingsHoweverOftenTheLevelIsTouched) {
  Random random(seed);
  for (std::size_t n = 1; n < 60; ++n) {
    std::vector<float> x(n);
    for (float& value : x) value = std::floor(3.0F * random.symmetric());
    for (const float level : {-0.5F, 0.0F, 1.0F}) {
      EXPECT_EQ(mean_crossings_f32(x.data(), n, level), count_crossings(x, level)) << n;
    }
  }
}

TEST(Statistics, FindExtremesWhereverTheyStand) {
  for (std::size_t n = 1; n < 20; ++n) {
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<float> x(n, -0.0F);
      x[i] = 2.0F;
      EXPECT_EQ(extremes_f32(x.data(), n).max, 2.0F);
      EXPECT_EQ(std::signbit(extremes_f32(x.data(), n).min), false);
      x[i] = -2.0F;
      EXPECT_EQ(extremes_f32(x.data(), n).min, -2.0F);
    }
  }
}

/// A recipe's bytes and its view, kept together.
struct Recipe {
  std::vector<std::uint8_t> bytes;
  RecipeView view{};
  bool opened = false;
};

RecipeChannel channel(const std::string& name) {
  RecipeChannel out{};
  std::ranges::copy(name, std::begin(out.name));
  return out;
}

Recipe make_recipe(float rate_hz, std::size_t samples, const std::vector<FeatureSpec>& features,
                   std::size_t channels = 1) {
  const std::vector<RecipeChannel> names(channels, channel("ax"));
  const RecipeContents contents{.rate_hz = rate_hz,
                                .window_samples = static_cast<std::uint16_t>(samples),
                                .step_samples = 10,
                                .channels = names.data(),
                                .channel_count = static_cast<std::uint16_t>(channels),
                                .features = features.data(),
                                .feature_count = static_cast<std::uint8_t>(features.size())};
  Recipe recipe;
  recipe.bytes.resize(recipe_bytes(contents));
  write_recipe(contents, recipe.bytes.data());
  recipe.opened = open_recipe(recipe.bytes.data(), recipe.bytes.size(), recipe.view);
  return recipe;
}

std::vector<float> evaluate(const Recipe& recipe, const std::vector<float>& window) {
  std::vector<float> features(recipe.view.inputs);
  std::vector<float> scratch(recipe_scratch_floats(recipe.view));
  evaluate_recipe(recipe.view, window.data(), recipe.view.window_samples, features.data(),
                  scratch.data());
  return features;
}

/// The documented formula in double: windowed, zero-padded DFT, sum over the bins of the band.
double band_amplitude(const std::vector<float>& x, double rate_hz, double from_hz, double to_hz) {
  const std::size_t n = x.size();
  std::size_t points = 1;
  while (points < n) points *= 2;
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(n);
  double power = 0.0;
  for (std::size_t k = 1; k < points / 2; ++k) {
    const double frequency_hz = static_cast<double>(k) * rate_hz / static_cast<double>(points);
    if (frequency_hz < from_hz || frequency_hz >= to_hz) continue;
    std::complex<double> bin;
    for (std::size_t t = 0; t < n; ++t) {
      const double phase =
          std::numbers::pi * 2.0 * (static_cast<double>(t) + 0.5) / static_cast<double>(n);
      const double weight = 0.5 - 0.5 * std::cos(phase);
      bin += weight * (static_cast<double>(x[t]) - mean) *
             std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * t % points) /
                                 static_cast<double>(points));
    }
    power += std::norm(bin);
  }
  return std::sqrt(16.0 * power / (3.0 * static_cast<double>(n * points)));
}

TEST(BandPower, AgreesWithAPlainTransformForAnyWindowLength) {
  for (const std::size_t samples : {8U, 9U, 15U, 16U, 17U, 100U, 119U, 128U, 129U, 1000U}) {
    const float rate_hz = 100.0F;
    const Recipe recipe =
        make_recipe(rate_hz, samples, {{FeatureKind::band_power, 2, 0.0F, 50.0F}});
    ASSERT_TRUE(recipe.opened) << samples;
    const auto x = noise(samples, 5.0F);
    const auto features = evaluate(recipe, x);
    EXPECT_NEAR(features[0], band_amplitude(x, 100.0, 0.0, 25.0), 2e-5) << samples;
    EXPECT_NEAR(features[1], band_amplitude(x, 100.0, 25.0, 50.0), 2e-5) << samples;
  }
}

TEST(BandPower, GivesTheRmsOfASineInItsBandAndNothingElsewhere) {
  const Recipe recipe = make_recipe(119.0F, 119, {{FeatureKind::band_power, 4, 2.0F, 50.0F}});
  ASSERT_TRUE(recipe.opened);
  std::vector<float> x(119);
  for (std::size_t t = 0; t < x.size(); ++t)
    x[t] = static_cast<float>(
        9.81 + 3.0 * std::sin(2.0 * std::numbers::pi * 8.0 * static_cast<double>(t) / 119.0));
  const auto features = evaluate(recipe, x);
  EXPECT_NEAR(features[0], 3.0 / std::numbers::sqrt2, 0.02);
  for (std::size_t band = 1; band < 4; ++band) EXPECT_LT(features[band], 0.02) << band;
}

TEST(Recipe, ComputesFeaturesChannelByChannel) {
  const Recipe recipe = make_recipe(0.0F, 4,
                                    {{FeatureKind::last, 0, 0, 0},
                                     {FeatureKind::mean, 0, 0, 0},
                                     {FeatureKind::std, 0, 0, 0},
                                     {FeatureKind::variance, 0, 0, 0},
                                     {FeatureKind::rms, 0, 0, 0},
                                     {FeatureKind::min, 0, 0, 0},
                                     {FeatureKind::max, 0, 0, 0},
                                     {FeatureKind::peak_to_peak, 0, 0, 0},
                                     {FeatureKind::zero_crossings, 0, 0, 0},
                                     {FeatureKind::mean_absolute, 0, 0, 0},
                                     {FeatureKind::energy, 0, 0, 0}},
                                    2);
  ASSERT_TRUE(recipe.opened);
  const auto features = evaluate(recipe, {1, -1, 1, -1, 2, 2, 6, 6});
  const std::vector<float> expected = {-1, 0, 1, 1, 1,         -1, 1, 2, 3, 1, 1,  //
                                       6,  4, 2, 4, 4.472136F, 2,  6, 4, 1, 4, 20};
  ASSERT_EQ(features.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ(features[i], expected[i]) << i;
}

TEST(Recipe, ReadsBackWhatWasWritten) {
  const Recipe recipe = make_recipe(
      119.0F, 119, {{FeatureKind::mean, 0, 0, 0}, {FeatureKind::band_power, 6, 0.5F, 20.0F}}, 9);
  ASSERT_TRUE(recipe.opened);
  EXPECT_EQ(recipe.view.rate_hz, 119.0F);
  EXPECT_EQ(recipe.view.window_samples, 119);
  EXPECT_EQ(recipe.view.step_samples, 10);
  EXPECT_EQ(recipe.view.inputs, 63);
  EXPECT_EQ(recipe.view.size, recipe.bytes.size());
  EXPECT_EQ(recipe.view.size, 20U + 9 * 20 + 2 * 12 + 33 * 4);
  EXPECT_STREQ(recipe_channel_name(recipe.view, 8), "ax");
  EXPECT_EQ(recipe_feature(recipe.view, 1).bands, 6);
  EXPECT_EQ(recipe_feature(recipe.view, 1).to, 20.0F);
}

TEST(Recipe, RefusesBandsThatHoldNoBinOrPassHalfTheRate) {
  EXPECT_TRUE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 8, 0.5F, 50.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 8, 0.5F, 50.1F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 8, 1.0F, 3.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 0, 0.5F, 50.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 65, 0.5F, 50.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 1, 20.0F, 20.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 1, -1.0F, 20.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 7, {{FeatureKind::band_power, 1, 0.0F, 50.0F}}).opened);
  EXPECT_FALSE(make_recipe(0.0F, 128, {{FeatureKind::band_power, 1, 0.0F, 0.0F}}).opened);
  EXPECT_FALSE(make_recipe(100.0F, 128, {{FeatureKind::band_power, 1, 0.0F, NAN}}).opened);
}

TEST(Recipe, RefusesLimitsBroken) {
  EXPECT_FALSE(make_recipe(1.0F, 0, {{FeatureKind::mean, 0, 0, 0}}).opened);
  EXPECT_FALSE(make_recipe(1.0F, 4097, {{FeatureKind::mean, 0, 0, 0}}).opened);
  EXPECT_FALSE(make_recipe(-1.0F, 10, {{FeatureKind::mean, 0, 0, 0}}).opened);
  EXPECT_FALSE(make_recipe(NAN, 10, {{FeatureKind::mean, 0, 0, 0}}).opened);
  EXPECT_FALSE(make_recipe(1.0F, 10, {}).opened);
  EXPECT_FALSE(make_recipe(1.0F, 10, std::vector<FeatureSpec>(65)).opened);
  EXPECT_TRUE(make_recipe(1.0F, 10, std::vector<FeatureSpec>(64), 64).opened);
  EXPECT_FALSE(make_recipe(1.0F, 10, std::vector<FeatureSpec>(64), 65).opened);
  EXPECT_FALSE(make_recipe(1.0F, 10, {{static_cast<FeatureKind>(feature_kinds), 0, 0, 0}}).opened);
}

TEST(Recipe, RefusesEveryTruncation) {
  const Recipe recipe = make_recipe(100.0F, 20, {{FeatureKind::band_power, 2, 0.0F, 50.0F}});
  ASSERT_TRUE(recipe.opened);
  for (std::size_t size = 0; size < recipe.bytes.size(); ++size) {
    RecipeView view{};
    EXPECT_FALSE(open_recipe(recipe.bytes.data(), size, view)) << size;
  }
}

TEST(Recipe, RefusesReservedBytesAndBadConstants) {
  namespace at = recipe_layout;
  const Recipe good = make_recipe(100.0F, 20, {{FeatureKind::band_power, 2, 0.0F, 50.0F}});
  const auto refused = [&](std::size_t offset, std::uint32_t word) {
    std::vector<std::uint8_t> bytes = good.bytes;
    std::memcpy(bytes.data() + offset, &word, 4);
    RecipeView view{};
    return !open_recipe(bytes.data(), bytes.size(), view);
  };
  const std::uint32_t nan = 0x7fc00000U;
  const std::size_t features = at::header_bytes + at::channel_bytes;
  EXPECT_TRUE(refused(at::hann_cosine, nan));
  EXPECT_TRUE(refused(at::hann_sine, 0x40000000U));
  EXPECT_TRUE(refused(at::header_bytes + at::channel_quantity, 0x010000U));
  EXPECT_TRUE(refused(features, 0x0001020bU));
  EXPECT_TRUE(refused(features + at::feature_bytes, nan));
  EXPECT_TRUE(refused(good.bytes.size() - 4, 0xc0000000U));
  EXPECT_TRUE(refused(at::header_bytes, 0x000000ffU));
}

TEST(Recipe, TableOfCosinesIsExactToTheLastBitOfFloat) {
  const Recipe recipe = make_recipe(100.0F, 4096, {{FeatureKind::band_power, 2, 0.0F, 50.0F}});
  ASSERT_TRUE(recipe.opened);
  for (std::size_t i = 0; i <= 1024; ++i) {
    float entry = 0.0F;
    std::memcpy(&entry, recipe.view.spectrum.cosine_table + 4 * i, 4);
    const double exact = std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / 4096.0);
    ASSERT_NEAR(entry, exact, 6e-8) << i;
  }
}

}  // namespace
}  // namespace haltere::kernels
