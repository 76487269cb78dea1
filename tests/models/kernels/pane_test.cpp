// Panes put together in every way against the formulas of all their samples in double.
#include "models/kernels/pane_f32.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/vector_f32.hpp"
#include "models/kernels/window_panes.hpp"
#include "models/random.hpp"

namespace haltere::kernels {
namespace {

constexpr PaneNeeds everything{true, true, true, true, true, true, true};

/// Leaning noise about `offset`, of which some values are the same and some zero.
std::vector<float> signal(std::size_t n, float offset, float scale) {
  models::Random random(n);
  std::vector<float> x(n);
  for (std::size_t t = 0; t < n; ++t) {
    const float noise = random.symmetric();
    x[t] = offset + scale * std::round(64.0F * noise * std::abs(noise)) / 64.0F;
    if (t % 7 == 3) x[t] = 0.0F + offset;
  }
  return x;
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
  double skewness = 0.0;
  double kurtosis = 0.0;
};

Moments moments_of(std::span<const float> x) {
  const auto n = static_cast<double>(x.size());
  Moments found;
  for (const float value : x) found.mean += static_cast<double>(value) / n;
  std::vector<double> powers(5, 0.0);
  for (const float value : x)
    for (std::size_t k = 2; k < 5; ++k)
      powers[k] += std::pow(static_cast<double>(value) - found.mean, static_cast<double>(k)) / n;
  found.variance = powers[2];
  found.skewness = powers[3] / std::pow(powers[2], 1.5);
  found.kurtosis = powers[4] / powers[2] / powers[2] - 3.0;
  return found;
}

double slope_in_double(std::span<const float> x) {
  const double middle = 0.5 * static_cast<double>(x.size() - 1);
  double above = 0.0;
  double below = 0.0;
  for (std::size_t t = 0; t < x.size(); ++t) {
    const double time = static_cast<double>(t) - middle;
    above += time * (static_cast<double>(x[t]) - moments_of(x).mean);
    below += time * time;
  }
  return above / below;
}

/// One pane of panes of `first`, then each of `step` samples.
Pane put_together(std::span<const float> x, std::size_t first, std::size_t step) {
  Pane pane = pane_of_f32(x.data(), first, everything);
  for (std::size_t at = first; at < x.size(); at += step)
    append_pane(pane, pane_of_f32(&x[at], std::min(step, x.size() - at), everything), everything);
  return pane;
}

void expect_moments(const Pane& pane, std::span<const float> x) {
  const Moments expected = moments_of(x);
  const double deviation = std::sqrt(expected.variance);
  EXPECT_EQ(pane.count, static_cast<float>(x.size()));
  EXPECT_NEAR(mean_of(pane), expected.mean, 1e-6 * deviation + 6e-8 * std::abs(expected.mean));
  EXPECT_NEAR(static_cast<double>(pane.variance) / expected.variance, 1.0, 3e-6);
  EXPECT_NEAR(skewness_of(pane), expected.skewness, 2e-5);
  EXPECT_NEAR(kurtosis_of(pane), expected.kurtosis, 2e-5 * (3.0 + std::abs(expected.kurtosis)));
}

TEST(Pane, HasTheMomentsOfItsSamplesHoweverItWasPutTogether) {
  for (const float scale : {1e-12F, 1.0F, 1e12F}) {
    const std::vector<float> x = signal(200, 0.3F * scale, scale);
    for (const std::size_t first : {1U, 3U, 50U, 199U, 200U})
      for (const std::size_t step : {1U, 2U, 16U, 61U, 150U})
        expect_moments(put_together(x, first, step), x);
  }
}

TEST(Pane, StaysPreciseOnALargeOffset) {
  // A door that opens, in an air pressure of which a float's steps are 8 mPa.
  const std::vector<float> x = signal(400, 101325.0F, 2.0F);
  for (const std::size_t step : {1U, 10U, 100U}) expect_moments(put_together(x, 20, step), x);
}

TEST(Pane, HasTheExtremesAndMovementsOfItsSamples) {
  const std::vector<float> x = signal(120, 0.0F, 1.0F);
  double changes = 0.0;
  double magnitudes = std::abs(static_cast<double>(x[0]));
  for (std::size_t t = 1; t < x.size(); ++t) {
    changes += std::abs(static_cast<double>(x[t]) - static_cast<double>(x[t - 1]));
    magnitudes += std::abs(static_cast<double>(x[t]));
  }
  for (const std::size_t step : {1U, 5U, 40U, 119U}) {
    const Pane pane = put_together(x, 1, step);
    EXPECT_EQ(pane.min, *std::ranges::min_element(x));
    EXPECT_EQ(pane.max, *std::ranges::max_element(x));
    EXPECT_NEAR(pane.magnitudes, magnitudes, 1e-4);
    EXPECT_NEAR(mean_change_of(pane), changes / 119.0, 2e-6);
    EXPECT_NEAR(slope_of(pane), slope_in_double(x), 2e-7);
  }
}

float sign_changes(std::span<const float> x) {
  float count = 0.0F;
  float before = 0.0F;
  for (const float value : x) {
    count += value * before < 0.0F ? 1.0F : 0.0F;
    before = value == 0.0F ? before : value;
  }
  return count;
}

TEST(Pane, CountsSignChangesAcrossZerosAndBorders) {
  models::Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> x(24);
    for (float& value : x) value = std::round(1.4F * random.symmetric());
    const float expected = sign_changes(x);
    for (const std::size_t step : {1U, 2U, 5U, 23U})
      EXPECT_EQ(put_together(x, 1, step).crossings, expected);
  }
}

TEST(Pane, OfAConstantHasNoShape) {
  const std::vector<float> x(40, -3.7F);
  const Pane pane = put_together(x, 7, 11);
  EXPECT_EQ(mean_of(pane), -3.7F);
  EXPECT_EQ(pane.variance, 0.0F);
  EXPECT_EQ(skewness_of(pane), 0.0F);
  EXPECT_EQ(kurtosis_of(pane), 0.0F);
  EXPECT_EQ(slope_of(pane), 0.0F);
}

TEST(PairPane, HasTheCorrelationHoweverItWasPutTogether) {
  const std::vector<float> x = signal(90, 9.81F, 0.05F);
  std::vector<float> y = signal(90, -101325.0F, 3.0F);
  for (std::size_t t = 0; t < y.size(); ++t) y[t] += 20.0F * x[t];
  const Moments of_x = moments_of(x);
  const Moments of_y = moments_of(y);
  double products = 0.0;
  for (std::size_t t = 0; t < x.size(); ++t)
    products += (static_cast<double>(x[t]) - of_x.mean) * (static_cast<double>(y[t]) - of_y.mean);
  const double expected = products / 90.0 / std::sqrt(of_x.variance * of_y.variance);
  for (const std::size_t step : {1U, 9U, 45U}) {
    PairPane pane = pair_pane_of_f32(x.data(), y.data(), step);
    for (std::size_t at = step; at < x.size(); at += step)
      append_pair_pane(pane, pair_pane_of_f32(&x[at], &y[at], std::min(step, x.size() - at)));
    EXPECT_NEAR(correlation_of(pane), expected, 3e-6) << step;
  }
}

TEST(WindowPanes, TakeEverySampleOnceAndInOrder) {
  for (const std::size_t n : {1U, 2U, 12U, 119U, 200U})
    for (std::size_t step = 1; step <= n + 2; ++step) {
      std::size_t next = 0;
      const auto make = [&](std::size_t first, std::size_t count) {
        EXPECT_EQ(first, next);
        EXPECT_GT(count, 0U);
        next = first + count;
        return count;
      };
      const auto append = [](std::size_t& pane, std::size_t more) { pane += more; };
      const WindowPanes panes(n, step);
      std::vector<std::size_t> stack(panes.stack());
      EXPECT_EQ(window_pane(panes, make, append, stack.data()), n);
      EXPECT_EQ(next, n);
    }
}

}  // namespace
}  // namespace haltere::kernels
