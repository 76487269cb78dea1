// Windows about events.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "fusion/window.hpp"

namespace haltere::fusion {
namespace {

using kernels::FeatureKind;

const sensors::Layout one{.channels = {{.name = "x"}}, .rate_hz = 10.0};

WindowSettings about_events(std::size_t length, std::size_t before, std::size_t step) {
  WindowSettings settings;
  settings.length_samples = length;
  settings.step_samples = step;
  settings.features = {{FeatureKind::min, 0, 0.0F, 0.0F}, {FeatureKind::last, 0, 0.0F, 0.0F}};
  settings.trigger = {.channels = 1, .above = 0.5F, .before_samples = before};
  return settings;
}

struct Span {
  float first;
  float last;
  bool operator==(const Span&) const = default;
};

/// Rows 0, 1, 2 ...; the trigger is up in the rows `events`. First and last row of each window.
std::vector<Span> windows(const WindowSettings& settings, int rows, const std::vector<int>& events,
                          int segment_at = -1) {
  auto window = std::move(Window::create(settings, one)).value();
  std::vector<Span> found;
  for (int t = 0; t < rows; ++t) {
    const bool event = std::ranges::find(events, t) != events.end();
    const std::array row{static_cast<float>(t), event ? 1.0F : 0.0F};
    if (window->update(t, t == segment_at, row))
      found.push_back({window->output()[0], window->output()[1]});
  }
  return found;
}

TEST(WindowTrigger, CutsAWindowAboutEachEvent) {
  EXPECT_EQ(windows(about_events(5, 2, 0), 40, {10, 25}), (std::vector<Span>{{8, 12}, {23, 27}}));
  EXPECT_EQ(windows(about_events(5, 0, 0), 40, {10}), (std::vector<Span>{{10, 14}}));
  EXPECT_EQ(windows(about_events(5, 4, 0), 40, {10}), (std::vector<Span>{{6, 10}}));
  EXPECT_EQ(windows(about_events(5, 2, 0), 40, {}), std::vector<Span>{});
}

TEST(WindowTrigger, TakesWhatStaysUpForOneEvent) {
  EXPECT_EQ(windows(about_events(3, 0, 0), 40, {10, 11, 12, 13, 14, 15, 16, 17, 18}),
            (std::vector<Span>{{10, 12}}));
}

TEST(WindowTrigger, KeepsEventsAStepApart) {
  EXPECT_EQ(windows(about_events(3, 0, 10), 40, {5, 9, 16, 30}),
            (std::vector<Span>{{5, 7}, {16, 18}, {30, 32}}));
  EXPECT_EQ(windows(about_events(6, 0, 2), 40, {5, 8, 12}), (std::vector<Span>{{5, 10}, {12, 17}}))
      << "none begins while one is awaited";
}

TEST(WindowTrigger, NeedsWhatLiesBeforeTheEvent) {
  EXPECT_EQ(windows(about_events(5, 3, 0), 20, {2}), std::vector<Span>{});
  EXPECT_EQ(windows(about_events(5, 3, 0), 20, {3}), (std::vector<Span>{{0, 4}}));
  EXPECT_EQ(windows(about_events(5, 3, 0), 20, {11}, 10), std::vector<Span>{}) << "a new segment";
  EXPECT_EQ(windows(about_events(5, 0, 0), 20, {8}, 10), std::vector<Span>{}) << "cut off by it";
}

TEST(WindowTrigger, IgnoresATriggerThatIsNoNumber) {
  auto window = std::move(Window::create(about_events(1, 0, 0), one)).value();
  const std::array missing{1.0F, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_FALSE(window->update(0, false, missing));
  EXPECT_TRUE(window->update(1, false, std::array{1.0F, 1.0F}));
}

struct Configured {
  std::vector<config::Diagnostic> diagnostics;
  std::unique_ptr<Filter> filter;
  std::vector<StreamName> inputs;
};

Configured configure(const std::string& trigger) {
  Configured out;
  const auto node = config::parse_yaml(
      "inputs: [imu]\nlength: 1s\nfeatures: [last]\ntrigger: " + trigger + "\n", out.diagnostics);
  const auto section =
      config::read_section(*node, window_type.component.settings, "window", out.diagnostics);
  if (!out.diagnostics.empty()) return out;
  const std::array layouts{
      one, sensors::Layout{.channels = {{.name = "kx"}, {.name = "ky"}}, .rate_hz = 10.0}};
  out.inputs = window_type.inputs(section);
  (void)window_type.output(section, layouts, out.diagnostics);
  if (out.diagnostics.empty()) out.filter = window_type.make(section, layouts);
  return out;
}

TEST(WindowTrigger, WatchesTheMagnitudeOfAStream) {
  Configured made = configure("{stream: knock, above: 5, before: 300ms}");
  ASSERT_NE(made.filter, nullptr);
  EXPECT_EQ(made.inputs.back().name, "knock");
  std::vector<int> complete;
  for (int t = 0; t < 60; ++t) {
    // 3, 4: not above 5; -4, -4: above.
    const std::array row{0.0F,
                         t == 10   ? 3.0F
                         : t == 30 ? -4.0F
                                   : 0.0F,
                         t == 10   ? 4.0F
                         : t == 30 ? -4.0F
                                   : 0.0F};
    if (made.filter->update(t, false, row)) complete.push_back(t);
  }
  EXPECT_EQ(complete, std::vector<int>{36});
}

TEST(WindowTrigger, SaysWhatIsWrong) {
  const Configured long_before = configure("{stream: knock, before: 1s}");
  ASSERT_EQ(long_before.diagnostics.size(), 1U);
  EXPECT_NE(long_before.diagnostics[0].message.find("shorter than the window"), std::string::npos);
  EXPECT_EQ(long_before.diagnostics[0].position.line, 4);
  EXPECT_EQ(configure("{stream: knock, before: 1ms, before_samples: 2}").diagnostics.size(), 1U);
  EXPECT_EQ(configure("{above: 2}").diagnostics.size(), 1U) << "no stream";
}

}  // namespace
}  // namespace haltere::fusion
