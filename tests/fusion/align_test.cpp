#include "fusion/align.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace haltere::fusion {
namespace {

using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;
constexpr unsigned seed = 20261122;

double wave(TimeNs time_ns, double hz) {
  return std::sin(6.283185307179586 * hz * 1e-9 * static_cast<double>(time_ns));
}

AlignSettings one_stream(AlignMethod method, double in_hz, double out_hz) {
  return {.rate_hz = out_hz,
          .late_s = 0.1,
          .streams = {{.rate_hz = in_hz, .method = method, .gap_s = 5.0 / in_hz}}};
}

/// Root mean square of what a wave of `hz`, sampled with `jitter_ns`, comes out wrong by.
double error_of(const AlignSettings& settings, double hz, TimeNs jitter_ns) {
  Aligner align(settings);
  std::mt19937 random(seed);
  const auto step = static_cast<TimeNs>(1e9 / settings.streams[0].rate_hz);
  double squares = 0.0;
  int rows = 0;
  for (TimeNs now = 3 * ms; now < 20'000 * ms; now += step) {
    const TimeNs at =
        now +
        (jitter_ns > 0 ? static_cast<TimeNs>(random() % static_cast<unsigned>(jitter_ns)) : 0);
    const float value = static_cast<float>(wave(at, hz));
    align.push(0, at, {&value, 1});
    while (align.next()) {
      const double off = static_cast<double>(align.row()[0]) - wave(align.time_ns(), hz);
      squares += off * off;
      ++rows;
    }
  }
  EXPECT_GT(rows, 100);
  return std::sqrt(squares / rows);
}

TEST(Aligner, gives_a_waves_value_at_every_tick) {
  EXPECT_LT(error_of(one_stream(AlignMethod::sinc, 104, 100), 20, 0), 0.003);
  EXPECT_LT(error_of(one_stream(AlignMethod::linear, 104, 100), 1, 0), 0.001);
  EXPECT_LT(error_of(one_stream(AlignMethod::hold, 1000, 100), 1, 0), 0.01);
}

TEST(Aligner, sinc_is_better_than_linear_where_waves_are_short) {
  const double linear = error_of(one_stream(AlignMethod::linear, 104, 100), 20, 0);
  EXPECT_LT(error_of(one_stream(AlignMethod::sinc, 104, 100), 20, 0), 0.05 * linear);
}

TEST(Aligner, takes_stamps_that_jitter_for_what_they_are) {
  EXPECT_LT(error_of(one_stream(AlignMethod::sinc, 104, 100), 10, 3 * ms / 10), 0.01);
}

// 40 Hz is above half of 50 Hz: held or on a line it would come out as 10 Hz.
TEST(Aligner, sinc_keeps_out_what_the_new_rate_cannot_carry) {
  Aligner align(one_stream(AlignMethod::sinc, 400, 50));
  float most = 0.0F;
  for (TimeNs now = 0; now < 5'000 * ms; now += 5 * ms / 2) {
    const float value = static_cast<float>(wave(now, 40));
    align.push(0, now, {&value, 1});
    while (align.next()) most = std::max(most, std::abs(align.row()[0]));
  }
  EXPECT_LT(most, 0.02F);
}

TEST(Aligner, states_its_delay) {
  const AlignSettings settings = one_stream(AlignMethod::sinc, 100, 100);
  Aligner align(settings);
  EXPECT_NEAR(align.delay_s(), 8.0 / 90.0, 1e-6);
  TimeNs behind = 0;
  for (TimeNs now = 0; now < 2'000 * ms; now += 10 * ms) {
    const float value = 1;
    align.push(0, now, {&value, 1});
    while (align.next()) behind = now - align.time_ns();
  }
  EXPECT_LE(std::abs(static_cast<double>(behind) * 1e-9 - align.delay_s()), 0.010);
}

TEST(Aligner, takes_off_each_streams_latency) {
  AlignSettings settings = one_stream(AlignMethod::linear, 100, 100);
  settings.streams[0].latency_s = 0.012;
  Aligner align(settings);
  for (TimeNs now = 0; now < 1'000 * ms; now += 10 * ms) {
    const float value = static_cast<float>(1e-9 * static_cast<double>(now));  // taken now
    align.push(0, now + 12 * ms, {&value, 1});
    while (align.next()) {
      ASSERT_NEAR(align.row()[0], 1e-9 * static_cast<double>(align.time_ns()), 1e-6);
    }
  }
}

AlignSettings fast_and_slow() {
  return {.rate_hz = 100.0,
          .late_s = 0.2,
          .streams = {{.rate_hz = 100.0, .gap_s = 0.05}, {.rate_hz = 10.0, .gap_s = 0.3}}};
}

TEST(Aligner, marks_a_gap_and_does_not_bridge_it) {
  Aligner align(fast_and_slow());
  int valid = 0;
  int invalid = 0;
  for (TimeNs now = 0; now < 3'000 * ms; now += 10 * ms) {
    const float value = static_cast<float>(now / ms);
    align.push(0, now, {&value, 1});
    const bool silent = now > 1'000 * ms && now < 2'000 * ms;
    if (now % (100 * ms) == 0 && !silent) align.push(1, now, {&value, 1});
    while (align.next()) {
      ASSERT_TRUE(align.valid(0));
      const bool in_gap = align.time_ns() > 1'000 * ms && align.time_ns() < 2'000 * ms;
      ASSERT_EQ(align.valid(1), !in_gap) << align.time_ns();
      in_gap ? ++invalid : ++valid;
      ASSERT_TRUE(!in_gap || align.row()[1] == 1000.0F);
    }
  }
  EXPECT_EQ(invalid, 99);
  EXPECT_GT(valid, 150);
  EXPECT_EQ(align.counts(1).gap_rows, 99U);
}

TEST(Aligner, has_no_rows_where_all_streams_have_gaps_and_says_so_after) {
  Aligner align(one_stream(AlignMethod::linear, 100, 100));
  int rows = 0;
  int after_gaps = 0;
  for (TimeNs now = 0; now < 500 * ms; now += 10 * ms) {
    const float value = 1;
    const TimeNs at = now < 250 * ms ? now : now + 3'600'000 * ms;
    align.push(0, at, {&value, 1});
    while (align.next()) {
      ++rows;
      after_gaps += align.after_gap() ? 1 : 0;
    }
  }
  EXPECT_LT(rows, 50);
  EXPECT_GT(rows, 44);
  EXPECT_EQ(after_gaps, 1);
}

TEST(Aligner, takes_samples_out_of_order_and_counts_those_that_are_too_late) {
  Aligner align(fast_and_slow());
  Aligner in_order(fast_and_slow());
  std::vector<float> rows;
  std::vector<float> rows_in_order;
  for (TimeNs now = 0; now < 1'000 * ms; now += 10 * ms) {
    const float value = static_cast<float>(now / ms);
    // Pairs change places; the slow stream's wait for both.
    const TimeNs at = now % (20 * ms) == 0 ? now + 10 * ms : now - 10 * ms;
    const float swapped = static_cast<float>(at / ms);
    align.push(0, at, {&swapped, 1});
    in_order.push(0, now, {&value, 1});
    if (now % (100 * ms) == 90 * ms) {
      align.push(1, now, {&value, 1});
      in_order.push(1, now, {&value, 1});
    }
    while (align.next()) rows.insert(rows.end(), align.row().begin(), align.row().end());
    while (in_order.next()) {
      rows_in_order.insert(rows_in_order.end(), in_order.row().begin(), in_order.row().end());
    }
  }
  ASSERT_GT(rows.size(), 100U);
  rows.resize(std::min(rows.size(), rows_in_order.size()));
  rows_in_order.resize(rows.size());
  // Both start when the first comes; that is another sample where they change places.
  EXPECT_TRUE(std::equal(rows.end() - 100, rows.end(), rows_in_order.end() - 100));
  const float value = 0;
  EXPECT_FALSE(align.push(0, 100 * ms, {&value, 1}));
  EXPECT_EQ(align.counts(0).late, 1U);
}

TEST(Aligner, waits_for_a_silent_stream_no_longer_than_it_may) {
  Aligner align(fast_and_slow());
  TimeNs longest = 0;
  for (TimeNs now = 0; now < 2'000 * ms; now += 10 * ms) {
    const float value = 1;
    align.push(0, now, {&value, 1});
    if (now == 0) align.push(1, now, {&value, 1});
    while (align.next()) longest = std::max(longest, now - align.time_ns());
  }
  EXPECT_GE(longest, 200 * ms);
  EXPECT_LE(longest, 330 * ms);
}

TEST(Aligner, draws_no_line_across_a_break) {
  for (const AlignMethod method : {AlignMethod::linear, AlignMethod::sinc}) {
    Aligner align(one_stream(method, 100, 100));
    int rows = 0;
    for (int i = 0; i < 60; ++i) {
      // What was left out between 300 and 307 ms is less than a period, and a break all the same.
      const TimeNs at = i * 10 * ms + (i > 30 ? 7 * ms : 3 * ms);
      const float value = i > 30 ? 5.0F : 1.0F;
      align.push(0, at, {&value, 1}, i == 31);
      while (align.next()) {
        ++rows;
        ASSERT_TRUE(std::abs(align.row()[0] - 1.0F) < 1e-5F ||
                    std::abs(align.row()[0] - 5.0F) < 1e-5F)
            << align.row()[0];
      }
    }
    EXPECT_GT(rows, 25);
  }
}

TEST(Aligner, a_hole_of_half_its_window_is_a_gap_to_sinc) {
  AlignSettings settings = one_stream(AlignMethod::sinc, 100, 100);
  settings.streams[0].gap_s = 1.0;
  Aligner align(settings);
  TimeNs longest_step = 0;
  TimeNs before = 0;
  for (TimeNs now = 0; now < 2'000 * ms; now += 10 * ms) {
    const float value = 1;
    if (now > 1'000 * ms && now < 1'080 * ms) continue;
    align.push(0, now, {&value, 1});
    while (align.next()) {
      longest_step = std::max(longest_step, align.time_ns() - before);
      before = align.time_ns();
    }
  }
  EXPECT_GT(longest_step, 80 * ms);
}

TEST(Aligner, starts_anew_when_a_stream_does_at_an_earlier_time) {
  Aligner align(one_stream(AlignMethod::linear, 100, 100));
  std::vector<TimeNs> times;
  std::vector<bool> after_gap;
  for (int i = 0; i < 200; ++i) {
    const float value = 1;
    align.push(0, (i % 100) * 10 * ms, {&value, 1}, i == 100);
    while (align.next()) {
      times.push_back(align.time_ns());
      after_gap.push_back(align.after_gap());
    }
  }
  ASSERT_EQ(times.size(), 198U);
  EXPECT_EQ(times[99], 0);
  EXPECT_TRUE(after_gap[99]);
  EXPECT_EQ(std::ranges::count(after_gap, true), 1);
}

// One wild stamp would leave all that follow behind the rows for ever.
TEST(Aligner, recovers_from_a_stamp_far_ahead) {
  Aligner align(fast_and_slow());
  int rows = 0;
  for (TimeNs now = 0; now < 10'000 * ms; now += 10 * ms) {
    const float value = 1;
    align.push(0, now == 5'000 * ms ? 9'000'000 * ms : now, {&value, 1});
    if (now % (100 * ms) == 0) align.push(1, now, {&value, 1});
    while (align.next()) rows += align.time_ns() < 10'000 * ms ? 1 : 0;
  }
  EXPECT_GT(rows, 850);
}

// A slow stream whose samples always come half a second too late is held all the same.
TEST(Aligner, holds_what_comes_too_late) {
  AlignSettings settings = fast_and_slow();
  settings.streams[1] = {.rate_hz = 2.0, .method = AlignMethod::hold, .gap_s = 2.0};
  Aligner align(settings);
  int valid = 0;
  int rows = 0;
  for (TimeNs now = 0; now < 10'000 * ms; now += 10 * ms) {
    const float value = static_cast<float>(now / ms);
    align.push(0, now, {&value, 1});
    const TimeNs taken = now - 450 * ms;
    const float slow = static_cast<float>(taken / ms);
    if (taken >= 0 && taken % (500 * ms) == 0) align.push(1, taken, {&slow, 1});
    while (align.next()) {
      ++rows;
      if (!align.valid(1)) continue;
      ++valid;
      const double age_ms =
          1e-6 * static_cast<double>(align.time_ns()) - static_cast<double>(align.row()[1]);
      ASSERT_LT(age_ms, 800.0);
    }
  }
  EXPECT_GT(rows, 950);
  EXPECT_GT(valid, rows - 60);
  EXPECT_GT(align.counts(1).late, 15U);
}

TEST(Aligner, yields_no_nan_from_random_streams) {
  std::mt19937_64 random(seed);
  for (const AlignMethod method : {AlignMethod::hold, AlignMethod::linear, AlignMethod::sinc}) {
    AlignSettings settings = fast_and_slow();
    for (AlignStream& stream : settings.streams) stream.method = method;
    Aligner align(settings);
    TimeNs now = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto pick = random() % 100U;
      now += pick < 90 ? 5 * ms : pick < 94 ? -20 * ms : pick < 96 ? 0 : pick < 98 ? 700 * ms : ms;
      float value = static_cast<float>(random() % 1000U);
      if (random() % 50U == 0) value = std::numeric_limits<float>::quiet_NaN();
      if (random() % 50U == 0) value = std::numeric_limits<float>::max();
      TimeNs at = now;
      if (random() % 500U == 0) at = static_cast<TimeNs>(random());
      align.push(random() % 2U, at, {&value, 1});
      for (int rows = 0; rows < 1000 && align.next(); ++rows) {
        for (const float v : align.row()) ASSERT_TRUE(std::isfinite(v));
      }
    }
  }
}

}  // namespace
}  // namespace haltere::fusion
