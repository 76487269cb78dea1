#include "learner/class_weights.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learner/settings.hpp"
#include "learner/trainer.hpp"
#include "models/random.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261122;

LearnSettings with(const std::vector<std::string>& texts) {
  LearnSettings learn;
  read_class_weights(texts, learn);
  return learn;
}

TEST(ClassWeights, AreTheOnesListed) {
  ClassWeights weights(with({"1", "5", "0.5"}), 3, 4);
  ASSERT_TRUE(weights.any());
  const std::vector<std::int32_t> labels{2, 1, 0, 1};
  const auto given = weights.weigh(labels);
  EXPECT_EQ(std::vector<float>(given.begin(), given.end()),
            (std::vector<float>{0.5F, 5.0F, 1.0F, 5.0F}));
  EXPECT_FALSE(ClassWeights(with({"none"}), 3, 4).any());
}

/// In the end each class has had the same weight in all, and a row's mean weight is 1.
TEST(ClassWeights, BalanceWhatIsShown) {
  ClassWeights weights(with({"balanced"}), 3, 16);
  models::Random random(seed);
  std::vector<double> pulled(3, 0.0);
  std::vector<std::int32_t> labels(16);
  for (int step = 0; step < 3000; ++step) {
    for (std::int32_t& label : labels) {
      const std::size_t draw = random.below(100);
      label = draw < 70 ? 0 : draw < 90 ? 1 : 2;
    }
    const auto given = weights.weigh(labels);
    for (std::size_t row = 0; row < labels.size(); ++row)
      pulled[static_cast<std::size_t>(labels[row])] += static_cast<double>(given[row]);
  }
  const double rows = 3000.0 * 16.0;
  for (const double pull : pulled) EXPECT_NEAR(pull / rows, 1.0 / 3.0, 0.02);
}

TEST(ClassWeights, BoundTheFirstRowsOfAClass) {
  ClassWeights weights(with({"balanced"}), 2, 1);
  const std::vector<std::int32_t> common{0};
  const std::vector<std::int32_t> rare{1};
  for (int i = 0; i < 2000; ++i) EXPECT_NEAR(weights.weigh(common)[0], 1.0F, 1e-6F);
  EXPECT_EQ(weights.weigh(rare)[0], static_cast<float>(ClassWeights::largest));
}

TEST(ClassWeights, GoOnFromTheirSavedState) {
  ClassWeights whole(with({"balanced"}), 2, 3);
  const std::vector<std::int32_t> labels{0, 1, 0};
  for (int i = 0; i < 5; ++i) whole.weigh(labels);
  Archive saved;
  whole.exchange(saved);
  ClassWeights resumed(with({"balanced"}), 2, 3);
  Archive reading(saved.bytes());
  resumed.exchange(reading);
  ASSERT_TRUE(reading.exhausted());
  const auto expected = whole.weigh(labels);
  const auto given = resumed.weigh(labels);
  EXPECT_TRUE(std::ranges::equal(given, expected));
}

TEST(ClassWeights, AreOnePerLabelAndAboveZero) {
  ModelSettings settings = small_classifier(3);
  for (const std::vector<std::string>& texts : {std::vector<std::string>{"1", "2"},
                                                {"1", "2", "0"},
                                                {"1", "2", "x"},
                                                {"1", "2", "nan"},
                                                {"balance"}}) {
    read_class_weights(texts, settings.learn);
    const Status checked = check(settings);
    ASSERT_FALSE(checked.ok()) << texts.front();
    EXPECT_NE(checked.error().message.find("class_weights"), std::string::npos);
  }
  read_class_weights({"1", "2", "3"}, settings.learn);
  EXPECT_TRUE(check(settings).ok());
}

/// A row of weight 3 moves a net as three rows would.
TEST(Trainer, WeighsTheGradientOfItsRows) {
  const std::vector<models::LayerShape> layers{{3, models::Activation::softmax}};
  Trainer trainer(models::Network::create(4, layers, seed).value(), {LossKind::cross_entropy}, {},
                  4);
  models::Random random(seed);
  std::vector<float> x(16);
  for (float& value : x) value = random.symmetric();
  std::copy_n(x.begin(), 4, x.begin() + 4);
  std::copy_n(x.begin(), 4, x.begin() + 8);
  const std::vector<std::int32_t> labels{1, 1, 1, 2};
  const auto thrice = trainer.gradient(x, {labels, {}}, 4);
  const std::vector<float> expected(thrice.begin(), thrice.end());
  const std::vector<float> weights{3.0F, 1.0F};
  const auto weighed =
      trainer.gradient(std::span(x).subspan(8), {std::span(labels).subspan(2), {}, weights}, 2);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(0.5F * weighed[i], expected[i], 1e-6F);
}

/// Share of the rare class's rows that are found, where classes overlap and one is nine times rarer
/// and nothing is remembered.
double rare_recall(const std::vector<std::string>& texts) {
  ModelSettings settings = small_classifier(2);
  settings.learn.replay = 0;
  settings.learn.followers = false;
  read_class_weights(texts, settings.learn);
  OnlineModel model = make_model(settings, 2);
  models::Random random(seed);
  double found = 0.0;
  double asked = 0.0;
  for (int i = 0; i < 6000; ++i) {
    const int label = random.below(10) == 0 ? 1 : 0;
    const float shift = label == 1 ? 0.7F : 0.0F;
    const std::vector<float> row{random.symmetric() + shift, random.symmetric()};
    const Prediction answer = model.observe(row, {label, 0.0F});
    if (i < 2000 || label == 0) continue;
    asked += 1.0;
    found += answer.label == 1 ? 1.0 : 0.0;
  }
  return found / asked;
}

TEST(ClassWeights, FindTheRareClass) {
  const double plain = rare_recall({"none"});
  EXPECT_GT(rare_recall({"balanced"}), plain + 0.2);
  EXPECT_GT(rare_recall({"1", "8"}), plain + 0.2);
}

}  // namespace
}  // namespace haltere::learner
