// Truth by simulation; what the filter says of its own errors; whatever comes in, no NaN comes out.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "fusion/navigation/altitude.hpp"
#include "tests/fusion/normal_equations.hpp"

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double pressure_at(double height_m) { return pressure_of_height(height_m, standard_pressure_pa); }

/// The true motion at a time.
struct Motion {
  double height_m = 0.0;
  double speed_mps = 0.0;
  double acceleration_mps2 = 0.0;
};
Motion rising(double time_s) { return {100.0 + 1.5 * time_s, 1.5, 0.0}; }
Motion bobbing(double time_s) {
  return {5.0 + 0.8 * std::sin(2.0 * time_s), 1.6 * std::cos(2.0 * time_s),
          -3.2 * std::sin(2.0 * time_s)};
}

/// Sensors of a motion: accelerations at 200 Hz, pressures at 25 Hz.
class Simulation {
 public:
  Simulation(Motion (*motion)(double), std::uint64_t seed) : motion_(motion), random_(seed) {}
  double acceleration_sigma_mps2 = 0.0;  ///< of the mean over a second
  double pressure_sigma_pa = 0.0;
  double bias_mps2 = 0.0;
  double latency_s = 0.02;

  void run(Altitude& filter, double seconds) {
    constexpr double dt_s = 0.005;
    const TimeNs end = now_ns_ + static_cast<TimeNs>(1e9 * seconds);
    while (now_ns_ < end) {
      now_ns_ += 5 * ms;
      const double noise = acceleration_sigma_mps2 / std::sqrt(dt_s) * normal_(random_);
      filter.acceleration(now_ns_, at(0.0).acceleration_mps2 + bias_mps2 + noise);
      if (now_ns_ % (40 * ms) != 0) continue;
      const double pressure_pa = pressure_at(at(latency_s).height_m);
      filter.pressure(now_ns_, pressure_pa + pressure_sigma_pa * normal_(random_));
    }
  }
  [[nodiscard]] Motion at(double ago_s) const {
    return motion_(1e-9 * static_cast<double>(now_ns_) - ago_s);
  }
  TimeNs now_ns() const { return now_ns_; }

 private:
  Motion (*motion_)(double);
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  TimeNs now_ns_ = 0;
};

TEST(PressureHeight, is_the_standard_atmospheres) {
  // ISO 2533:1975, table 2.
  EXPECT_NEAR(height_of_pressure(89'874.6, standard_pressure_pa), 1000.0, 0.05);
  EXPECT_NEAR(height_of_pressure(54'019.9, standard_pressure_pa), 5000.0, 0.05);
  EXPECT_EQ(height_of_pressure(98'000.0, 98'000.0), 0.0);
  for (const double height : {-400.0, 0.0, 3.0, 1234.5, 8848.0, 11'000.0}) {
    EXPECT_NEAR(height_of_pressure(pressure_at(height), standard_pressure_pa), height, 1e-8);
  }
  EXPECT_NEAR(metres_per_pascal(standard_pressure_pa, standard_pressure_pa), 1.0 / 12.013, 1e-5);
}

TEST(Elementary, functions_are_as_exact_as_the_librarys) {
  for (int i = -320; i <= 320; ++i) {
    const double x = 0.0371 * i;
    EXPECT_NEAR(sine_cosine(x).sine, std::sin(x), 2e-15) << x;
    EXPECT_NEAR(sine_cosine(x).cosine, std::cos(x), 2e-15) << x;
    EXPECT_NEAR(exponential(x), std::exp(x), 2e-15 * std::exp(x)) << x;
    EXPECT_NEAR(natural_log(std::exp(x)), x, 4e-15) << x;
  }
  EXPECT_EQ(natural_log(1.0), 0.0);
  EXPECT_EQ(exponential(0.0), 1.0);
}

TEST(Altitude, follows_constant_speed) {
  Altitude filter;
  Simulation from(rising, 1);
  from.run(filter, 30.0);
  EXPECT_NEAR(filter.output().height_m, from.at(0.0).height_m, 0.01);
  EXPECT_NEAR(filter.output().speed_mps, 1.5, 0.01);
}

TEST(Altitude, follows_a_bobbing_sensor_in_spite_of_bias_and_latency) {
  AltitudeSettings settings;
  settings.pressure_latency_s = 0.15;
  Altitude filter(settings);
  Simulation from(bobbing, 2);
  from.latency_s = 0.15;
  from.bias_mps2 = 0.25;
  from.run(filter, 60.0);
  for (int i = 0; i < 20; ++i) {
    from.run(filter, 0.1);
    EXPECT_NEAR(filter.output().height_m, from.at(0.0).height_m, 0.03);
    EXPECT_NEAR(filter.output().speed_mps, from.at(0.0).speed_mps, 0.04);
  }
  EXPECT_NEAR(filter.output().bias_mps2, 0.25, 0.02);
}

// Normalised estimation error squared over seeds: 3 on average, were the model and its covariance
// right (Y. Bar-Shalom, X. Li, T. Kirubarajan, "Estimation with applications to tracking and
// navigation", section 5.4.2). Of 100 runs the mean is within three deviations of 3.
TEST(Altitude, knows_how_wrong_it_is) {
  constexpr int runs = 100;
  double sum = 0.0;
  for (int seed = 1; seed <= runs; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    AltitudeSettings settings;
    settings.bias_wander_mps2 = 0.0;
    Altitude filter(settings);
    Simulation from(bobbing, static_cast<std::uint64_t>(seed));
    from.acceleration_sigma_mps2 = settings.acceleration_sigma_mps2;
    from.pressure_sigma_pa = settings.pressure_sigma_pa;
    from.bias_mps2 = settings.bias_sigma_mps2 * std::normal_distribution<double>()(random);
    from.run(filter, 8.0);
    const AltitudeState& state = filter.state();
    const Motion truth = from.at(0.0);
    const std::vector<double> error{state.mean[0] - truth.height_m, state.mean[1] - truth.speed_mps,
                                    state.mean[2] - from.bias_mps2};
    sum += normalized_square(error, {state.covariance.begin(), state.covariance.end()});
  }
  EXPECT_NEAR(sum / runs, 3.0, 3.0 * std::sqrt(2.0 * 3.0 / runs));
}

AltitudeSettings without_noise() {
  AltitudeSettings settings;
  settings.acceleration_sigma_mps2 = 0.0;
  settings.bias_wander_mps2 = 0.0;
  return settings;
}

AltitudeState stepped(const AltitudeState& from) {
  Altitude one(without_noise());
  one.restore(from);
  one.acceleration(80 * ms, 0.5);
  return one.state();
}

/// Of the state after a step by the state before, by differences; [3][3].
std::array<double, 9> jacobian_of_step(const AltitudeState& before) {
  std::array<double, 9> jacobian{};
  for (std::size_t by = 0; by < 3; ++by) {
    AltitudeState moved = before;
    moved.mean[by] += 1e-3;
    for (std::size_t of = 0; of < 3; ++of) {
      jacobian[3 * of + by] = (stepped(moved).mean[of] - stepped(before).mean[of]) / 1e-3;
    }
  }
  return jacobian;
}

// Of a covariance that is e_i e_i^T, the step makes column times column of the Jacobian.
TEST(Altitude, moves_its_covariance_as_it_moves_its_state) {
  Altitude filter(without_noise());
  filter.acceleration(0, 0.5);
  filter.pressure(1, 100'000.0);
  AltitudeState before = filter.state();
  const std::array<double, 9> jacobian = jacobian_of_step(before);
  for (std::size_t by = 0; by < 3; ++by) {
    before.covariance = {};
    before.covariance[4 * by] = 1.0;
    const AltitudeState after = stepped(before);
    for (std::size_t cell = 0; cell < 9; ++cell) {
      const double expected = jacobian[cell / 3 * 3 + by] * jacobian[cell % 3 * 3 + by];
      EXPECT_NEAR(after.covariance[cell], expected, 1e-9);
    }
  }
}

TEST(Altitude, passes_over_a_slammed_door) {
  Altitude filter;
  Simulation from(rising, 3);
  from.run(filter, 20.0);
  const double before_m = filter.output().height_m;
  EXPECT_FALSE(filter.pressure(from.now_ns() + 10 * ms, pressure_at(before_m) + 60.0));
  EXPECT_TRUE(filter.output().pressure_rejected);
  EXPECT_NEAR(filter.output().height_m, before_m, 1e-9);
  from.run(filter, 0.1);
  EXPECT_FALSE(filter.output().pressure_rejected);
}

TEST(Altitude, believes_pressures_that_stay_away) {
  Altitude filter;
  Simulation from(rising, 4);
  from.run(filter, 20.0);
  AltitudeState moved = filter.state();
  moved.mean[0] += 50.0;
  filter.restore(moved);
  from.run(filter, 1.0);
  EXPECT_TRUE(filter.output().pressure_rejected);
  from.run(filter, 10.0);
  EXPECT_EQ(filter.counts().restarts, 1U);
  EXPECT_NEAR(filter.output().height_m, from.at(0.0).height_m, 0.1);
}

TEST(Altitude, says_when_there_is_no_pressure) {
  Altitude filter;
  EXPECT_TRUE(filter.output().pressure_missing);
  for (int i = 1; i < 100; ++i) filter.acceleration(TimeNs{10} * i * ms, 0.0);
  EXPECT_FALSE(filter.output().has_height);
  filter.pressure(995 * ms, 101'325.0);
  EXPECT_TRUE(filter.output().has_height);
  EXPECT_FALSE(filter.output().pressure_missing);
  const double sigma_m = filter.output().height_sigma_m;
  for (int i = 100; i < 400; ++i) filter.acceleration(TimeNs{10} * i * ms, 0.0);
  EXPECT_TRUE(filter.output().pressure_missing);
  EXPECT_GT(filter.output().height_sigma_m, sigma_m);
}

TEST(Altitude, starts_at_zero_where_asked_to) {
  AltitudeSettings settings;
  settings.from_start = true;
  Altitude filter(settings);
  filter.acceleration(0, 0.0);
  filter.pressure(1, 94'321.0);
  EXPECT_EQ(filter.output().height_m, 0.0);
}

TEST(Altitude, goes_on_from_a_saved_state_to_the_bit) {
  Altitude whole;
  Simulation from(bobbing, 5);
  from.pressure_sigma_pa = 1.3;
  from.run(whole, 7.0);
  Altitude restored;
  restored.restore(whole.state());
  Simulation again = from;
  from.run(whole, 5.0);
  again.run(restored, 5.0);
  EXPECT_EQ(whole.state().mean, restored.state().mean);
  EXPECT_EQ(whole.state().covariance, restored.state().covariance);
  EXPECT_NE(whole.state().mean[1], 0.0);
}

bool sound(const AltitudeOutput& out) {
  const std::array values{out.height_m,       out.speed_mps,      out.acceleration_mps2,
                          out.bias_mps2,      out.height_sigma_m, out.speed_sigma_mps,
                          out.bias_sigma_mps2};
  const auto sigmas = std::span(values).last<3>();
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); }) &&
         std::ranges::all_of(sigmas, [](double v) { return v >= 0.0; });
}

double hostile(std::mt19937_64& random, double usual) {
  switch (std::uniform_int_distribution<int>(0, 40)(random)) {
    case 0: return nan;
    case 1: return std::numeric_limits<double>::infinity();
    case 2: return -1e300;
    case 3: return 0.0;
    case 4: return 3999.0;
    case 5: return 1e-310;
    case 6: return 150'000.0;
    default: return usual * std::uniform_real_distribution<double>(0.9, 1.1)(random);
  }
}

TEST(AltitudeHostile, yields_no_nan_whatever_comes) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    Altitude filter;
    TimeNs now = 0;
    for (int i = 0; i < 4000; ++i) {
      switch (std::uniform_int_distribution<int>(0, 60)(random)) {
        case 0: break;  // stands still
        case 1: now -= 700 * ms; break;
        case 2: now += 400 * ms; break;
        case 3: now += 3'600'000 * ms; break;
        case 4: filter.pressure(std::numeric_limits<TimeNs>::min(), 1e5); break;
        case 5: filter.acceleration(std::numeric_limits<TimeNs>::max(), 0.0); break;
        default: now += 5 * ms;
      }
      filter.acceleration(now, hostile(random, 1.0));
      if (i % 5 == 0) filter.pressure(now, hostile(random, 1e5));
      ASSERT_TRUE(sound(filter.output())) << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace haltere::fusion::navigation
