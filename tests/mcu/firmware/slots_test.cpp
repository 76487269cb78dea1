#include "mcu/firmware/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/fakes/memory_flash.hpp"

namespace haltere::firmware {
namespace {

using fakes::MemoryFlash;

std::vector<std::uint8_t> pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

void store(Slots& slots, int slot, const std::vector<std::uint8_t>& bytes, std::uint64_t hash) {
  ASSERT_TRUE(slots.begin(slot, static_cast<std::uint32_t>(bytes.size()), hash));
  ASSERT_TRUE(slots.append(slot, 0, bytes.data(), static_cast<std::uint32_t>(bytes.size())));
}

TEST(Slots, AreEmptyWhateverTheFlashHeldBefore) {
  MemoryFlash flash;
  const Slots slots(flash.storage());
  EXPECT_FALSE(slots.record(0).begun);
  EXPECT_FALSE(slots.record(1).begun);
  EXPECT_EQ(slots.newest(no_slot), no_slot);
  EXPECT_EQ(slots.capacity_bytes(), 63U * 1024);
}

TEST(Slots, KeepABundleThatArrivesInPieces) {
  MemoryFlash flash;
  Slots slots(flash.storage());
  const auto bytes = pattern(2501);
  ASSERT_TRUE(slots.begin(1, 2501, 7));
  for (std::uint32_t at = 0; at < 2501; at += 496) {
    ASSERT_TRUE(slots.append(1, at, bytes.data() + at, std::min<std::uint32_t>(496, 2501 - at)));
  }
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), slots.bundle(1)));
  EXPECT_EQ(slots.stored_bytes(1), 2501U);
  EXPECT_EQ(slots.record(1).hash, 7U);
  EXPECT_EQ(flash.violations, 0);
}

TEST(Slots, ResumeAtTheLastWholePage) {
  MemoryFlash flash;
  const auto bytes = pattern(4000);
  {
    Slots slots(flash.storage());
    ASSERT_TRUE(slots.begin(0, 4000, 7));
    ASSERT_TRUE(slots.append(0, 0, bytes.data(), 2500));
  }
  Slots slots(flash.storage());
  EXPECT_EQ(slots.stored_bytes(0), 2048U);
  ASSERT_TRUE(slots.append(0, 2048, bytes.data() + 2048, 4000 - 2048));
  EXPECT_EQ(slots.stored_bytes(0), 4000U);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), slots.bundle(0)));
  EXPECT_EQ(flash.violations, 0) << "the started page was erased before it was written again";
}

TEST(Slots, TheOneActivatedLastIsTheNewest) {
  MemoryFlash flash;
  Slots slots(flash.storage());
  for (int round = 0; round < 5; ++round) {
    const int slot = round % 2;
    store(slots, slot, pattern(100), static_cast<std::uint64_t>(round));
    EXPECT_NE(slots.newest(no_slot), slot) << "not committed yet";
    ASSERT_TRUE(slots.commit(slot));
    EXPECT_NE(slots.newest(no_slot), slot) << "not activated yet";
    ASSERT_TRUE(slots.activate(slot));
    EXPECT_EQ(slots.newest(no_slot), slot);
  }
  ASSERT_TRUE(slots.retire(0));
  EXPECT_EQ(slots.newest(no_slot), 1);
  EXPECT_EQ(slots.newest(1), no_slot);
  EXPECT_EQ(flash.violations, 0);
}

TEST(Slots, ReportAMemoryThatFails) {
  MemoryFlash flash;
  Slots slots(flash.storage());
  const auto bytes = pattern(100);
  store(slots, 0, bytes, 1);
  flash.fails = true;
  EXPECT_FALSE(slots.begin(1, 100, 2));
  EXPECT_FALSE(slots.append(0, 0, bytes.data(), 100));
  EXPECT_FALSE(slots.commit(0));
  EXPECT_FALSE(slots.activate(0));
  EXPECT_FALSE(slots.retire(0));
}

}  // namespace
}  // namespace haltere::firmware
