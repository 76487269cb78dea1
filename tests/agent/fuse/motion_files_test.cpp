#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/fuse/motion_table.hpp"
#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/orientation_plot.hpp"
#include "agent/store/atomic_file.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

class MotionFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = scratch.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  Result<MotionTable> table(const std::string& text, double rate_hz = 0.0) {
    return read_motion_table(write("table.csv", text), rate_hz);
  }
  ScratchFolder scratch;
};

TEST_F(MotionFiles, reads_axes_in_any_units) {
  const auto read = table(
      "t:ms,gx:dps,gy:dps,gz:dps,ax:g,ay:g,az:g,mx:gauss,my:gauss,mz:gauss\n"
      "10,180,0,-90,0,0,1,0.2,0,-0.4\n");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->recording.gyroscope.size(), 1U);
  EXPECT_EQ(read->recording.gyroscope[0].time_ns, 10'000'000);
  EXPECT_NEAR(read->recording.gyroscope[0].value.x, 3.14159F, 1e-4F);
  EXPECT_NEAR(read->recording.accelerometer[0].value.z, 9.80665F, 1e-4F);
  EXPECT_NEAR(read->recording.magnetometer[0].value.z, -40.0F, 1e-3F);
}

TEST_F(MotionFiles, takes_blank_cells_as_no_sample) {
  const auto read = table(
      "t,gyro_x,gyro_y,gyro_z,acc_x,acc_y,acc_z,mag_x,mag_y,mag_z\n"
      "0.00,0,0,0,0,0,9.8,20,0,-40\n0.01,0,0,0,,,,,,\n0.02,0,0,0,0,0,9.8,,,\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->recording.gyroscope.size(), 3U);
  EXPECT_EQ(read->recording.accelerometer.size(), 2U);
  EXPECT_EQ(read->recording.magnetometer.size(), 1U);
}

TEST_F(MotionFiles, passes_over_samples_out_of_order) {
  const auto read =
      table("t,gx,gy,gz,ax,ay,az\n0.02,1,0,0,0,0,9\n0.01,2,0,0,0,0,9\n0.03,3,0,0,0,0,9\n");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->recording.gyroscope.size(), 2U);
  EXPECT_EQ(read->recording.gyroscope[1].value.x, 3.0F);
  EXPECT_EQ(read->out_of_order, 2U);
}

TEST_F(MotionFiles, needs_a_time_or_a_rate) {
  const std::string text = "gx,gy,gz,ax,ay,az\n1,0,0,0,0,9\n2,0,0,0,0,9\n";
  const auto without = table(text);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("--rate"), std::string::npos);
  const auto with = table(text, 50.0);
  ASSERT_TRUE(with) << with.error().message;
  EXPECT_EQ(with->recording.gyroscope[1].time_ns, 20'000'000);
}

TEST_F(MotionFiles, say_what_is_wrong_with_a_table) {
  const auto missing = table("t,ax,ay,az\n0,0,0,9\n");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("gx, gy, gz of the gyroscope"), std::string::npos);
  const auto unit = table("t,gx:g,gy:g,gz:g,ax,ay,az\n0,0,0,0,0,0,9\n");
  ASSERT_FALSE(unit);
  EXPECT_NE(unit.error().message.find("should be of angular rate"), std::string::npos);
  const auto text = table("t,gx,gy,gz,ax,ay,az\n0,0,0,hello,0,0,9\n1,0,0,1,0,0,9\n");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find(":2:7: 'hello' is not a number"), std::string::npos)
      << text.error().message;
}

TEST_F(MotionFiles, write_a_row_for_each_sample_of_the_gyroscope) {
  const auto read = table("t,gx,gy,gz,ax,ay,az\n0,0,0,0,0,0,9.8\n0.01,0,0,0,0,0,9.8\n");
  ASSERT_TRUE(read);
  const OrientationResult result = run_orientation(read->recording, {});
  const std::string csv = orientation_csv(read->recording, result);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_TRUE(csv.ends_with(",1.0000000,0.0000000,0.0000000,0.0000000\n")) << csv;
  EXPECT_NE(csv.find("qw,qx,qy,qz\n"), std::string::npos);
  const std::string svg = orientation_svg(read->recording, result);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("pitch, deg"), std::string::npos);
}

TEST_F(MotionFiles, draw_nothing_of_an_empty_recording) {
  EXPECT_TRUE(orientation_svg({}, {}).ends_with("</svg>\n"));
}

TEST_F(MotionFiles, read_a_folder_of_trials) {
  write("trials.json",
        R"({"sampling_rate_hz_num": 200, "sampling_rate_hz_den": 2,
            "trials": [{"id": "a", "name": "first"}]})");
  std::vector<fusion::ahrs::Quat> floats(9, {1, 2, 3, 4});  // 36 floats: four rows of nine
  const auto bytes = to_bytes(floats);
  ASSERT_TRUE(write_file_atomically(scratch.path() / "a.imu.f32", bytes));
  const auto trials = read_motion_trials(scratch.path());
  ASSERT_TRUE(trials) << trials.error().message;
  EXPECT_EQ(trials->rate_hz, 100.0);
  const auto recording = read_motion_trial(*trials, trials->trials[0]);
  ASSERT_TRUE(recording) << recording.error().message;
  ASSERT_EQ(recording->magnetometer.size(), 4U);
  EXPECT_EQ(recording->gyroscope[3].time_ns, 30'000'000);
  EXPECT_EQ(recording->gyroscope[0].value.y, 2.0F);
  EXPECT_EQ(recording->magnetometer[0].value.z, 1.0F);
}

TEST_F(MotionFiles, refuse_broken_lists_of_trials) {
  for (const char* text :
       {"", "[]", "{}", "{\"trials\": 3}", "{\"trials\": []}",
        R"({"sampling_rate_hz_num": 1, "sampling_rate_hz_den": 0, "trials": []})",
        R"({"sampling_rate_hz_num": 9, "sampling_rate_hz_den": 1, "trials": [3]})",
        R"({"sampling_rate_hz_num": 9, "sampling_rate_hz_den": 1, "trials": [{"id": "../x"}]})"}) {
    write("trials.json", text);
    EXPECT_FALSE(read_motion_trials(scratch.path())) << text;
  }
}

TEST_F(MotionFiles, refuse_a_trial_cut_short) {
  write("b.imu.f32", "not a whole row");
  EXPECT_FALSE(read_motion_trial({scratch.path(), 100.0, {}}, {"b", ""}));
  EXPECT_FALSE(read_motion_trial({scratch.path(), 100.0, {}}, {"none", ""}));
}

}  // namespace
}  // namespace haltere::agent
