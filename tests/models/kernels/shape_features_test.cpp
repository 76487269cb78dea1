// Features of shape and spectrum against their formulas in double (models/format.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include "models/kernels/elementary_f32.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_writer.hpp"
#include "models/kernels/shape_f32.hpp"
#include "models/random.hpp"

namespace haltere::kernels {
namespace {

constexpr float rate_hz = 50.0F;
using Values = std::vector<double>;

/// A tone, noise that leans to one side, and an offset.
std::vector<float> signal(std::size_t n, std::uint64_t seed) {
  models::Random random(seed);
  std::vector<float> x(n);
  for (std::size_t t = 0; t < n; ++t) {
    const float noise = random.symmetric();
    x[t] = 0.3F + std::sin(0.4F * static_cast<float>(t)) + 0.5F * noise * std::abs(noise) +
           0.3F * std::abs(random.symmetric());
  }
  return x;
}

double mean_of(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

/// sum(|x - mean|^power or its signed power) / n.
double moment(const Values& x, int power) {
  double sum = 0.0;
  for (const double value : x) sum += std::pow(value - mean_of(x), power);
  return sum / static_cast<double>(x.size());
}

double quantile(Values x, double share) {
  std::ranges::sort(x);
  const double position = share * static_cast<double>(x.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 == x.size()) return x.back();
  return x[below] + (position - static_cast<double>(below)) * (x[below + 1] - x[below]);
}

std::size_t points_of(const Values& x) {
  std::size_t points = 1;
  while (points < x.size()) points *= 2;
  return points;
}

/// |X_k|^2 for k = 0..points / 2 - 1, bin 0 set to 0.
Values power_of(const Values& x) {
  const std::size_t points = points_of(x);
  Values power(points / 2, 0.0);
  for (std::size_t k = 1; k < power.size(); ++k) {
    std::complex<double> sum = 0.0;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const double hann =
          0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * (static_cast<double>(t) + 0.5) /
                               static_cast<double>(x.size()));
      sum += hann * (x[t] - mean_of(x)) *
             std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * t) /
                                 static_cast<double>(points));
    }
    power[k] = std::norm(sum);
  }
  return power;
}

double centroid(const Values& power) {
  double sum = 0.0;
  for (std::size_t k = 0; k < power.size(); ++k) sum += static_cast<double>(k) * power[k];
  return sum / std::accumulate(power.begin(), power.end(), 0.0);
}

double spread(const Values& power) {
  double sum = 0.0;
  for (std::size_t k = 0; k < power.size(); ++k)
    sum += std::pow(static_cast<double>(k) - centroid(power), 2) * power[k];
  return std::sqrt(sum / std::accumulate(power.begin(), power.end(), 0.0));
}

double entropy(const Values& power) {
  const double total = std::accumulate(power.begin(), power.end(), 0.0);
  double sum = 0.0;
  for (const double p : power)
    if (p > 0.0) sum -= p / total * std::log(p / total);
  return sum / std::log(static_cast<double>(power.size() - 1));
}

double rolloff(const Values& power) {
  const double wanted = 0.85 * std::accumulate(power.begin(), power.end(), 0.0);
  double sum = 0.0;
  for (std::size_t k = 0; k < power.size(); ++k) {
    sum += power[k];
    if (sum >= wanted) return static_cast<double>(k);
  }
  return static_cast<double>(power.size() - 1);
}

double slope(const Values& x) {
  double above = 0.0;
  double below = 0.0;
  for (std::size_t t = 0; t < x.size(); ++t) {
    const double from_middle = static_cast<double>(t) - 0.5 * static_cast<double>(x.size() - 1);
    above += from_middle * x[t];
    below += from_middle * from_middle;
  }
  return above / below;
}

double mean_change(const Values& x) {
  double sum = 0.0;
  for (std::size_t t = 1; t < x.size(); ++t) sum += std::abs(x[t] - x[t - 1]);
  return sum / static_cast<double>(x.size() - 1);
}

double autocorrelation(const Values& x) {
  const auto lagged = [&](std::size_t lag) {
    double sum = 0.0;
    for (std::size_t t = 0; t + lag < x.size(); ++t)
      sum += (x[t] - mean_of(x)) * (x[t + lag] - mean_of(x));
    return sum;
  };
  double highest = 0.0;
  bool below = false;
  for (std::size_t lag = 1; lag <= x.size() / 2; ++lag) {
    below = below || lagged(lag) <= 0.0;
    if (below) highest = std::max(highest, lagged(lag));
  }
  return highest / lagged(0);
}

double mean_deviation(const Values& x) {
  double sum = 0.0;
  for (const double value : x) sum += std::abs(value - mean_of(x));
  return sum / static_cast<double>(x.size());
}

double crest(const Values& x) {
  double largest = 0.0;
  double squares = 0.0;
  for (const double value : x) {
    largest = std::max(largest, std::abs(value));
    squares += value * value;
  }
  return largest / std::sqrt(squares / static_cast<double>(x.size()));
}

struct Formula {
  FeatureKind kind;
  std::function<double(const Values&)> value;
};

std::vector<Formula> formulas() {
  const auto hz = [](const Values& x, double bin) {
    return bin * static_cast<double>(rate_hz) / static_cast<double>(points_of(x));
  };
  const auto dominant = [](const Values& x) {
    const Values power = power_of(x);
    return static_cast<double>(std::ranges::max_element(power) - power.begin());
  };
  return {
      {FeatureKind::median, [](const Values& x) { return quantile(x, 0.5); }},
      {FeatureKind::lower_quartile, [](const Values& x) { return quantile(x, 0.25); }},
      {FeatureKind::upper_quartile, [](const Values& x) { return quantile(x, 0.75); }},
      {FeatureKind::quartile_range,
       [](const Values& x) { return quantile(x, 0.75) - quantile(x, 0.25); }},
      {FeatureKind::mean_deviation, mean_deviation},
      {FeatureKind::skewness,
       [](const Values& x) { return moment(x, 3) / std::pow(moment(x, 2), 1.5); }},
      {FeatureKind::kurtosis,
       [](const Values& x) { return moment(x, 4) / std::pow(moment(x, 2), 2) - 3.0; }},
      {FeatureKind::crest_factor, crest},
      {FeatureKind::slope, [](const Values& x) { return 50.0 * slope(x); }},
      {FeatureKind::jerk, [](const Values& x) { return 50.0 * mean_change(x); }},
      {FeatureKind::autocorrelation, autocorrelation},
      {FeatureKind::dominant_frequency, [=](const Values& x) { return hz(x, dominant(x)); }},
      {FeatureKind::spectral_centroid,
       [=](const Values& x) { return hz(x, centroid(power_of(x))); }},
      {FeatureKind::spectral_spread, [=](const Values& x) { return hz(x, spread(power_of(x))); }},
      {FeatureKind::spectral_entropy, [](const Values& x) { return entropy(power_of(x)); }},
      {FeatureKind::spectral_rolloff, [=](const Values& x) { return hz(x, rolloff(power_of(x))); }},
  };
}

float evaluate(FeatureKind kind, const std::vector<float>& x, float rate = rate_hz) {
  RecipeChannel channel{};
  channel.name[0] = 'x';
  const FeatureSpec feature{kind, 0, 0.0F, 0.0F};
  const RecipeContents contents{.rate_hz = rate,
                                .window_samples = static_cast<std::uint16_t>(x.size()),
                                .step_samples = 1,
                                .channels = &channel,
                                .channel_count = 1,
                                .features = &feature,
                                .feature_count = 1};
  std::vector<std::uint8_t> bytes(recipe_bytes(contents));
  write_recipe(contents, bytes.data());
  RecipeView view{};
  EXPECT_TRUE(open_recipe(bytes.data(), bytes.size(), view)) << feature_name(kind);
  std::vector<float> scratch(recipe_scratch_floats(view));
  float value = 0.0F;
  evaluate_recipe(view, x.data(), x.size(), &value, scratch.data());
  return value;
}

TEST(ShapeFeatures, FollowTheirFormulas) {
  for (const Formula& formula : formulas())
    for (const std::size_t n : {8U, 9U, 11U, 64U, 119U, 200U}) {
      const std::vector<float> x = signal(n, n);
      const double expected = formula.value(Values(x.begin(), x.end()));
      EXPECT_NEAR(evaluate(formula.kind, x), expected, 2e-5 * (1.0 + std::abs(expected)))
          << feature_name(formula.kind) << " of " << n;
    }
}

TEST(ShapeFeatures, CountSignChangesOfTheSignalItself) {
  EXPECT_EQ(evaluate(FeatureKind::sign_changes, {1, -1, 0, -2, 3, 3, 0, 4}), 2.0F);
  EXPECT_EQ(evaluate(FeatureKind::sign_changes, {9, 8, 9, 8, 9, 8, 9, 8}), 0.0F);
}

TEST(ShapeFeatures, FindAToneAndItsAmplitude) {
  for (const std::size_t n : {100U, 128U}) {
    std::vector<float> x(n);
    for (std::size_t t = 0; t < n; ++t)
      x[t] = 5.0F + 2.0F * std::sin(0.62831853F * static_cast<float>(t));  // 5 Hz
    EXPECT_NEAR(evaluate(FeatureKind::dominant_frequency, x), 5.0F, 0.5F * rate_hz / 128.0F);
    EXPECT_NEAR(evaluate(FeatureKind::dominant_amplitude, x), std::numbers::sqrt2_v<float>, 0.01F);
    EXPECT_GT(evaluate(FeatureKind::autocorrelation, x), 0.7F);
    EXPECT_LT(evaluate(FeatureKind::spectral_entropy, x), 0.45F);
  }
}

TEST(ShapeFeatures, AreFiniteForWhatNeverVaries) {
  for (const float level : {0.0F, -3.5F, 1e30F})
    for (std::uint8_t kind = 0; kind < feature_kinds; ++kind) {
      if (has_bands(static_cast<FeatureKind>(kind))) continue;
      if (is_of_vector(static_cast<FeatureKind>(kind))) continue;
      const float value = evaluate(static_cast<FeatureKind>(kind), std::vector<float>(16, level));
      EXPECT_TRUE(std::isfinite(value)) << int{kind} << " of " << level;
    }
}

TEST(ShapeFeatures, CountPerSampleWithoutARate) {
  const std::vector<float> x = signal(64, 5);
  EXPECT_FLOAT_EQ(evaluate(FeatureKind::slope, x), rate_hz * evaluate(FeatureKind::slope, x, 0.0F));
  EXPECT_FLOAT_EQ(evaluate(FeatureKind::spectral_centroid, x),
                  rate_hz * evaluate(FeatureKind::spectral_centroid, x, 0.0F));
}

TEST(Logarithm, IsCloseToTheLibrarys) {
  for (const float x : {1e-37F, 1e-12F, 0.3F, 0.70710677F, 0.70710683F, 0.999F, 1.0F, 1.5F, 2.0F,
                        31.0F, 2047.0F, 3e38F}) {
    const double expected = std::log(static_cast<double>(x));
    EXPECT_NEAR(logarithm_f32(x), expected, 2e-7 * std::max(1.0, std::abs(expected))) << x;
  }
}

TEST(Exponential, IsCloseToTheLibrarys) {
  for (float x = -80.0F; x <= 80.0F; x += 0.37F) {
    const double expected = std::exp(static_cast<double>(x));
    EXPECT_NEAR(static_cast<double>(exponential_f32(x)) / expected, 1.0, 3e-7) << x;
  }
}

TEST(SineOfTurns, IsCloseToTheLibrarys) {
  for (float turns = 0.0F; turns <= 0.25F; turns += 0.001F)
    EXPECT_NEAR(sine_of_turns_f32(turns),
                std::sin(2.0 * std::numbers::pi * static_cast<double>(turns)), 2e-7)
        << turns;
}

}  // namespace
}  // namespace haltere::kernels
