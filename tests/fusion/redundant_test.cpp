// Sensors of the same quantity, of which some fail, over made-up truth.
#include "fusion/scalar/redundant.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::fusion::scalar {
namespace {

constexpr unsigned seed = 20261122;
constexpr int ticks = 6000;
constexpr std::size_t sensors = 3;

using Row = std::array<float, sensors>;
using Present = std::array<bool, sensors>;

/// A room's temperature over 100 minutes at 1 Hz, three sensors of different noise and offset.
struct Room {
  std::mt19937 random{seed};
  std::array<double, sensors> sigma{0.05, 0.1, 0.3};
  std::array<double, sensors> offset{0.2, 0.0, -0.4};

  static double truth(int tick) { return 21.0 + 1.5 * std::sin(tick * 6.283 / 3000.0); }

  Row read(int tick) {
    Row row{};
    for (std::size_t i = 0; i < sensors; ++i) {
      std::normal_distribution<double> noise(0.0, sigma[i]);
      row[i] = static_cast<float>(truth(tick) + offset[i] + noise(random));
    }
    return row;
  }
};

struct Rmse {
  double squares = 0.0;
  int count = 0;
  void add(double error) {
    squares += error * error;
    ++count;
  }
  [[nodiscard]] double value() const { return std::sqrt(squares / count); }
};

/// What a run over `Room` shows, after it has settled.
struct Outcome {
  Rmse fused, mean, median, best;
  std::array<int, sensors> bad{};  ///< ticks with a fault from `jumped` on
  std::array<int, 7> faults{};     ///< of sensor 0, ticks by fault
  float largest_step = 0.0F;       ///< of the output, from tick to tick
};

/// `spoil` changes sensor 0's part of a row from tick 3000 on.
Outcome run(const std::function<void(int tick, Row&, Present&)>& spoil,
            const RedundantSettings& settings = {}) {
  Room room;
  Redundant filter(sensors, settings);
  Outcome result;
  float before = 0.0F;
  for (int tick = 0; tick < ticks; ++tick) {
    Row row = room.read(tick);
    Present present{true, true, true};
    if (tick >= 3000) spoil(tick, row, present);
    filter.update(row.data(), present.data());
    const RedundantOutput& out = filter.output();
    EXPECT_TRUE(std::isfinite(out.value) && std::isfinite(out.sigma));
    if (tick < 300) {
      before = out.value;
      continue;
    }
    // The offsets' own middle is sensor 1's, whose offset is none.
    const double truth = Room::truth(tick);
    result.fused.add(static_cast<double>(out.value) - truth);
    result.mean.add(static_cast<double>(row[0] + row[1] + row[2]) / 3.0 - truth);
    Row sorted = row;
    std::ranges::sort(sorted);
    result.median.add(static_cast<double>(sorted[1]) - truth);
    result.best.add(static_cast<double>(row[0]) - truth);
    result.largest_step = std::max(result.largest_step, std::abs(out.value - before));
    before = out.value;
    for (std::size_t i = 0; i < sensors; ++i)
      result.bad[i] += out.fault[i] >= Fault::jumped ? 1 : 0;
    ++result.faults[static_cast<std::size_t>(out.fault[0])];
  }
  return result;
}

void healthy(int /*tick*/, Row& /*row*/, Present& /*present*/) {}

// Noise 0.05, 0.1 and 0.3: the best that weights can do is 0.044, the best sensor alone 0.05 and
// its offset.
TEST(Redundant, is_better_than_mean_median_and_the_best_sensor) {
  const Outcome r = run(healthy);
  EXPECT_LT(r.fused.value(), 0.035);
  EXPECT_LT(r.fused.value(), 0.4 * r.mean.value());
  EXPECT_LT(r.fused.value(), 0.4 * r.median.value());
  EXPECT_LT(r.fused.value(), 0.7 * 0.05) << "of the best sensor, were its offset known";
  EXPECT_EQ(r.bad, (std::array<int, sensors>{}));
}

TEST(Redundant, a_sensor_that_sticks_is_left_out_without_a_step) {
  const Outcome r = run([](int, Row& row, Present&) { row[0] = 21.25F; });
  EXPECT_GT(r.faults[static_cast<std::size_t>(Fault::stuck)], 2950);
  EXPECT_EQ(r.bad[1] + r.bad[2], 0);
  EXPECT_LT(r.fused.value(), 0.04);
  EXPECT_LT(r.largest_step, 0.15F);
}

TEST(Redundant, a_sensor_that_drifts_is_left_out_without_a_step) {
  const Outcome r =
      run([](int tick, Row& row, Present&) { row[0] += 0.002F * static_cast<float>(tick - 3000); });
  EXPECT_GT(r.faults[static_cast<std::size_t>(Fault::drifting)], 2700);
  EXPECT_EQ(r.bad[1] + r.bad[2], 0);
  EXPECT_LT(r.fused.value(), 0.05);
  EXPECT_LT(r.fused.value(), 0.5 * r.median.value());
  EXPECT_LT(r.largest_step, 0.15F);
}

TEST(Redundant, a_sensor_that_jumps_is_left_out_at_once) {
  const Outcome r = run([](int, Row& row, Present&) { row[0] += 3.0F; });
  EXPECT_EQ(r.faults[static_cast<std::size_t>(Fault::outlier)], 4);
  EXPECT_EQ(r.faults[static_cast<std::size_t>(Fault::jumped)], 2996);
  EXPECT_LT(r.fused.value(), 0.04);
  EXPECT_LT(r.largest_step, 0.15F);
}

TEST(Redundant, spikes_are_left_out_and_their_sensor_is_not) {
  std::mt19937 random(seed);
  const Outcome r =
      run([&](int, Row& row, Present&) { row[0] += random() % 20 == 0 ? 5.0F : 0.0F; });
  EXPECT_GT(r.faults[static_cast<std::size_t>(Fault::outlier)], 120);
  EXPECT_EQ(r.bad, (std::array<int, sensors>{}));
  EXPECT_LT(r.fused.value(), 0.04);
}

TEST(Redundant, goes_on_with_two_and_then_with_one) {
  const Outcome two = run([](int tick, Row& row, Present& present) {
    present[2] = false;
    if (tick > 4000) row[0] += 3.0F;
  });
  EXPECT_GT(two.bad[0], 1980) << "it was the one that left the prediction";
  EXPECT_LT(two.fused.value(), 0.04);
  const Outcome one = run([](int, Row&, Present& present) { present[0] = present[2] = false; });
  EXPECT_LT(one.fused.value(), 0.06) << "the second sensor's noise is 0.1";
  EXPECT_EQ(one.faults[static_cast<std::size_t>(Fault::missing)], 3000);
}

TEST(Redundant, follows_the_quantity_when_all_sensors_jump) {
  Room room;
  Redundant filter(sensors);
  const Present all{true, true, true};
  for (int tick = 0; tick < 1010; ++tick) {
    Row row = room.read(tick);
    for (float& value : row) value += tick >= 1000 ? 4.0F : 0.0F;
    filter.update(row.data(), all.data());
  }
  EXPECT_NEAR(filter.output().value, Room::truth(1009) + 4.0, 0.2);
  for (const Fault fault : std::span(filter.output().fault, sensors)) EXPECT_EQ(fault, Fault::none);
}

TEST(Redundant, trusts_a_sensor_again_that_has_come_back) {
  const Outcome r = run([](int tick, Row& row, Present&) { row[0] += tick < 3500 ? 3.0F : 0.0F; });
  EXPECT_GT(r.bad[0], 500);
  EXPECT_LT(r.bad[0], 700);
}

TEST(Redundant, learns_each_sensors_noise_and_says_how_sure_it_is) {
  Room room;
  Redundant filter(sensors);
  const Present all{true, true, true};
  double squares = 0.0;
  double claimed = 0.0;
  for (int tick = 0; tick < ticks; ++tick) {
    const Row row = room.read(tick);
    filter.update(row.data(), all.data());
    if (tick < 1000) continue;
    const double error = static_cast<double>(filter.output().value) - Room::truth(tick);
    squares += error * error;
    claimed += static_cast<double>(filter.output().sigma * filter.output().sigma);
  }
  for (std::size_t i = 0; i < sensors; ++i) {
    EXPECT_NEAR(filter.output().noise[i], room.sigma[i], 0.4 * room.sigma[i]) << i;
  }
  EXPECT_GT(filter.output().weight[0], filter.output().weight[1]);
  EXPECT_GT(filter.output().weight[1], filter.output().weight[2]);
  EXPECT_LT(std::sqrt(squares / claimed), 2.0);
  EXPECT_GT(std::sqrt(squares / claimed), 0.5);
}

TEST(Redundant, two_that_differ_from_the_start_are_disputed_beyond_their_tolerance) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 0.01F);
  Redundant filter(2, {.tolerance = 0.5F});
  const std::array<bool, 2> both{true, true};
  std::array<int, 7> faults{};
  for (int tick = 0; tick < 1000; ++tick) {
    // They part slowly, to both sides.
    const float apart = tick < 200 ? 0.0F : 0.001F * static_cast<float>(tick - 200);
    const std::array<float, 2> row{20.0F + apart + noise(random), 20.0F - apart + noise(random)};
    filter.update(row.data(), both.data());
    ++faults[static_cast<std::size_t>(filter.output().fault[0])];
  }
  EXPECT_GT(faults[static_cast<std::size_t>(Fault::disputed)], 400);
}

// A quantized sensor that rests is no stuck one.
TEST(Redundant, coarse_steps_are_not_taken_for_sticking) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 0.01F);
  Redundant filter(3);
  const Present all{true, true, true};
  for (int tick = 0; tick < 20'000; ++tick) {
    const auto truth = static_cast<float>(21.0 + std::sin(tick * 0.0006));
    const Row row{std::round(truth * 4.0F) / 4.0F, truth + noise(random), truth + noise(random)};
    filter.update(row.data(), all.data());
    ASSERT_LT(filter.output().fault[0], Fault::jumped) << tick;
  }
}

TEST(Redundant, no_nan_comes_out_of_anything) {
  std::mt19937_64 random(seed);
  constexpr std::array wild{0.0F,
                            -0.0F,
                            1e30F,
                            -3e38F,
                            1e15F,
                            1e-38F,
                            std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()};
  for (std::size_t count = 1; count <= max_sensors; ++count) {
    Redundant filter(count);
    for (int tick = 0; tick < 20'000; ++tick) {
      std::array<float, max_sensors> row{};
      std::array<bool, max_sensors> present{};
      for (std::size_t i = 0; i < count; ++i) {
        row[i] = random() % 10 == 0 ? wild[random() % wild.size()]
                                    : static_cast<float>(random() % 1000) * 0.1F;
        present[i] = random() % 5 != 0;
      }
      filter.update(row.data(), present.data());
      if (random() % 500 == 0) filter.restart();
      const RedundantOutput& out = filter.output();
      ASSERT_TRUE(std::isfinite(out.value) && std::isfinite(out.sigma));
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(out.weight[i] >= 0.0F && out.weight[i] <= 1.0F);
        ASSERT_TRUE(std::isfinite(out.noise[i]));
      }
    }
  }
}

TEST(Redundant, a_copy_goes_on_with_the_same_bits) {
  Room room;
  Redundant filter(sensors);
  const Present all{true, true, true};
  for (int tick = 0; tick < 500; ++tick) filter.update(room.read(tick).data(), all.data());
  Redundant copy = filter;
  for (int tick = 500; tick < 1000; ++tick) {
    const Row row = room.read(tick);
    filter.update(row.data(), all.data());
    copy.update(row.data(), all.data());
    ASSERT_EQ(filter.output().value, copy.output().value);
  }
}

}  // namespace
}  // namespace haltere::fusion::scalar
