#include "learner/promotion.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "models/recipe.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260105;

CandidateInfo info_for(std::size_t inputs) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < inputs; ++i) columns.push_back("x" + std::to_string(i));
  CandidateInfo info;
  info.model_id = "test";
  info.recipe = models::table_recipe(columns).value();
  return info;
}

struct Promoted {
  std::size_t row = 0;
  std::vector<std::uint8_t> bundle;
};

std::vector<Promoted> run(OnlineModel& model, Promotion& promotion, const Stream& stream,
                          std::size_t first, std::size_t last) {
  std::vector<Promoted> promoted;
  for (std::size_t i = first; i < last; ++i) {
    auto bundle =
        promotion.observe(model, stream.rows[i], stream.targets[i], static_cast<std::int64_t>(i));
    EXPECT_TRUE(bundle.ok());
    if (bundle.ok() && *bundle) promoted.push_back({i, std::move(**bundle)});
    model.observe(stream.rows[i], stream.targets[i]);
  }
  return promoted;
}

TEST(Promotion, TakesTheFirstCandidateAtOnceAndLaterOnesWhenBetter) {
  const Stream stream = make_clouds(4, 150, false, seed);
  OnlineModel model = make_model(small_classifier(4), stream.inputs);
  Promotion promotion({20, 0.05}, info_for(stream.inputs));
  const auto promoted = run(model, promotion, stream, 0, stream.rows.size());
  ASSERT_GE(promoted.size(), 2U);
  EXPECT_EQ(promoted[0].row, 19U);
  EXPECT_EQ(promotion.promoted(), promoted.size());
  std::uint64_t parent = 0;
  std::uint32_t version = 0;
  for (const Promoted& one : promoted) {
    const models::Bundle bundle = models::decode(one.bundle).value();
    EXPECT_EQ((one.row + 1) % 20, 0U);
    EXPECT_EQ(bundle.provenance.parent, parent);
    EXPECT_GT(bundle.provenance.version, version);
    EXPECT_EQ(bundle.provenance.created_ns < static_cast<std::int64_t>(one.row) + 1, true);
    parent = models::Int8Model::create(one.bundle).value().identity();
    version = bundle.provenance.version;
  }
  EXPECT_GT(promotion.discarded(), 0U);  // once all is learned nothing is better by 5 points
}

TEST(Promotion, KeepsTheDeployedModelWhenTheCandidateIsWorse) {
  const Stream good = make_clouds(3, 100, false, seed);
  OnlineModel model = make_model(small_classifier(3), good.inputs);
  Promotion promotion({50, 0.01}, info_for(good.inputs));
  run(model, promotion, good, 0, good.rows.size());
  const std::uint64_t identity = promotion.deployed()->identity();
  // The model is spoilt with wrong labels behind promotion's back; contests see the right ones.
  for (std::size_t i = 0; i < good.rows.size(); ++i)
    model.learn(good.rows[i], {(good.targets[i].label + 1) % 3, 0.0F});
  OnlineModel spoilt = std::move(model);
  for (std::size_t i = 0; i < good.rows.size(); ++i)
    ASSERT_TRUE(promotion.observe(spoilt, good.rows[i], good.targets[i], 0).ok());
  EXPECT_EQ(promotion.deployed()->identity(), identity);
}

/// Learns the stream with each label as `told` says.
template <typename Told>
OnlineModel learned(const Stream& stream, const Told& told) {
  OnlineModel model = make_model(small_classifier(3), stream.inputs);
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    model.learn(stream.rows[i], {told(i, stream.targets[i].label), 0.0F});
  return model;
}

TEST(Promotion, NeverTakesACandidateThatIsWorseOnOneClass) {
  const Stream stream = make_clouds(3, 200, false, seed);
  // The deployed model knows c alone for sure; the candidate a and b, and never c.
  const OnlineModel unsure = learned(
      stream, [](std::size_t i, int label) { return label < 2 && i % 2 == 0 ? 1 - label : label; });
  const OnlineModel blind =
      learned(stream, [](std::size_t, int label) { return label == 2 ? 0 : label; });
  const auto run_contest = [&](bool with_c) {
    Promotion promotion({40, 0.01}, info_for(stream.inputs));
    EXPECT_TRUE(
        promotion.adopt(models::encode(make_candidate(unsure, info_for(6)).value()).value()).ok());
    std::uint64_t seen_c = 0;
    for (std::size_t i = 0; i < stream.rows.size(); ++i) {
      const bool is_c = stream.targets[i].label == 2;
      if (is_c && (!with_c || ++seen_c % 8 != 0)) continue;
      EXPECT_TRUE(promotion.observe(blind, stream.rows[i], stream.targets[i], 0).ok());
    }
    return promotion.promoted();
  };
  EXPECT_EQ(run_contest(true), 0U);
  EXPECT_GE(run_contest(false), 1U) << "without c in the contest it is the better one";
}

TEST(Promotion, IgnoresRowsThatCannotBeLearned) {
  OnlineModel model = make_model(small_classifier(2), 6);
  Promotion promotion({1, 0.0}, info_for(6));
  const std::vector<float> row(6, 1.0F);
  const auto bundle = promotion.observe(model, row, {-1, 0.0F}, 0);
  ASSERT_TRUE(bundle.ok());
  EXPECT_FALSE(bundle->has_value());
}

TEST(Promotion, ResumedEqualsNeverStopped) {
  const Stream stream = make_clouds(4, 150, false, seed);
  OnlineModel whole_model = make_model(small_classifier(4), stream.inputs);
  Promotion whole({20, 0.01}, info_for(stream.inputs));
  run(whole_model, whole, stream, 0, 131);
  OnlineModel resumed_model = make_model(small_classifier(4), stream.inputs);
  Promotion resumed({20, 0.01}, info_for(stream.inputs));
  ASSERT_TRUE(resumed_model.restore(whole_model.save()).ok());
  ASSERT_TRUE(resumed.restore(whole.save()).ok());
  const auto expected = run(whole_model, whole, stream, 131, stream.rows.size());
  const auto promoted = run(resumed_model, resumed, stream, 131, stream.rows.size());
  ASSERT_EQ(promoted.size(), expected.size());
  for (std::size_t i = 0; i < promoted.size(); ++i) {
    EXPECT_EQ(promoted[i].row, expected[i].row);
    EXPECT_EQ(promoted[i].bundle, expected[i].bundle);
  }
  EXPECT_EQ(resumed.save(), whole.save());
}

TEST(Promotion, RefusesADamagedState) {
  const Stream stream = make_clouds(2, 50, false, seed);
  OnlineModel model = make_model(small_classifier(2), stream.inputs);
  Promotion promotion({20, 0.01}, info_for(stream.inputs));
  run(model, promotion, stream, 0, stream.rows.size());
  std::vector<std::uint8_t> bytes = promotion.save();
  bytes[bytes.size() / 3] ^= 4U;
  EXPECT_FALSE(promotion.restore(bytes).ok());
}

TEST(Promotion, GoesOnFromAnAdoptedBundle) {
  const Stream stream = make_clouds(3, 60, false, seed);
  OnlineModel model = make_model(small_classifier(3), stream.inputs);
  Promotion promotion({30, 0.01}, info_for(stream.inputs));
  const auto promoted = run(model, promotion, stream, 0, stream.rows.size());
  ASSERT_FALSE(promoted.empty());
  Promotion restarted({30, 0.01}, info_for(stream.inputs));
  ASSERT_TRUE(restarted.adopt(promoted.back().bundle).ok());
  ASSERT_NE(restarted.deployed(), nullptr);
  EXPECT_EQ(restarted.deployed()->identity(), promotion.deployed()->identity());
}

}  // namespace
}  // namespace haltere::learner
