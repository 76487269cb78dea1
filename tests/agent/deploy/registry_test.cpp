#include "agent/deploy/registry.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/bundle.hpp"
#include "models/packer.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::agent {
namespace {

std::vector<std::uint8_t> bundle(const std::string& id, std::uint32_t version) {
  models::Bundle bundle = models::example_bundle();
  bundle.provenance.model_id = id;
  bundle.provenance.version = version;
  return *models::encode(bundle);
}

TEST(Registry, StoresAndLoadsByIdAndVersion) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  const auto stored = registry.store(bundle("gesture", 7));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->path, folder.path() / "models/gesture/7.hb");
  EXPECT_EQ(*registry.load("gesture", 7), bundle("gesture", 7));
}

TEST(Registry, ListsByIdThenVersionAndPassesOverOtherFiles) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  for (const std::uint32_t version : {10U, 9U, 1U})
    ASSERT_TRUE(registry.store(bundle("b", version)));
  ASSERT_TRUE(registry.store(bundle("a", 2)));
  for (const char* name : {"b/checkpoint", "b/11.hb.tmp", "b/07.hb", "b/x.hb", "stray"})
    std::ofstream(folder.path() / "models" / name) << "x";
  std::string listed;
  for (const auto& model : registry.list())
    listed += model.id + std::to_string(model.version) + " ";
  EXPECT_EQ(listed, "a2 b1 b9 b10 ");
  EXPECT_EQ(registry.newest("b")->version, 10U);
}

TEST(Registry, RecognisesWhatAMicrocontrollerRunsAlsoWhenItsWeightsWerePacked) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  for (const std::uint32_t version : {1U, 2U, 3U})
    ASSERT_TRUE(registry.store(bundle("gesture", version)));
  const auto identity = [](const std::vector<std::uint8_t>& bytes) {
    return kernels::bundle_identity(*models::open(bytes));
  };
  const auto plain = bundle("gesture", 2);
  for (const auto packing :
       {kernels::WeightPacking::plain, kernels::WeightPacking::dual, kernels::WeightPacking::pairs,
        kernels::WeightPacking::columns, kernels::WeightPacking::bytes}) {
    const auto there = *models::pack(plain, packing);
    const auto known = registry.recognise(identity(there), packing);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->stored.version, 2U);
    EXPECT_EQ(known->identity, identity(plain));
  }
  const auto packed = *models::pack(plain, kernels::WeightPacking::dual);
  ASSERT_NE(packed, plain);
  EXPECT_FALSE(registry.recognise(identity(packed), kernels::WeightPacking::columns));
  EXPECT_FALSE(registry.recognise(identity(bundle("gesture", 4)), kernels::WeightPacking::dual));
}

TEST(Registry, SaysWhenThereIsNone) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  EXPECT_TRUE(registry.list().empty());
  EXPECT_EQ(registry.newest("gesture").error().kind, ErrorKind::not_found);
  EXPECT_EQ(registry.load("gesture", 1).error().kind, ErrorKind::not_found);
}

TEST(Registry, RefusesBytesThatAreNoBundleAndIdsThatLeadElsewhere) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  auto broken = bundle("gesture", 1);
  broken[200] ^= 1U;
  EXPECT_FALSE(registry.store(broken));
  EXPECT_FALSE(registry.store(bundle("../outside", 1)));
  EXPECT_FALSE(registry.store(bundle("..", 1)));
  EXPECT_TRUE(registry.list("../models").empty());
  EXPECT_TRUE(registry.list().empty());
}

TEST(Registry, FindsDamageOnLoading) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  const auto stored = registry.store(bundle("gesture", 1));
  std::filesystem::resize_file(stored->path, 1000);
  const auto loaded = registry.load("gesture", 1);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt);
  EXPECT_NE(loaded.error().message.find("1.hb"), std::string::npos);
}

TEST(Registry, PrunesTheOldestVersions) {
  const ScratchFolder folder;
  const Registry registry(folder.path());
  for (std::uint32_t version = 1; version <= 5; ++version)
    ASSERT_TRUE(registry.store(bundle("gesture", version)));
  EXPECT_TRUE(registry.prune("gesture", 2));
  EXPECT_EQ(registry.list("gesture").size(), 2U);
  EXPECT_EQ(registry.list("gesture").front().version, 4U);
  EXPECT_TRUE(registry.prune("gesture", 9));
}

}  // namespace
}  // namespace haltere::agent
