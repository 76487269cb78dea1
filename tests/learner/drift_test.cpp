#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learner/drift_detector.hpp"
#include "models/random.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260105;

double uniform(models::Random& random) { return static_cast<double>(random.next()) * 0x1p-32; }

/// Errors of a classifier that is wrong at `rate`.
std::vector<double> errors(std::size_t count, double rate, models::Random& random) {
  std::vector<double> values(count);
  for (double& value : values) value = uniform(random) < rate ? 1.0 : 0.0;
  return values;
}

struct Seen {
  std::size_t warnings = 0;
  std::size_t drifts = 0;
  std::size_t first_warning = 0;
  std::size_t first_drift = 0;
};

Seen watch(DriftDetector& detector, const std::vector<double>& values) {
  Seen seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const DriftLevel level = detector.update(values[i]);
    if (level == DriftLevel::warning && seen.warnings++ == 0) seen.first_warning = i;
    if (level == DriftLevel::drift && seen.drifts++ == 0) seen.first_drift = i;
  }
  return seen;
}

class EveryDetector : public testing::TestWithParam<DriftKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryDetector,
                         testing::Values(DriftKind::adwin, DriftKind::page_hinkley,
                                         DriftKind::kswin, DriftKind::ddm),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(EveryDetector, FindsAnErrorThatJumps) {
  DriftDetector detector(GetParam(), DriftDirection::rise);
  models::Random random(seed);
  watch(detector, errors(2000, 0.05, random));
  const Seen seen = watch(detector, errors(500, 0.9, random));
  EXPECT_GE(seen.drifts, 1U);
  EXPECT_LT(seen.first_drift, 200U);
}

TEST_P(EveryDetector, WarnsBeforeAnErrorThatCreepsIsADrift) {
  DriftDetector detector(GetParam(), DriftDirection::rise);
  models::Random random(seed);
  watch(detector, errors(3000, 0.05, random));
  std::size_t warned = 0;
  for (std::size_t i = 0; i < 8000; ++i) {
    const double rate = 0.05 + 0.2 * static_cast<double>(i) / 8000.0;
    const DriftLevel level = detector.update(uniform(random) < rate ? 1.0 : 0.0);
    if (level == DriftLevel::warning) ++warned;
    if (level == DriftLevel::drift) break;
  }
  EXPECT_GT(warned, 0U);
}

TEST_P(EveryDetector, SaysNothingOnConstants) {
  for (const double constant : {0.0, 0.3, 1.0}) {
    DriftDetector detector(GetParam(), DriftDirection::rise);
    const Seen seen = watch(detector, std::vector<double>(5000, constant));
    EXPECT_EQ(seen.drifts, 0U) << constant;
    EXPECT_EQ(seen.warnings, 0U) << constant;
  }
}

TEST_P(EveryDetector, DoesNotCallGettingBetterADrift) {
  DriftDetector detector(GetParam(), DriftDirection::rise);
  models::Random random(seed);
  watch(detector, errors(300, 0.9, random));
  EXPECT_EQ(watch(detector, errors(80, 0.0, random)).drifts, 0U);
}

TEST_P(EveryDetector, GoesOnAsIfNeverStopped) {
  models::Random random(seed);
  std::vector<double> values = errors(1000, 0.1, random);
  const std::vector<double> later = errors(1000, 0.6, random);
  values.insert(values.end(), later.begin(), later.end());
  for (const std::size_t stop : {7U, 350U, 1033U, 1500U}) {
    DriftDetector whole(GetParam(), DriftDirection::rise);
    DriftDetector resumed(GetParam(), DriftDirection::rise);
    for (std::size_t i = 0; i < stop; ++i) whole.update(values[i]);
    Archive out;
    whole.exchange(out);
    Archive in(out.bytes());
    resumed.exchange(in);
    ASSERT_TRUE(in.exhausted());
    for (std::size_t i = stop; i < values.size(); ++i)
      ASSERT_EQ(whole.update(values[i]), resumed.update(values[i])) << i;
    Archive one;
    Archive two;
    whole.exchange(one);
    resumed.exchange(two);
    EXPECT_EQ(one.bytes(), two.bytes());
  }
}

TEST_P(EveryDetector, RefusesWhatIsNotFinite) {
  DriftDetector poisoned(GetParam(), DriftDirection::rise);
  DriftDetector clean(GetParam(), DriftDirection::rise);
  models::Random random(seed);
  std::vector<double> values = errors(600, 0.1, random);
  const std::vector<double> later = errors(400, 0.7, random);
  values.insert(values.end(), later.begin(), later.end());
  for (const double value : values) {
    poisoned.update(std::numeric_limits<double>::quiet_NaN());
    poisoned.update(std::numeric_limits<double>::infinity());
    ASSERT_EQ(poisoned.update(value), clean.update(value));
  }
}

TEST(Adwin, KeepsAWindowOfWhatCameSinceTheChange) {
  Adwin adwin;
  models::Random random(seed);
  for (const double value : errors(5000, 0.1, random)) adwin.update(value);
  EXPECT_EQ(adwin.width(), 5000U);
  EXPECT_NEAR(adwin.mean(), 0.1, 0.02);
  for (const double value : errors(2000, 0.5, random)) adwin.update(value);
  EXPECT_LT(adwin.width(), 2400U);
  EXPECT_NEAR(adwin.mean(), 0.5, 0.05);
}

TEST(Adwin, SeesAFallOnlyWhenAskedTo) {
  for (const DriftDirection direction : {DriftDirection::rise, DriftDirection::either}) {
    AdwinSettings settings;
    settings.direction = direction;
    Adwin adwin(settings);
    models::Random random(seed);
    std::size_t drifts = 0;
    for (const double value : errors(1000, 0.8, random)) adwin.update(value);
    for (const double value : errors(1000, 0.1, random))
      drifts += adwin.update(value) == DriftLevel::drift ? 1U : 0U;
    EXPECT_EQ(drifts > 0, direction == DriftDirection::either);
    EXPECT_LT(adwin.width(), 1200U);
  }
}

TEST(Ddm, FollowsThePapersBounds) {
  Ddm ddm;
  double rate = 0.0;
  double lowest = 2.0;
  double lowest_deviation = 0.0;
  models::Random random(seed);
  double wrong = 0.0;
  for (int n = 1; n <= 5000; ++n) {
    const double error = uniform(random) < (n < 3000 ? 0.2 : 0.5) ? 1.0 : 0.0;
    wrong += error;
    rate = (wrong + 1.0) / (n + 2.0);
    const double deviation = std::sqrt(rate * (1.0 - rate) / n);
    if (n >= 30 && rate + deviation < lowest + lowest_deviation) {
      lowest = rate;
      lowest_deviation = deviation;
    }
    const double excess = (rate + deviation - lowest) / (n >= 30 ? lowest_deviation : 1e9);
    const DriftLevel level = ddm.update(error);
    if (excess >= 3.0) {
      ASSERT_EQ(level, DriftLevel::drift) << n;
      EXPECT_GT(n, 3000);
      return;
    }
    ASSERT_EQ(level, excess >= 2.0 ? DriftLevel::warning : DriftLevel::stable) << n;
  }
  FAIL() << "no drift";
}

TEST(Kswin, SeesASpreadThatGrowsAroundTheSameMean) {
  Kswin kswin;
  models::Random random(seed);
  for (int i = 0; i < 150; ++i) kswin.update(0.01 * uniform(random) - 0.005);
  std::size_t drifts = 0;
  for (int i = 0; i < 60; ++i)
    drifts += kswin.update(uniform(random) - 0.5) == DriftLevel::drift ? 1U : 0U;
  EXPECT_GE(drifts, 1U);
}

TEST(DriftDetector, WatchingManyStreamsIsSlowerToAlarm) {
  std::size_t one = 0;
  std::size_t many = 0;
  DriftDetector alone(DriftKind::kswin, DriftDirection::either);
  DriftDetector shared(DriftKind::kswin, DriftDirection::either, 50);
  models::Random random(seed);
  for (int i = 0; i < 4000; ++i) {
    const double value = uniform(random);
    one += alone.update(value) == DriftLevel::drift ? 1U : 0U;
    many += shared.update(value) == DriftLevel::drift ? 1U : 0U;
  }
  EXPECT_LT(many, one);
}

}  // namespace
}  // namespace haltere::learner
