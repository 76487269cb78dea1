// How far positions and velocities are off in recorded motion, in the filter's own deviations.

#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/position_run.hpp"
#include "tests/environment.hpp"
#include "tests/fusion/navigation_truth.hpp"

namespace haltere::agent {
namespace {

using fusion::navigation::PositionOutput;
using fusion::navigation::Vec3;

std::string recordings() { return recordings_folder() / "orientation"; }

/// Mean squares of errors in deviations, and how many.
struct Normalized {
  double sum = 0.0;
  double count = 0.0;

  void add(const Vec3& error, const Vec3& sigma) {
    for (std::size_t i = 0; i < 3; ++i) sum += (error[i] / sigma[i]) * (error[i] / sigma[i]);
    count += 3.0;
  }
  void add(const Normalized& other) {
    sum += other.sum;
    count += other.count;
  }
  [[nodiscard]] double root() const { return std::sqrt(sum / count); }
};

struct Consistency {
  Normalized position;
  Normalized velocity;
};

Consistency consistency_of(const fusion::MotionRecording& recording,
                           const fusion::PositionTruth& truth,
                           const fusion::MadeUpReceiver& receiver, std::uint64_t seed) {
  ReceiverRecording received;
  for (const auto& sample : fusion::made_up_receiver(truth, receiver, seed)) {
    received.fixes.push_back({sample.time_ns, sample.position_m});
    received.velocities.push_back({sample.time_ns, sample.velocity_mps});
  }
  fusion::navigation::NavigatorSettings settings;
  settings.position.fix_horizontal_sigma_m = receiver.horizontal_sigma_m;
  settings.position.fix_vertical_sigma_m = receiver.vertical_sigma_m;
  settings.position.velocity_sigma_mps = receiver.velocity_sigma_mps;
  settings.position.fix_latency_s = receiver.latency_s;
  const PositionResult result = run_position(recording, received, settings);
  Consistency found;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PositionOutput& row = result.rows[i];
    if (!truth.scored[i] || !row.aligned) continue;
    found.position.add(row.position_m - truth.position_m[i], row.position_sigma_m);
    found.velocity.add(row.velocity_mps - truth.velocity_mps[i], row.velocity_sigma_mps);
  }
  return found;
}

// 1 where all that errs is known. Some is not: the tilt errs for seconds, the sensor was not quite
// where the cameras' markers were, and north is off by some degrees in the room.
TEST(PositionConsistency, errors_are_as_large_as_stated_in_recorded_motion) {
  const auto trials = read_motion_trials(recordings());
  if (!trials) GTEST_SKIP() << "no recordings in " << recordings() << "; set HALTERE_DATA";
  const std::array<fusion::MadeUpReceiver, 2> receivers{
      fusion::MadeUpReceiver{.horizontal_sigma_m = 0.014, .vertical_sigma_m = 0.02},
      fusion::MadeUpReceiver{}};
  for (const auto& receiver : receivers) {
    Consistency all;
    std::uint64_t seed = 0;
    for (const MotionTrial& trial : trials->trials) {
      const auto recording = read_motion_trial(*trials, trial);
      const auto truth = fusion::read_position_truth(recordings(), trial.id, trials->rate_hz);
      ASSERT_TRUE(recording && truth) << trial.id;
      const Consistency one = consistency_of(*recording, *truth, receiver, ++seed);
      // Knocks that the accelerometer saw in part, and samples that never came, in this one too.
      EXPECT_LT(one.position.root(), 2.2) << trial.name;
      EXPECT_LT(one.velocity.root(), 2.2) << trial.name;
      all.position.add(one.position);
      all.velocity.add(one.velocity);
    }
    EXPECT_GT(all.position.root(), 0.85);
    EXPECT_LT(all.position.root(), 1.2) << receiver.horizontal_sigma_m;
    EXPECT_GT(all.velocity.root(), 0.85);
    EXPECT_LT(all.velocity.root(), 1.3) << receiver.horizontal_sigma_m;
    std::printf("%.3f m: position %.2f, velocity %.2f deviations\n", receiver.horizontal_sigma_m,
                all.position.root(), all.velocity.root());
  }
}

}  // namespace
}  // namespace haltere::agent
