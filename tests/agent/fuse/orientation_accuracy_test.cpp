// Accuracy on recordings with optical truth; skips without them.

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/orientation_run.hpp"
#include "tests/environment.hpp"
#include "tests/fusion/orientation_truth.hpp"

namespace haltere::agent {
namespace {

using fusion::OrientationScore;
using fusion::ahrs::Quat;

std::string recordings() { return recordings_folder() / "orientation"; }

/// As if the sensor had been mounted turned by `mounting`.
fusion::MotionRecording turned(fusion::MotionRecording recording, const Quat& mounting) {
  for (auto* samples : {&recording.gyroscope, &recording.accelerometer, &recording.magnetometer})
    for (fusion::TimedVector& sample : *samples)
      sample.value = fusion::ahrs::rotate(mounting, sample.value);
  return recording;
}

OrientationScore mean_score(const MotionTrials& trials, const OrientationRequest& request,
                            const Quat& mounting = {1, 0, 0, 0}) {
  OrientationScore mean;
  const auto count = static_cast<double>(trials.trials.size());
  for (const MotionTrial& trial : trials.trials) {
    const auto recording = read_motion_trial(trials, trial);
    const auto truth = fusion::read_truth(trials.folder.string(), trial.id);
    if (!recording || !truth) {
      ADD_FAILURE() << "trial " << trial.id << " cannot be read";
      return mean;
    }
    const OrientationResult result = run_orientation(turned(*recording, mounting), request);
    std::vector<Quat> rows;
    for (const fusion::ahrs::Output& row : result.rows) rows.push_back(row.orientation * mounting);
    const OrientationScore score = fusion::score(rows, *truth);
    mean.total_deg += score.total_deg / count;
    mean.heading_deg += score.heading_deg / count;
    mean.inclination_deg += score.inclination_deg / count;
  }
  return mean;
}

class OrientationAccuracy : public testing::Test {
 protected:
  void SetUp() override {
    auto read = read_motion_trials(recordings());
    if (!read) GTEST_SKIP() << "no recordings in " << recordings() << "; set HALTERE_DATA";
    trials = std::move(read).value();
  }
  /// Every third, so that it takes seconds with sanitizers too.
  [[nodiscard]] MotionTrials every_third() const {
    MotionTrials some{trials.folder, trials.rate_hz, {}};
    for (std::size_t i = 0; i < trials.trials.size(); i += 3) {
      some.trials.push_back(trials.trials[i]);
    }
    return some;
  }
  MotionTrials trials;
};

TEST_F(OrientationAccuracy, of_the_causal_filter_over_all_recordings) {
  const OrientationScore score = mean_score(trials, {});
  EXPECT_LT(score.total_deg, 1.4);
  EXPECT_LT(score.inclination_deg, 0.45);
}

// Everything must go with the sensor: what is a whole number in one frame is none in another.
TEST_F(OrientationAccuracy, however_the_sensor_is_mounted) {
  for (const Quat& mounting : {Quat{0, 1, 0, 0}, Quat{0.36F, -0.48F, 0.64F, 0.48F}}) {
    const OrientationScore score = mean_score(trials, {}, mounting);
    EXPECT_LT(score.total_deg, 1.4);
    EXPECT_LT(score.inclination_deg, 0.45);
  }
}

TEST_F(OrientationAccuracy, without_magnetometer) {
  const OrientationScore score =
      mean_score(every_third(), {.without_magnetometer = true, .settings = {}});
  EXPECT_LT(score.inclination_deg, 0.45);
}

TEST_F(OrientationAccuracy, offline) {
  const OrientationScore score =
      mean_score(trials, {.method = OrientationMethod::offline, .settings = {}});
  EXPECT_LT(score.total_deg, 1.35);
  EXPECT_LT(score.inclination_deg, 0.32);
}

// As published for them (VQF's authors and the recordings' README), so that ratios mean something.
TEST_F(OrientationAccuracy, known_filters_do_as_is_known_of_them) {
  const OrientationScore madgwick =
      mean_score(trials, {.method = OrientationMethod::madgwick, .settings = {}});
  EXPECT_NEAR(madgwick.total_deg, 5.03, 0.4);
  const OrientationScore mahony =
      mean_score(trials, {.method = OrientationMethod::mahony, .settings = {}});
  EXPECT_NEAR(mahony.total_deg, 7.89, 0.2);
}

}  // namespace
}  // namespace haltere::agent
