#include "mcu/link/checksum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace haltere::link {
namespace {

constexpr std::array<std::uint8_t, 9> digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};

TEST(Checksum, GivesTheCatalogueValuesOfItsAlgorithms) {
  EXPECT_EQ(crc32_iso_hdlc(0, digits.data(), digits.size()), 0xCBF43926U);
  EXPECT_EQ(crc32_iso_hdlc(0, nullptr, 0), 0U);
  EXPECT_EQ(fnv1a_64(fnv1a_start, nullptr, 0), 0xCBF29CE484222325U);
  const std::uint8_t a = 'a';
  EXPECT_EQ(fnv1a_64(fnv1a_start, &a, 1), 0xAF63DC4C8601EC8CU);
}

TEST(Checksum, GoesOnFromAnEarlierResult) {
  for (std::size_t split = 0; split <= digits.size(); ++split) {
    const std::size_t rest = digits.size() - split;
    EXPECT_EQ(crc32_iso_hdlc(crc32_iso_hdlc(0, digits.data(), split), digits.data() + split, rest),
              0xCBF43926U);
    EXPECT_EQ(fnv1a_64(fnv1a_64(fnv1a_start, digits.data(), split), digits.data() + split, rest),
              fnv1a_64(fnv1a_start, digits.data(), digits.size()));
  }
}

}  // namespace
}  // namespace haltere::link
