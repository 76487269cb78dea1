#include "fusion/window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "fusion/window_features.hpp"
#include "models/kernels/recipe.hpp"
#include "models/random.hpp"

namespace haltere::fusion {
namespace {

using kernels::FeatureKind;
using kernels::FeatureSpec;
using sensors::TimeNs;

constexpr FeatureSpec last{FeatureKind::last, 0, 0.0F, 0.0F};
constexpr FeatureSpec mean{FeatureKind::mean, 0, 0.0F, 0.0F};
constexpr FeatureSpec peak_to_peak{FeatureKind::peak_to_peak, 0, 0.0F, 0.0F};

sensors::Layout row_of(std::size_t channels, double rate_hz) {
  sensors::Layout row{.channels = {}, .rate_hz = rate_hz};
  for (std::size_t i = 0; i < channels; ++i)
    row.channels.push_back({"c" + std::to_string(i), sensors::Quantity::acceleration});
  return row;
}

WindowSettings samples(std::size_t length, std::size_t step, std::vector<FeatureSpec> features) {
  WindowSettings settings;
  settings.length_samples = length;
  settings.step_samples = step;
  settings.features = std::move(features);
  return settings;
}

std::unique_ptr<Window> make(const WindowSettings& settings, const sensors::Layout& row) {
  auto window = Window::create(settings, row);
  EXPECT_TRUE(window) << (window ? "" : window.error().message);
  return std::move(window).value();
}

/// Pushes values `from`..`to` - 1 as one channel, 10 ns apart; the newest value of each window due.
std::vector<float> push_range(Window& window, int from, int to, bool starts_segment) {
  std::vector<float> ends;
  for (int i = from; i < to; ++i) {
    const std::array row = {static_cast<float>(i)};
    if (window.update(TimeNs{10} * i, starts_segment && i == from, row))
      ends.push_back(window.output().back());
  }
  return ends;
}

TEST(Window, IsDueAfterItsLengthAndThenEveryStep) {
  const auto window = make(samples(5, 2, {last}), row_of(1, 0.0));
  EXPECT_EQ(push_range(*window, 0, 12, false), (std::vector<float>{4, 6, 8, 10}));
}

TEST(Window, SkipsRowsWhenTheStepIsLongerThanTheWindow) {
  const auto window = make(samples(2, 5, {peak_to_peak, last}), row_of(1, 0.0));
  EXPECT_EQ(push_range(*window, 0, 14, false), (std::vector<float>{1, 6, 11}));
  EXPECT_EQ(window->output()[0], 1.0F);
}

TEST(Window, NeverSpansTheStartOfASegment) {
  const auto window = make(samples(4, 4, {peak_to_peak, last}), row_of(1, 0.0));
  EXPECT_EQ(push_range(*window, 0, 7, true), std::vector<float>{3});
  EXPECT_EQ(push_range(*window, 100, 103, true), std::vector<float>{});
  EXPECT_EQ(push_range(*window, 200, 204, true), std::vector<float>{203});
  EXPECT_EQ(window->output()[0], 3.0F);
}

TEST(Window, KnowsWhenItBeganAndEnded) {
  const auto window = make(samples(4, 1, {last}), row_of(1, 0.0));
  for (int i = 0; i < 11; ++i) {
    const std::array row = {0.0F};
    if (!window->update(TimeNs{100} + i, false, row)) continue;
    EXPECT_EQ(window->first_time_ns(), 100 + i - 3);
    EXPECT_EQ(window->last_time_ns(), 100 + i);
  }
}

std::vector<float> evaluate_newest(const Window& window,
                                   const std::vector<std::vector<float>>& columns) {
  const std::ptrdiff_t n = window.view().window_samples;
  std::vector<float> contiguous;
  for (const auto& column : columns)
    contiguous.insert(contiguous.end(), column.end() - n, column.end());
  std::vector<float> expected(window.output().size());
  std::vector<float> scratch(kernels::recipe_scratch_floats(window.view()));
  kernels::evaluate_recipe(window.view(), contiguous.data(), static_cast<std::size_t>(n),
                           expected.data(), scratch.data());
  return expected;
}

TEST(Window, ComputesTheSameBitsAsTheRecipeOnContiguousRowsHoweverTheyOverlap) {
  const sensors::Layout row_layout = row_of(3, 119.0);
  for (const std::size_t step : {1U, 7U, 59U, 60U, 119U, 130U}) {
    const auto window = make(samples(119, step, all_features(119, row_layout)), row_layout);
    models::Random random(1);
    std::vector<std::vector<float>> columns(3);
    std::size_t windows = 0;
    for (int i = 0; i < 700; ++i) {
      std::array<float, 3> row{};
      for (std::size_t c = 0; c < 3; ++c)
        columns[c].push_back(row[c] = std::floor(20.0F * random.symmetric()) / 3.0F);
      if (i == 390) columns[1].back() = row[1] = std::numeric_limits<float>::infinity();
      if (!window->update(i, i == 200, row)) continue;
      ++windows;
      if (step == 1 && i % 40 > 2) continue;  // comparing all would take long
      ASSERT_TRUE(std::ranges::equal(window->output(), evaluate_newest(*window, columns)));
    }
    // Up to the new segment, up to the row that is no number, and after it.
    std::size_t expected = 0;
    for (const std::size_t rows : {200U, 190U, 309U}) expected += (rows - 119) / step + 1;
    EXPECT_EQ(windows, expected) << "a window every " << step << " rows";
  }
}

TEST(Window, TurnsDurationsIntoSamplesAtTheInputsRate) {
  WindowSettings settings;
  settings.length_s = 1.0;
  settings.step_s = 0.5;
  settings.features = {mean};
  const auto window = make(settings, row_of(2, 119.0));
  EXPECT_EQ(window->view().window_samples, 119);
  EXPECT_EQ(window->view().step_samples, 60);
  EXPECT_NEAR(window->layout().rate_hz, 119.0 / 60.0, 1e-6);
}

TEST(Window, NamesItsFeaturesAndChannels) {
  sensors::Layout row{.channels = {{"ax", sensors::Quantity::acceleration},
                                   {"a_name_longer_than_16", sensors::Quantity::number}},
                      .rate_hz = 100.0};
  const auto window =
      make(samples(100, 100, {mean, {FeatureKind::band_power, 2, 1.0F, 50.0F}}), row);
  std::vector<std::string> names;
  for (const auto& channel : window->layout().channels) names.push_back(channel.name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "mean(ax)", "band_power1(ax)", "band_power2(ax)", "mean(a_name_longer_th)",
                       "band_power1(a_name_longer_th)", "band_power2(a_name_longer_th)"}));
  EXPECT_EQ(kernels::recipe_channel_quantity(window->view(), 0),
            static_cast<std::uint8_t>(sensors::Quantity::acceleration));
}

// ---- settings ---------------------------------------------------------------------------------

struct Configured {
  sensors::Layout layout;
  std::vector<std::string> messages;
  std::vector<config::Position> positions;
  std::unique_ptr<Filter> filter;
};

Configured configure(const std::string& yaml, double rate_hz) {
  std::vector<config::Diagnostic> diagnostics;
  const auto node = config::parse_yaml(yaml, diagnostics);
  Configured out;
  if (node) {
    const auto section = config::read_section(*node, window_type.component.settings,
                                              "fusion platform 'window'", diagnostics);
    const std::array inputs = {row_of(3, rate_hz), row_of(3, rate_hz)};
    if (diagnostics.empty()) out.layout = window_type.output(section, inputs, diagnostics);
    if (diagnostics.empty()) out.filter = window_type.make(section, inputs);
  }
  for (const auto& diagnostic : diagnostics) {
    out.messages.push_back(diagnostic.message);
    out.positions.push_back(diagnostic.position);
  }
  return out;
}

TEST(WindowSettings, ReadTheGesturePipelinesWindow) {
  const Configured configured = configure(
      "inputs: [imu.acceleration, imu.angular_rate]\nlength: 1s\nstep: 1s\n"
      "features: [mean, std, min, max, peak_to_peak, zero_crossings, "
      "{band_power: {bands: 6, from: 0.5Hz, to: 20Hz}}]\n",
      119.0);
  EXPECT_EQ(configured.messages, std::vector<std::string>{});
  EXPECT_EQ(configured.layout.channels.size(), 6U * 12U);
  ASSERT_NE(configured.filter, nullptr);
  EXPECT_FALSE(configured.filter->recipe().empty());
}

TEST(WindowSettings, TakeAStepAsLongAsTheWindowByDefault) {
  const Configured configured =
      configure("{inputs: [a, b], length_samples: 10, features: [mean]}", 0.0);
  EXPECT_EQ(configured.messages, std::vector<std::string>{});
  EXPECT_EQ(dynamic_cast<Window&>(*configured.filter).view().step_samples, 10);
}

struct Mistake {
  std::string yaml;
  double rate_hz;
  std::string message;  ///< part of it
  int line;
};

TEST(WindowSettings, SayWhatIsWrongAndWhere) {
  const std::string start = "inputs: [a, b]\n";
  const std::vector<Mistake> mistakes = {
      {start + "features: [mean]\n", 100.0, "a window needs a length", 1},
      {start + "length: 1s\nlength_samples: 100\nfeatures: [mean]\n", 100.0, "not both", 3},
      {start + "length: 1s\nstep: 1s\nstep_samples: 100\nfeatures: [mean]\n", 100.0, "not both", 4},
      {start + "length: 1s\nfeatures: [mean]\n", 0.0, "no known rate", 2},
      {start + "length: 100s\nfeatures: [mean]\n", 100.0, "at most 4096", 2},
      {start + "length: 1s\nstep: 1000s\nfeatures: [mean]\n", 100.0, "at most 65535", 3},
      {start + "length: 1s\nfeatures:\n- mean\n- {band_power: {from: 1Hz, to: 51Hz}}\n", 100.0,
       "`to` may be 50 Hz at most", 5},
      {start + "length: 1s\nfeatures:\n- {band_power: {from: 9Hz, to: 5Hz}}\n", 100.0,
       "`from` below `to`", 4},
      {start + "length: 1s\nfeatures:\n- {band_power: {bands: 9, from: 1Hz, to: 5Hz}}\n", 100.0,
       "narrower than the window's resolution", 4},
      {start + "length_samples: 10\nfeatures:\n- {band_power: {from: 1Hz, to: 5Hz}}\n", 0.0,
       "needs a known rate", 4},
      {start + "length_samples: 7\nfeatures:\n- {band_power: {from: 1Hz, to: 5Hz}}\n", 10.0,
       "at least 8 samples", 4},
      {start + "length: 1s\nfeatures: []\n", 100.0, "1 to 64 features", 3},
      {start + "length: 1s\nfeatures: [meen]\n", 100.0, "did you mean 'mean'", 3},
  };
  for (const auto& mistake : mistakes) {
    const Configured configured = configure(mistake.yaml, mistake.rate_hz);
    ASSERT_EQ(configured.messages.size(), 1U) << mistake.yaml;
    EXPECT_NE(configured.messages[0].find(mistake.message), std::string::npos)
        << configured.messages[0];
    EXPECT_EQ(configured.positions[0].line, mistake.line) << configured.messages[0];
  }
}

TEST(WindowSettings, LimitTheNumberOfFeatures) {
  const auto window =
      Window::create(samples(4, 4, std::vector<FeatureSpec>(32, mean)), row_of(129, 0.0));
  ASSERT_FALSE(window);
  EXPECT_NE(window.error().message.find("4128 features are too many"), std::string::npos);
}

}  // namespace
}  // namespace haltere::fusion
