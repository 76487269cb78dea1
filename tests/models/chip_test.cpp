#include "models/chip.hpp"

#include <gtest/gtest.h>

#include "models/dequantizer.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::models {
namespace {

TEST(Chip, IsACoreWithItsClockOrAPart) {
  const Result<Chip> core = chip_named("cortex-m0@48MHz");
  ASSERT_TRUE(core.ok()) << core.error().message;
  EXPECT_EQ(core->clock_hz, 48e6);
  EXPECT_EQ(core->packing, kernels::WeightPacking::columns);
  const Result<Chip> part = chip_named("nRF52840");
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->clock_hz, 64e6);
  EXPECT_EQ(part->packing, kernels::WeightPacking::dual);
  for (const std::string& name : chip_names())
    EXPECT_TRUE(
        chip_named(name.ends_with("@MHz") ? name.substr(0, name.size() - 3) + "8MHz" : name))
        << name;
}

TEST(Chip, IsRefusedWithWhatIsKnown) {
  for (const char* text : {"z80@4MHz", "cortex-m0", "cortex-m0@", "cortex-m0@48", "@48MHz", "",
                           "cortex-m0@0Hz", "cortex-m0@-1MHz"}) {
    const Result<Chip> chip = chip_named(text);
    ASSERT_FALSE(chip.ok()) << text;
    EXPECT_NE(chip.error().message.find("--chip"), std::string::npos) << text;
  }
}

/// The counts that the estimate was made from come out again.
TEST(Cost, ReproducesTheCountsItIsMadeFrom) {
  const Result<Chip> m0 = chip_named("cortex-m0@16MHz");
  ASSERT_TRUE(m0.ok());
  EXPECT_NEAR(m0->instructions_per_mac * 1760 + m0->instructions_per_output * 54, 9022, 20);
  EXPECT_NEAR(m0->instructions_per_mac * 264'192 + m0->instructions_per_output * 1672, 944'265,
              500);
}

TEST(Cost, IsOfThePackedBundle) {
  const Bundle bundle = example_bundle();
  const Result<Cost> slow = cost_of(bundle, *chip_named("cortex-m0@16MHz"));
  const Result<Cost> fast = cost_of(bundle, *chip_named("cortex-m0@32MHz"));
  ASSERT_TRUE(slow.ok()) << slow.error().message;
  EXPECT_GE(slow->flash_bytes, encode(bundle)->size());
  EXPECT_DOUBLE_EQ(slow->seconds, 2.0 * fast->seconds);
  EXPECT_DOUBLE_EQ(slow->joules, fast->joules) << "the same cycles";
  EXPECT_GT(slow->ram_bytes, bundle.mean.size());
}

}  // namespace
}  // namespace haltere::models
