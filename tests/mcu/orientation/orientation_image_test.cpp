// The orientation filter on emulated microcontrollers says what it says here, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/orientation/emulated_filter.hpp"

namespace haltere::orientation {
namespace {

constexpr unsigned seed = 20261122;

class OrientationImage : public testing::TestWithParam<FilterBoard> {
 protected:
  void SetUp() override {
    if (!fakes::has_program("qemu-system-arm")) GTEST_SKIP() << "qemu-system-arm is not installed";
    const auto image = std::filesystem::path(FIRMWARE_FOLDER) / GetParam().image;
    ASSERT_TRUE(std::filesystem::exists(image)) << image << " is missing; ./dev build makes it";
  }

  static void expect_the_same(const std::vector<Sample>& samples) {
    const auto there = run_emulated(GetParam(), FIRMWARE_FOLDER, samples);
    ASSERT_TRUE(there) << "the emulated board did not come to its end";
    const std::vector<Answer> here = run_here(samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      ASSERT_EQ(std::memcmp(&here[i], &there->answers[i], sizeof(Answer)), 0) << "sample " << i;
    }
    EXPECT_LT(there->cost.filter_bytes, 1024U);
    EXPECT_LT(there->cost.stack_bytes, 1024U);
  }
};

TEST_P(OrientationImage, follows_motion_to_the_same_bits) {
  const std::vector<Sample> samples = moving_samples(16);
  const std::vector<Answer> here = run_here(samples);
  EXPECT_EQ(here.back().counts[0], 0U);
  EXPECT_EQ(here.back().counts[1], 1U) << "the first field is older than the first orientation";
  const auto sees_magnet = [](const Answer& a) { return a.value[17] != 0.0F; };
  EXPECT_TRUE(std::ranges::any_of(here, sees_magnet)) << "the stretch tests too little";
  const auto sees_clipping = [](const Answer& a) { return (a.flags & 0x70U) != 0; };
  EXPECT_TRUE(std::ranges::any_of(here, sees_clipping)) << "likewise";
  expect_the_same(samples);
}

TEST_P(OrientationImage, takes_the_worst_input_to_the_same_bits) {
  const std::vector<Sample> samples = hostile_samples(4000, seed);
  const Answer last = run_here(samples).back();
  EXPECT_GT(last.counts[0], 50U);
  EXPECT_GT(last.counts[1], 50U);
  EXPECT_GT(last.counts[2], 5U);
  expect_the_same(samples);
}

INSTANTIATE_TEST_SUITE_P(Boards, OrientationImage, testing::ValuesIn(filter_boards()),
                         [](const auto& board) { return std::string(board.param.name); });

}  // namespace
}  // namespace haltere::orientation
