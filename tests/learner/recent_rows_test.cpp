#include "learner/recent_rows.hpp"

#include <set>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

void push_number(RecentRows& rows, std::size_t number, std::size_t label) {
  const auto value = static_cast<float>(number);
  rows.push({{&value, 1}, label, value});
}

std::set<float> values(const RecentRows& rows) {
  std::set<float> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows.example(i).row[0], rows.example(i).value);
    found.insert(rows.example(i).value);
  }
  return found;
}

TEST(RecentRows, KeepsTheNewestAndOnlyThose) {
  RecentRows rows(4, 1, 3);
  EXPECT_EQ(rows.size(), 0U);
  for (std::size_t i = 0; i < 3; ++i) push_number(rows, i, i);
  EXPECT_EQ(values(rows), (std::set<float>{0.0F, 1.0F, 2.0F}));
  for (std::size_t i = 3; i < 11; ++i) push_number(rows, i, i % 3);
  EXPECT_EQ(values(rows), (std::set<float>{7.0F, 8.0F, 9.0F, 10.0F}));
}

TEST(RecentRows, KeepsNothingWithoutRoom) {
  RecentRows rows(0, 1, 1);
  push_number(rows, 1, 0);
  EXPECT_EQ(rows.size(), 0U);
}

TEST(RecentRows, GoesOnAsIfNeverSaved) {
  RecentRows rows(4, 1, 3);
  for (std::size_t i = 0; i < 6; ++i) push_number(rows, i, i % 3);
  Archive written;
  rows.exchange(written);
  RecentRows resumed(4, 1, 3);
  Archive read(written.bytes());
  resumed.exchange(read);
  ASSERT_TRUE(read.exhausted());
  push_number(rows, 6, 0);
  push_number(resumed, 6, 0);
  EXPECT_EQ(values(resumed), values(rows));
}

TEST(RecentRows, RefusesALabelThatThereIsNot) {
  RecentRows rows(4, 1, 3);
  push_number(rows, 1, 2);
  Archive written;
  rows.exchange(written);
  RecentRows fewer(4, 1, 2);
  Archive read(written.bytes());
  fewer.exchange(read);
  EXPECT_TRUE(read.failed());
}

}  // namespace
}  // namespace haltere::learner
