// Whatever comes in, features are finite numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "fusion/window.hpp"
#include "fusion/window_features.hpp"

namespace haltere::fusion {
namespace {

using kernels::FeatureKind;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float most = std::numeric_limits<float>::max();

sensors::Layout imu(std::size_t channels, double rate_hz) {
  const std::array names{"ax", "ay", "az", "gx", "gy", "gz", "temperature"};
  sensors::Layout row{.channels = {}, .rate_hz = rate_hz};
  for (std::size_t i = 0; i < channels; ++i) row.channels.push_back({.name = names.at(i)});
  return row;
}

std::unique_ptr<Window> make_all(std::size_t samples, std::size_t step,
                                 const sensors::Layout& row) {
  WindowSettings settings;
  settings.length_samples = samples;
  settings.step_samples = step;
  settings.features = all_features(samples, row);
  if (samples >= kernels::min_spectrum_samples && row.rate_hz > 0.0) {
    settings.features.push_back({FeatureKind::order_amplitude, 2, 7.0F, 1.5F});
    settings.features.push_back({FeatureKind::envelope_tone, 2, 9.0F, 20.0F});
  }
  auto window = Window::create(settings, row);
  EXPECT_TRUE(window) << (window ? "" : window.error().message);
  return std::move(window).value();
}

void expect_finite(const Window& window, const std::string& what) {
  const auto names = window.layout().channels;
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_TRUE(std::isfinite(window.output()[i])) << names[i].name << " of " << what;
}

/// Signals that break what divides by spreads, sums squares or takes logarithms.
float strange(std::size_t kind, std::size_t t, std::mt19937& random) {
  const float noise = static_cast<float>(random() >> 8U) / 8388608.0F - 1.0F;
  switch (kind) {
    case 0: return 0.0F;
    case 1: return -3.5F;
    case 2: return t % 2 == 0 ? most : -most;
    case 3: return t == 5 ? most : 0.0F;
    case 4: return 1e-42F * noise;
    case 5: return t % 3 == 0 ? 16.0F : -16.0F;  // saturated
    case 6: return std::ldexp(noise, static_cast<int>(random() % 250) - 125);
    case 7: return 101325.0F + 0.01F * noise;
    default: return t % 16 < 8 ? -0.0F : 0.0F;
  }
}
constexpr std::size_t strange_kinds = 9;

TEST(WindowHostile, FeaturesAreFiniteForAnySignalAndLength) {
  std::mt19937 random(9);
  for (const std::size_t samples : {1U, 2U, 3U, 5U, 7U, 8U, 9U, 31U, 64U, 100U})
    for (std::size_t kind = 0; kind < strange_kinds; ++kind) {
      const auto window = make_all(samples, 1, imu(7, 100.0));
      std::array<float, 7> row{};
      for (std::size_t t = 0; t < samples + 3; ++t) {
        for (std::size_t c = 0; c < row.size(); ++c)
          row.at(c) = strange((kind + c) % strange_kinds, t, random);
        if (window->update(static_cast<sensors::TimeNs>(t), false, row))
          expect_finite(*window, std::to_string(samples) + " samples of " + std::to_string(kind));
      }
    }
}

TEST(WindowHostile, AWindowNeverHoldsAValueThatIsNoNumber) {
  const auto window = make_all(8, 4, imu(3, 0.0));
  std::vector<int> complete;
  for (int t = 0; t < 40; ++t) {
    const bool missing = t == 3 || t == 20;
    const std::array row{1.0F * static_cast<float>(t), missing ? nan : 2.0F,
                         t == 30 ? std::numeric_limits<float>::infinity() : 3.0F};
    if (!window->update(t, false, row)) continue;
    complete.push_back(t);
    expect_finite(*window, std::to_string(t));
  }
  EXPECT_EQ(complete, (std::vector<int>{11, 15, 19, 28, 38}));
  EXPECT_EQ(window->unusable_rows(), 3U);
}

TEST(WindowHostile, RandomHolesAndGapsLeaveWindowsWhole) {
  std::mt19937 random(77);
  const auto window = make_all(16, 3, imu(2, 50.0));
  int whole = 0;
  for (int t = 0; t < 3000; ++t) {
    ++whole;
    const bool gap = random() % 40 == 0;
    const bool hole = random() % 60 == 0;
    if (gap) whole = 1;
    const auto value = static_cast<float>(random() % 2001) - 1000.0F;
    const std::array row{value, hole ? nan : -value};
    const bool complete = window->update(t, gap, row);
    if (hole) whole = 0;
    if (!complete) continue;
    EXPECT_GE(whole, 16);
    expect_finite(*window, std::to_string(t));
  }
}

TEST(WindowHostile, AllFeaturesFitAnyWindowAndNameEachValueOnce) {
  for (const double rate_hz : {0.0, 0.1, 50.0, 48000.0})
    for (std::size_t samples = 1; samples <= 130; ++samples) {
      const auto row = imu(6, rate_hz);
      WindowSettings settings;
      settings.length_samples = samples;
      settings.features = all_features(samples, row);
      const auto window = Window::create(settings, row);
      ASSERT_TRUE(window) << samples << " at " << rate_hz << ": " << window.error().message;
      auto names = (*window)->layout().channels;
      std::ranges::sort(names, {}, &sensors::Channel::name);
      const auto same = std::ranges::adjacent_find(names, {}, &sensors::Channel::name);
      EXPECT_EQ(same, names.end()) << same->name;
    }
}

}  // namespace
}  // namespace haltere::fusion
