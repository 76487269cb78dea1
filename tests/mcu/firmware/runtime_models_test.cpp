// Which model the runtime takes, refuses, keeps and returns to.
#include "tests/mcu/firmware/device.hpp"

namespace haltere::firmware {
namespace {

TEST(Runtime, KeepsTheModelBeforeWhenTheNewOneIsBad) {
  const Bytes good = bundle_of(2);
  for (std::size_t at = 0; at < good.size(); at += 5) {
    MemoryFlash flash;
    Device device(flash);
    device.install(bundle_of(1));
    Bytes bad = good;
    bad[at] = static_cast<std::uint8_t>(bad[at] ^ 0x10);
    device.transfer(bad, Device::hash_of(bad));
    const auto error =
        device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(bad)});
    ASSERT_EQ(error.code, ErrorCode::bad_bundle) << "byte " << at;
    EXPECT_EQ(device.hello().model_version, 1U);
    EXPECT_EQ(device.status().refused_bundles, 1U);
    EXPECT_EQ(device
                  .reply_to<link::BeginReply>(
                      MessageType::begin, link::BeginRequest{static_cast<std::uint32_t>(bad.size()),
                                                             Device::hash_of(bad)})
                  .next_offset,
              0U)
        << "a bad slot starts anew";
  }
}

TEST(Runtime, RefusesAModelWhoseSelfTestGivesOtherBytes) {
  MemoryFlash flash;
  Device device(flash);
  device.install(bundle_of(1));
  Bytes lying = bundle_of(2);
  // The stored outputs are the last word before the crc; the crc is made good again.
  lying[lying.size() - 8] = static_cast<std::uint8_t>(lying[lying.size() - 8] ^ 1);
  const std::uint32_t crc = link::crc32_iso_hdlc(0, lying.data(), lying.size() - 4);
  link::ByteWriter(lying.data() + lying.size() - 4, 4).u32(crc);
  device.transfer(lying, Device::hash_of(lying));
  EXPECT_EQ(device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(lying)}).code,
            ErrorCode::self_test);
  EXPECT_EQ(device.hello().model_version, 1U);
}

TEST(Runtime, RefusesDamageInTransitByTheHash) {
  MemoryFlash flash;
  Device device(flash);
  const Bytes bundle = bundle_of(2);
  device.transfer(bundle, 12345);
  EXPECT_EQ(device.error_of(MessageType::commit, link::HashRequest{12345}).code,
            ErrorCode::hash_mismatch);
}

TEST(Runtime, RefusesWhatDoesNotFit) {
  MemoryFlash flash;
  Device device(flash, 64);
  EXPECT_EQ(device.error_of(MessageType::begin, link::BeginRequest{64 * 1024, 1}).code,
            ErrorCode::too_big);
  EXPECT_EQ(device.error_of(MessageType::begin, link::BeginRequest{0, 1}).code,
            ErrorCode::out_of_range);
  const Bytes bundle = bundle_of(1, {40, 40, 8});
  device.transfer(bundle, Device::hash_of(bundle));
  const auto error =
      device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(bundle)});
  EXPECT_EQ(error.code, ErrorCode::too_big);
  EXPECT_EQ(error.detail, 88U) << "inputs, hidden activations, outputs";
}

TEST(Runtime, FallsBackAtBootWhenTheActiveModelIsDamaged) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
    device.install(bundle_of(2));
  }
  {
    Device device(flash);
    EXPECT_EQ(device.hello().model_version, 2U) << "it survives a reset";
  }
  flash.bundle(1)[200] ^= 1;
  {
    Device device(flash);
    EXPECT_EQ(device.hello().model_version, 1U);
    EXPECT_EQ(device.status().boot_fallbacks, 1U);
  }
  flash.bundle(0)[200] ^= 1;
  Device device(flash);
  EXPECT_EQ(device.hello().active_slot, link::no_slot);
}

TEST(Runtime, FallsBackAtOnceWhenTheActiveModelsStructureIsDamaged) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
    device.install(bundle_of(2));
  }
  flash.bundle(1)[13] ^= 1;  // the number of inputs
  Device device(flash, 8192, When::before_idle);
  EXPECT_EQ(device.hello().model_version, 1U);
  EXPECT_EQ(device.status().boot_fallbacks, 1U);
}

TEST(Runtime, InfersBeforeItReadThroughAModelThatItsRecordVouchesFor) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
  }
  flash.bundle(0)[200] ^= 1;  // a name: no structure, so only reading through finds it
  Device device(flash, 8192, When::before_idle);
  EXPECT_EQ(device.hello().model_version, 1U);
  device.idle();
  EXPECT_EQ(device.hello().active_slot, link::no_slot);
  EXPECT_EQ(device.status().boot_fallbacks, 1U);
}

TEST(Runtime, ARolledBackModelStaysAwayAfterAReset) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
    device.install(bundle_of(2));
    device.reply_to<link::RollbackReply>(MessageType::rollback,
                                         link::HashRequest{Device::hash_of(bundle_of(2))});
    EXPECT_EQ(
        device.error_of(MessageType::rollback, link::HashRequest{Device::hash_of(bundle_of(1))})
            .code,
        ErrorCode::no_model);
  }
  Device device(flash);
  EXPECT_EQ(device.hello().model_version, 1U);
  EXPECT_EQ(device.hello().previous_hash, 0U);
  device.install(bundle_of(2));
  EXPECT_EQ(device.hello().model_version, 2U) << "it may be handed over again";
  EXPECT_EQ(flash.violations, 0);
}

}  // namespace
}  // namespace haltere::firmware
