// Hand-overs through a line that flips, drops and doubles: each completes or fails clean.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "models/bundle.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/simulated_board.hpp"

namespace haltere::agent {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bundle_of(std::uint32_t version) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = {60, 60, 20, 4};
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return fakes::random_bundle(net, random);
}

struct Tally {
  int complete = 0;
  int failed = 0;
};

// Pushes version 2 over version 1; afterwards the board runs one of them, and runs it right.
void hand_over(const fakes::LineNoise& noise, Tally& tally) {
  fakes::SimulatedBoard board({.noise = noise});
  McuLink link(board.plug(), "tag", {.attempts = 20}, {}, board.time());
  const bool met = link.hello().ok();
  Result<ActiveModel> pushed = Error{ErrorKind::timeout, "no hello"};
  if (met) pushed = link.push(bundle_of(1));
  if (pushed) pushed = link.push(bundle_of(2));
  const bool second = pushed.ok();
  if (!second) std::printf("seed %u: %s\n", noise.seed, pushed.error().message.c_str());
  const auto features = std::vector<float>(60, 0.5F);
  auto inference = met ? link.infer(features) : Result<Inference>(Error{ErrorKind::timeout, ""});
  if (!inference) {
    ++tally.failed;
    EXPECT_TRUE(inference.error().kind == ErrorKind::timeout ||
                inference.error().kind == ErrorKind::refused)
        << inference.error().message;
    return;
  }
  second ? ++tally.complete : ++tally.failed;
  EXPECT_EQ(inference->model_version, second ? 2U : inference->model_version);
  auto model = models::Int8Model::create(bundle_of(inference->model_version));
  ASSERT_TRUE(model);
  model->run(features);
  EXPECT_TRUE(std::ranges::equal(model->outputs(), inference->outputs)) << "a wrong result";
  EXPECT_EQ(board.flash().violations, 0);
}

Tally hand_overs(fakes::LineNoise noise, int rounds) {
  Tally tally;
  for (int round = 0; round < rounds; ++round) {
    noise.seed = static_cast<unsigned>(round + 1);
    hand_over(noise, tally);
  }
  std::printf("seeds 1..%d: %d complete, %d failed clean\n", rounds, tally.complete, tally.failed);
  return tally;
}

TEST(NoisyLine, BitErrorsOfOneInTenThousandDoNotStopAHandOver) {
  EXPECT_EQ(hand_overs({.bit_error_rate = 1e-4}, 20).complete, 20);
}

TEST(NoisyLine, LostBytesDoNotStopAHandOver) {
  EXPECT_EQ(hand_overs({.drop_rate = 2e-4}, 20).complete, 20);
}

TEST(NoisyLine, DoubledBytesDoNotStopAHandOver) {
  EXPECT_EQ(hand_overs({.duplicate_rate = 2e-4}, 20).complete, 20);
}

TEST(NoisyLine, ABurstThatEndsIsSurvived) {
  const fakes::LineNoise burst{
      .bit_error_rate = 0.001, .drop_rate = 0.0005, .duplicate_rate = 0.0005, .most_faults = 20};
  EXPECT_EQ(hand_overs(burst, 10).complete, 10);
}

TEST(NoisyLine, AHopelessLineFailsClean) {
  const Tally tally = hand_overs({.bit_error_rate = 0.02, .drop_rate = 0.02}, 4);
  EXPECT_EQ(tally.complete, 0);
  EXPECT_EQ(tally.failed, 4);
}

}  // namespace
}  // namespace haltere::agent
