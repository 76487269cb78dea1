#include "agent/fuse/altitude_run.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/fuse/motion_table.hpp"
#include "agent/fuse/motion_trials.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/environment.hpp"
#include "tests/fusion/navigation_truth.hpp"

namespace haltere::agent {
namespace {

class AltitudeFiles : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::filesystem::path path = scratch.path() / "table.csv";
    std::ofstream(path) << text;
    return path.string();
  }
  ScratchFolder scratch;
};

TEST_F(AltitudeFiles, reads_pressures_in_any_unit_and_each_once) {
  const auto read = read_pressures(
      write("t:ms,pressure:hPa,gx\n0,1000,0\n10,1000,0\n20,,0\n30,1000.5,0\n40,999,0\n"), 0.0);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[1].time_ns, 30'000'000);
  EXPECT_NEAR((*read)[1].pressure_pa, 100'050.0, 1e-6);
}

TEST_F(AltitudeFiles, say_what_is_wrong_with_a_table) {
  const auto missing = read_pressures(write("t,gx\n0,0\n"), 0.0);
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().message.ends_with("table.csv: has no column 'pressure'"));
  const auto unit = read_pressures(write("t,pressure:g\n0,0\n"), 0.0);
  ASSERT_FALSE(unit);
  EXPECT_NE(unit.error().message.find("should be of pressure"), std::string::npos);
  const auto text = read_pressures(write("t,pressure\n0,101325\n1,high\n"), 0.0);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find(":3:3: 'high' is not a number"), std::string::npos)
      << text.error().message;
  EXPECT_FALSE(read_pressures(write("pressure\n101325\n"), 0.0));
  EXPECT_TRUE(read_pressures(write("pressure\n101325\n"), 25.0));
}

TEST_F(AltitudeFiles, write_a_row_for_each_sample_of_the_gyroscope) {
  const std::string path = write(
      "t,gx,gy,gz,ax,ay,az,pressure\n0,0,0,0,0,0,9.80665,89874.6\n"
      "0.01,0,0,0,0,0,9.80665,\n0.02,0,0,0,0,0,9.80665,89874.5\n");
  const auto table = read_motion_table(path, 0.0);
  const auto pressures = read_pressures(path, 0.0);
  ASSERT_TRUE(table && pressures);
  const AltitudeResult result = run_altitude(table->recording, *pressures, {});
  ASSERT_EQ(result.rows.size(), 3U);
  EXPECT_NEAR(result.rows[2].height_m, 1000.0, 0.1);
  const std::string csv = altitude_csv(result);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 4);
  EXPECT_NE(csv.find("\n0.010000,999.996"), std::string::npos) << csv;
  const std::string svg = altitude_svg(result);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("vertical speed"), std::string::npos);
  EXPECT_TRUE(altitude_svg({}).ends_with("</svg>\n"));
}

// Over real motion, a made-up barometer's noise is 0.11 m: the filter must take most of it off, and
// the speed be far better than a barometer can tell.
TEST(AltitudeAccuracy, over_recordings_with_true_height) {
  const std::string folder = recordings_folder() / "orientation";
  const auto trials = read_motion_trials(folder);
  if (!trials) GTEST_SKIP() << "no recordings in " << folder << "; set HALTERE_DATA";
  for (std::size_t t = 0; t < trials->trials.size(); t += 5) {
    const MotionTrial& trial = trials->trials[t];
    const auto recording = read_motion_trial(*trials, trial);
    const auto truth = fusion::read_position_truth(folder, trial.id, trials->rate_hz);
    ASSERT_TRUE(recording && truth);
    std::vector<PressureSample> pressures;
    const auto made_up = fusion::made_up_barometer(*truth, 1 + t);
    for (const auto& p : made_up) pressures.push_back({p.time_ns, p.pressure_pa});
    const AltitudeResult result = run_altitude(*recording, pressures, {});
    double height = 0.0;
    double speed = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
      if (!truth->scored[i]) continue;
      height += std::pow(result.rows[i].height_m - truth->position_m[i][2], 2);
      speed += std::pow(result.rows[i].speed_mps - truth->velocity_mps[i][2], 2);
      count += 1.0;
    }
    EXPECT_LT(std::sqrt(height / count), 0.07) << trial.name;
    EXPECT_LT(std::sqrt(speed / count), 0.12) << trial.name;
  }
}

}  // namespace
}  // namespace haltere::agent
