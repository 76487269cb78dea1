// A board and its enrolled microcontroller, over a simulated line.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "models/bundle.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/simulated_board.hpp"

namespace haltere::agent {
namespace {

using fakes::SimulatedBoard;
using Bytes = std::vector<std::uint8_t>;

Bytes bundle_of(std::uint32_t version, std::vector<std::size_t> sizes = {9, 12, 4}) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = std::move(sizes);
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return fakes::random_bundle(net, random);
}

class Enrolled : public testing::Test {
 protected:
  ~Enrolled() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] McuLink connect(SimulatedBoard& board, const char* state = "a") const {
    McuLink link(board.plug(), "tag", {.attempts = 4}, {}, board.time());
    if (*state != '\0') link.set_keys(McuKeys(folder_ / state));
    return link;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("haltere-enroll-" + std::to_string(getpid()));
};

TEST_F(Enrolled, TakesOnlySealedModelsOfItsBoard) {
  SimulatedBoard board({.button = true});
  McuLink link = connect(board);
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.push(bundle_of(1)));
  const auto device = link.enroll();
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(link.info().active_slot, link::no_slot) << "who made the model before is not known";
  const auto pushed = link.push(bundle_of(2));
  ASSERT_TRUE(pushed) << pushed.error().message;
  auto model = models::Int8Model::create(bundle_of(2)).value();
  const std::vector<float> features(9, 0.5F);
  const auto there = link.infer(features);
  ASSERT_TRUE(there) << there.error().message;
  model.run(features);
  EXPECT_TRUE(std::ranges::equal(model.outputs(), there->outputs));
  EXPECT_EQ(there->model_version, 2U);
  struct stat file {};
  ASSERT_EQ(stat((folder_ / "a" / "mcu-keys" / (*device + ".json")).c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
}

TEST_F(Enrolled, RefusesABoardWithoutItsKey) {
  SimulatedBoard board({.button = true});
  {
    McuLink link = connect(board);
    ASSERT_TRUE(link.hello());
    ASSERT_TRUE(link.enroll());
    ASSERT_TRUE(link.push(bundle_of(1)));
  }
  McuLink stranger = connect(board, "b");
  const auto hello = stranger.hello();
  ASSERT_FALSE(hello);
  EXPECT_EQ(hello.error().kind, ErrorKind::refused);
  McuLink keyless = connect(board, "");
  ASSERT_TRUE(keyless.hello()) << "what it is may be asked by anybody";
  EXPECT_EQ(keyless.push(bundle_of(2)).error().kind, ErrorKind::refused);
  EXPECT_EQ(keyless.infer(std::vector<float>(9, 0.5F)).error().kind, ErrorKind::refused);
  EXPECT_EQ(keyless.rollback().error().kind, ErrorKind::refused);
  EXPECT_EQ(keyless.reset().error().kind, ErrorKind::refused);
  McuLink link = connect(board);
  ASSERT_TRUE(link.hello());
  EXPECT_EQ(link.info().model_version, 1U);
}

TEST_F(Enrolled, GoesOnAfterAResetInMidTransferAndKeepsItsKeyOverAPowerCut) {
  SimulatedBoard board({.button = true});
  McuLink link = connect(board);
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.enroll());
  ASSERT_TRUE(link.push(bundle_of(1)));
  const std::uint32_t boots = link.info().boots;
  board.reset_after(9000);
  const auto pushed = link.push(bundle_of(2, {100, 120, 40, 5}));
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_EQ(link.info().boots, boots + 1);
  board.unplug();
  McuLink again = connect(board);
  ASSERT_TRUE(again.hello());
  EXPECT_EQ(again.info().model_version, 2U);
  ASSERT_TRUE(again.status());
  EXPECT_EQ(again.info().boots, boots + 2) << "counted in its flash";
}

TEST_F(Enrolled, RotatesItsKeyWithoutAButton) {
  SimulatedBoard pressed({.button = true});
  McuLink link = connect(pressed);
  ASSERT_TRUE(link.hello());
  const auto first = link.enroll();
  ASSERT_TRUE(first);
  const auto second = link.enroll();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(*first, *second);
  ASSERT_TRUE(link.push(bundle_of(1)));
}

TEST_F(Enrolled, CannotBeDoneUnlessSomeonePressesTheButton) {
  SimulatedBoard board;
  McuLink link = connect(board);
  ASSERT_TRUE(link.hello());
  const auto refused = link.enroll();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "a" / "mcu-keys")) << "no key of nobody";
  EXPECT_TRUE(link.push(bundle_of(1))) << "it is open as before";
}

TEST_F(Enrolled, KeepsTheCounterOfAModelThatIsHandedOverAgain) {
  SimulatedBoard board({.button = true});
  McuLink link = connect(board);
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.enroll());
  const auto first = link.push(bundle_of(1));
  const auto again = link.push(bundle_of(1));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->model_hash, again->model_hash) << "it was active: nothing was sent";
  ASSERT_TRUE(link.push(bundle_of(2)));
  const auto back = link.rollback();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->model_version, 1U);
  const auto anew = link.push(bundle_of(2));
  ASSERT_TRUE(anew) << anew.error().message;
  EXPECT_EQ(anew->model_version, 2U);
}

}  // namespace
}  // namespace haltere::agent
