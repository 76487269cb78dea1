#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "config/settings.hpp"

namespace haltere::config {
namespace {

constexpr std::array<std::string_view, 6> words{"update_interval", "address", "bus", "id", "rate",
                                                "imu.acceleration"};

TEST(Suggestion, finds_a_missing_an_added_a_wrong_and_a_swapped_letter) {
  EXPECT_EQ(did_you_mean("updat_interval", words), "update_interval");
  EXPECT_EQ(did_you_mean("addresss", words), "address");
  EXPECT_EQ(did_you_mean("imu.acceleraton", words), "imu.acceleration");
  EXPECT_EQ(did_you_mean("rste", words), "rate");
  EXPECT_EQ(did_you_mean("rtae", words), "rate");
  EXPECT_EQ(did_you_mean("di", words), "id");
}

TEST(Suggestion, finds_what_starts_with_a_word_like_it) {
  EXPECT_EQ(did_you_mean("update", words), "update_interval");
  constexpr std::array<std::string_view, 4> platforms{"bme280_i2c", "gpio", "mpu6050", "tmp102"};
  EXPECT_EQ(did_you_mean("bme281", platforms), "bme280_i2c");
  EXPECT_EQ(did_you_mean("mpu6500", platforms), "mpu6050");
  EXPECT_EQ(did_you_mean("sht31", platforms), "");
}

TEST(Suggestion, ignores_case) { EXPECT_EQ(did_you_mean("BUS", words), "bus"); }

TEST(Suggestion, says_nothing_rather_than_something_far) {
  EXPECT_EQ(did_you_mean("colour", words), "");
  EXPECT_EQ(did_you_mean("xy", words), "");
  EXPECT_EQ(did_you_mean("", words), "");
  EXPECT_EQ(did_you_mean(std::string(10'000, 'u'), words), "");
  EXPECT_EQ(did_you_mean("bus", {}), "");
}

TEST(Suggestion, reads_as_a_question) {
  EXPECT_EQ(suggestion("buss", words), "; did you mean 'bus'?");
  EXPECT_EQ(suggestion("colour", words), "");
  EXPECT_EQ(suggestion_or_list("buss", words, "they are"), "; did you mean 'bus'?");
  EXPECT_EQ(suggestion_or_list("colour", std::span(words).first(2), "they are"),
            "; they are update_interval, address");
}

}  // namespace
}  // namespace haltere::config
