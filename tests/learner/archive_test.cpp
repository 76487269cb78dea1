#include "learner/archive.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

TEST(Archive, ReadsWhatItWrote) {
  std::uint8_t byte = 200;
  std::int32_t number = -5;
  double value = -0.1;
  bool flag = true;
  std::array<float, 3> values{1.0F, -2.0F, 3.5F};
  std::vector<std::uint8_t> blob{9, 8, 7};
  Archive out;
  out.exchange(byte);
  out.exchange(number);
  out.exchange(value);
  out.exchange(flag);
  out.exchange(std::span(values));
  out.exchange(blob);
  std::uint8_t byte_back = 0;
  std::int32_t number_back = 0;
  double value_back = 0.0;
  bool flag_back = false;
  std::array<float, 3> values_back{};
  std::vector<std::uint8_t> blob_back;
  Archive in(out.bytes());
  in.exchange(byte_back);
  in.exchange(number_back);
  in.exchange(value_back);
  in.exchange(flag_back);
  in.exchange(std::span(values_back));
  in.exchange(blob_back);
  EXPECT_TRUE(in.exhausted());
  EXPECT_EQ(byte_back, byte);
  EXPECT_EQ(number_back, number);
  EXPECT_EQ(value_back, value);
  EXPECT_EQ(flag_back, flag);
  EXPECT_EQ(values_back, values);
  EXPECT_EQ(blob_back, blob);
}

TEST(Archive, FailsPastTheEndAndOnAnotherSize) {
  Archive out;
  std::array<float, 3> values{1.0F, 2.0F, 3.0F};
  out.exchange(std::span(values));
  Archive cut(std::span(out.bytes()).first(out.bytes().size() - 1));
  cut.exchange(std::span(values));
  EXPECT_TRUE(cut.failed());
  std::array<float, 2> fewer{};
  Archive other(out.bytes());
  other.exchange(std::span(fewer));
  EXPECT_TRUE(other.failed());
}

TEST(Archive, DoesNotReserveWhatABlobClaimsToBe) {
  Archive out;
  std::uint64_t huge = ~std::uint64_t{0} / 2;
  out.exchange(huge);
  Archive in(out.bytes());
  std::vector<std::uint8_t> blob;
  in.exchange(blob);
  EXPECT_TRUE(in.failed());
  EXPECT_TRUE(blob.empty());
}

TEST(Checkpoint, RefusesEveryFlippedByteAndEveryLength) {
  const std::vector<std::uint8_t> payload{1, 2, 3, 4, 5};
  const std::vector<std::uint8_t> bytes = wrap_checkpoint(payload);
  ASSERT_TRUE(unwrap_checkpoint(bytes).ok());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::uint8_t> damaged = bytes;
    damaged[i] ^= 0x10U;
    EXPECT_FALSE(unwrap_checkpoint(damaged).ok()) << "byte " << i;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(unwrap_checkpoint(std::span(bytes).first(size)).ok()) << size << " bytes";
  std::vector<std::uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(unwrap_checkpoint(longer).ok());
}

TEST(Checkpoint, NamesAnotherVersion) {
  std::vector<std::uint8_t> bytes = wrap_checkpoint({});
  bytes[4] = 9;
  const auto read = unwrap_checkpoint(bytes);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  EXPECT_NE(read.error().message.find("version 9"), std::string::npos);
}

}  // namespace
}  // namespace haltere::learner
