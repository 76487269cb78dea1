#include "agent/fuse/position_run.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/fuse/motion_table.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

class ReceiverFiles : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::filesystem::path path = scratch.path() / "table.csv";
    std::ofstream(path) << text;
    return path.string();
  }
  Result<ReceiverRecording> read(const std::string& text) {
    return read_receiver(write(text), 0.0);
  }
  ScratchFolder scratch;
};

TEST_F(ReceiverFiles, turn_places_into_metres_from_the_first) {
  const auto found = read(
      "t,lat,lon,alt\n0,47,8,400\n0.1,,,\n0.2,47.0001,8,400\n0.3,47.0001,8,400\n"
      "0.4,47,8.0001,401\n");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->fixes.size(), 3U);
  EXPECT_EQ(found->fixes[0].value, fusion::navigation::Vec3{});
  EXPECT_EQ(found->fixes[1].time_ns, 200'000'000);
  EXPECT_NEAR(found->fixes[1].value[1], 11.12, 0.01);
  EXPECT_NEAR(found->fixes[2].value[0], 7.61, 0.01);
  EXPECT_NEAR(found->fixes[2].value[2], 1.0, 1e-4);
}

TEST_F(ReceiverFiles, take_radians_metres_and_velocities_too) {
  const auto place = read("t,lat:rad,lon:rad,height:m\n0,0.5,0.1,0\n1,0.500001,0.1,0\n");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_NEAR(place->fixes[1].value[1], 6.35, 0.01);
  const auto local = read("t,e:cm,n:cm,u:cm,ve,vn,vu\n0,100,200,300,1,2,3\n1,,,,4,5,6\n");
  ASSERT_TRUE(local) << local.error().message;
  EXPECT_EQ(local->fixes.size(), 1U);
  EXPECT_NEAR(local->fixes[0].value[2], 3.0, 1e-12);
  EXPECT_EQ(local->velocities.size(), 2U);
}

TEST_F(ReceiverFiles, say_what_is_wrong_with_a_table) {
  const auto message = [](const auto& result) {
    return result ? std::string("read") : result.error().message;
  };
  EXPECT_NE(message(read("t,lat,lon\n0,1,2\n")).find("has no columns lat, lon, height, nor east"),
            std::string::npos);
  EXPECT_NE(message(read("t,lat,lon,alt\n0,47,8,400\n1,95,8,400\n"))
                .find("row 2: lat, lon and height are no place on earth"),
            std::string::npos);
  EXPECT_NE(message(read("t,e,n,u\n0,0,0,0\n1,0,here,0\n")).find(":3:5: 'here' is not a number"),
            std::string::npos);
  EXPECT_NE(message(read("t,e:g,n,u\n0,0,0,0\n")).find("should be of length"), std::string::npos);
}

TEST_F(ReceiverFiles, become_a_row_for_each_sample_of_the_gyroscope) {
  std::string text = "t,gx,gy,gz,ax,ay,az,mx,my,mz,east,north,up\n";
  for (int i = 0; i < 500; ++i) {
    text += std::to_string(0.01 * i) + ",0,0,0,0,0,9.80665,0,20,-40,";
    text += i % 20 == 0 ? "3," + std::to_string(4.0 + 1e-6 * i) + ",5\n" : ",,\n";
  }
  const std::string path = write(text);
  const auto table = read_motion_table(path, 0.0);
  const auto receiver = read_receiver(path, 0.0);
  ASSERT_TRUE(table && receiver);
  const PositionResult result = run_position(table->recording, *receiver, {});
  ASSERT_EQ(result.rows.size(), 500U);
  EXPECT_TRUE(result.rows.back().aligned);
  EXPECT_NEAR(result.rows.back().position_m[1], 4.0, 0.01);
  const std::string csv = position_csv(result);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 501);
  EXPECT_EQ(csv.find("nan"), std::string::npos);
  EXPECT_NE(position_svg(result).find("north, m"), std::string::npos);
  EXPECT_TRUE(position_csv(run_position({}, *receiver, {})).ends_with("qz\n"));
}

}  // namespace
}  // namespace haltere::agent
