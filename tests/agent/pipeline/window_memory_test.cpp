#include "agent/pipeline/window_memory.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::agent {
namespace {

KeptWindow window_at(sensors::TimeNs second, std::uint64_t number = 0) {
  KeptWindow window;
  window.from_ns = second * 1'000'000'000;
  window.until_ns = window.from_ns + 900'000'000;
  window.number = number;
  return window;
}

std::vector<sensors::TimeNs> seconds_between(WindowMemory& memory, sensors::TimeNs from,
                                             sensors::TimeNs until) {
  std::vector<sensors::TimeNs> seconds;
  memory.visit(from * 1'000'000'000, until * 1'000'000'000,
               [&](KeptWindow& window, std::span<const float> features) {
                 EXPECT_EQ(features[0], static_cast<float>(window.from_ns / 1'000'000'000));
                 seconds.push_back(window.from_ns / 1'000'000'000);
               });
  return seconds;
}

TEST(WindowMemory, GivesBackWholeWindowsOfATimeOldestFirst) {
  WindowMemory memory(2);
  for (int i = 0; i < 10; ++i) memory.push(window_at(i), std::vector{static_cast<float>(i), 0.0F});
  EXPECT_EQ(seconds_between(memory, 3, 6), (std::vector<sensors::TimeNs>{3, 4, 5}));
  EXPECT_TRUE(seconds_between(memory, 20, 30).empty());
}

TEST(WindowMemory, CanKeepNothing) {
  WindowMemory memory(2, 0);
  memory.push({}, std::vector<float>{1.0F, 2.0F});
  EXPECT_EQ(memory.size(), 0U);
}

TEST(WindowMemory, KeepsTheNewestAndNoMoreThanAMebibyte) {
  WindowMemory memory(1024);  // 4 KiB a window
  for (int i = 0; i < 1000; ++i)
    memory.push(window_at(i), std::vector<float>(1024, static_cast<float>(i)));
  EXPECT_EQ(memory.size(), 256U);
  EXPECT_TRUE(seconds_between(memory, 0, 744).empty());
  EXPECT_EQ(seconds_between(memory, 998, 1001), (std::vector<sensors::TimeNs>{998, 999}));
}

TEST(WindowMemory, WantsWhatTheModelIsLeastSureOfAndOncePerTime) {
  const learner::Stream stream = learner::make_clouds(2, 200, false, 5);
  learner::OnlineModel model = learner::make_model(learner::small_classifier(2), stream.inputs);
  learner::learn_all(model, stream, 0, 400);
  WindowMemory memory(stream.inputs);
  for (int i = 0; i < 20; ++i) memory.push(window_at(i), stream.rows[static_cast<std::size_t>(i)]);
  std::vector<float> between(stream.inputs);  // halfway from one cloud to the other
  const auto a = std::ranges::find(stream.targets, 0, &learner::Target::label);
  const auto b = std::ranges::find(stream.targets, 1, &learner::Target::label);
  const auto& first = stream.rows[static_cast<std::size_t>(a - stream.targets.begin())];
  const auto& second = stream.rows[static_cast<std::size_t>(b - stream.targets.begin())];
  for (std::size_t i = 0; i < between.size(); ++i) between[i] = 0.5F * (first[i] + second[i]);
  memory.push(window_at(30), between);
  memory.push(window_at(30), between);     // overlaps the one before
  memory.push(window_at(40, 7), between);  // learned already
  const auto wanted = memory.wanted(model, 3);
  ASSERT_EQ(wanted.size(), 3U);
  EXPECT_EQ(wanted[0].from_ns, window_at(30).from_ns);
  EXPECT_NE(wanted[1].from_ns, window_at(30).from_ns);
  EXPECT_LE(wanted[0].confidence, wanted[1].confidence);
  for (const WantedLabel& one : wanted) EXPECT_NE(one.from_ns, window_at(40).from_ns);
}

}  // namespace
}  // namespace haltere::agent
