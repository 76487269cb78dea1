#include "mcu/link/study.hpp"

#include <cstdint>
#include <vector>

#include "tests/mcu/link/wire.hpp"

namespace haltere::link {
namespace {

TEST(StudyMessages, SurviveAndRefuseOtherLengths) {
  EXPECT_EQ(through_the_wire(StudyRequest{true, 0.25F}, 5).rate, 0.25F);
  EXPECT_EQ(through_the_wire(LabelRequest{-1, 70000}, 6).label, -1);
  EXPECT_EQ(through_the_wire(PullRequest{300}, 2).first, 300);
  const auto reply = through_the_wire(StudyReply{true, 9, 7, 1, 0.5F, 0.25F, 102, 904, 70000}, 32);
  EXPECT_EQ(reply.kept_step, 7U);
  EXPECT_EQ(reply.weights, 102);
  EXPECT_EQ(reply.next_sample, 70000U);
  Bytes neither = bytes_of(StudyRequest{});
  neither[0] = 2;
  StudyRequest decoded;
  EXPECT_FALSE(decode(neither.data(), neither.size(), decoded));
}

TEST(StudyMessages, ALessonIsWhole) {
  const Bytes values(8, 1);
  const Bytes bytes = bytes_of(TeachRequest{5, 2, values.data(), 2});
  TeachRequest teach;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), teach));
  EXPECT_EQ(teach.step, 5U);
  EXPECT_EQ(teach.label, 2);
  EXPECT_EQ(teach.count, 2U);
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, teach));
  EXPECT_FALSE(decode(bytes.data(), teach_header_bytes - 1, teach));
}

TEST(StudyMessages, WhatIsPulledStaysWithinItsNumbers) {
  const Bytes values(8, 1);
  const Bytes bytes = bytes_of(PullReply{5, 12, 10, values.data(), 2});
  PullReply pull;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), pull));
  EXPECT_EQ(pull.count, 2U);
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 2, pull));
  const Bytes beyond = bytes_of(PullReply{5, 11, 10, values.data(), 2});
  EXPECT_FALSE(decode(beyond.data(), beyond.size(), pull));
}

}  // namespace
}  // namespace haltere::link
