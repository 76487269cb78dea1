// What a learner that nobody watches must survive: wrong labels, many tasks, divergence.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "learner/last_good.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261121;

/// Share of the rows from `first` on whose true label is answered before it is learned, while
/// `share` of the labels learned between `first` and `last` are wrong.
double accuracy_with_flips(float share, std::size_t first, std::size_t last) {
  const Stream stream = make_clouds(4, 750, false, seed);
  OnlineModel model = make_model(small_classifier(4), stream.inputs);
  models::Random random(seed + 1);
  double hits = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    Target target = stream.targets[i];
    const Prediction answer = model.predict(stream.rows[i]);
    if (i >= first) hits += answer.label == target.label ? 1.0 : 0.0;
    const bool flipped = i >= first && i < last && 0.5F * (random.symmetric() + 1.0F) < share;
    if (flipped) target.label = (target.label + 1 + static_cast<int>(random.below(3))) % 4;
    model.score(answer, target);
    model.learn(stream.rows[i], target);
  }
  return hits / static_cast<double>(stream.rows.size() - first);
}

TEST(Reliability, AFifthOfTheLabelsWrongForAWhileCostsLittle) {
  const double clean = accuracy_with_flips(0.0F, 1000, 2000);
  const double flipped = accuracy_with_flips(0.2F, 1000, 2000);
  EXPECT_GT(clean, 0.98);
  EXPECT_GT(flipped, clean - 0.05);
  EXPECT_LT(accuracy_with_flips(1.0F, 1000, 3000), clean - 0.3) << "the flips must be real";
}

/// Answers for the first `rows` rows as the model stands.
double accuracy_of_first(OnlineModel& model, const Stream& stream, std::size_t rows) {
  double hits = 0.0;
  for (std::size_t i = 0; i < rows; ++i)
    hits += model.predict_steady(stream.rows[i]).label == stream.targets[i].label ? 1.0 : 0.0;
  return hits / static_cast<double>(rows);
}

TEST(Reliability, TenTasksInSequenceLeaveTheFirstKnown) {
  constexpr std::size_t per_class = 150;
  constexpr std::size_t task_rows = 2 * per_class;
  Stream stream = make_clouds(20, per_class, true, seed);
  models::Random random(seed);  // the two classes of a task come mixed
  for (std::size_t task = 0; task < 10; ++task)
    for (std::size_t i = task_rows - 1; i > 0; --i) {
      const std::size_t other = task * task_rows + random.below(i + 1);
      std::swap(stream.rows[task * task_rows + i], stream.rows[other]);
      std::swap(stream.targets[task * task_rows + i], stream.targets[other]);
    }
  ModelSettings settings = small_classifier(20);
  settings.layers = {32, 16};
  settings.learn.replay = 512;
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, task_rows);
  const double at_first = accuracy_of_first(model, stream, task_rows);
  learn_all(model, stream, task_rows, stream.rows.size());
  EXPECT_GT(at_first, 0.97);
  EXPECT_GT(accuracy_of_first(model, stream, task_rows), at_first - 0.05);
}

class Divergence : public testing::Test {
 protected:
  static constexpr std::size_t inputs = 6;
  static ModelSettings settings() {
    ModelSettings settings = small_classifier(3);
    settings.learn.replay_rows = 1;
    return settings;
  }
  static Trainer make_trainer(const ModelSettings& settings) {
    const std::vector<models::LayerShape> layers{{12, models::Activation::relu},
                                                 {3, models::Activation::softmax}};
    return {models::Network::create(inputs, layers, 1).value(), loss_of(settings), settings.learn,
            1};
  }

  LastGood::Verdict observe(const Stream& stream, std::size_t row) {
    const Example example{stream.rows[row], static_cast<std::size_t>(stream.targets[row].label)};
    batch_.place(0, example);
    const auto verdict = good_.judge(trainer_.forward(batch_.rows(), 1), example, batch_, trainer_);
    if (verdict == LastGood::Verdict::diverged) return verdict;
    batch_.take_in(example);
    batch_.place(0, example);
    trainer_.step(batch_.rows(), batch_.truth(), 1);
    return verdict;
  }

  Batch batch_{settings(), inputs, 3};
  Trainer trainer_ = make_trainer(settings());
  LastGood good_{Task::classify, batch_, trainer_};
};

TEST_F(Divergence, IsFoundAndRolledBackBitForBit) {
  const Stream stream = make_clouds(3, 500, false, seed);
  std::vector<float> weights;
  std::vector<float> means;
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::vector<float> mean(batch_.features().mean().begin(), batch_.features().mean().end());
    if (observe(stream, i) != LastGood::Verdict::renewed) continue;
    weights.assign(good_.parameters().begin(), good_.parameters().end());
    means = mean;
  }
  ASSERT_FALSE(weights.empty()) << "a net that learns well becomes a generation";
  EXPECT_FALSE(std::ranges::equal(weights, trainer_.network().parameters()));

  for (float& weight : trainer_.network().parameters()) weight = -10.0F * weight;
  std::size_t rows = 0;
  while (observe(stream, 1000 + rows) != LastGood::Verdict::diverged) ASSERT_LT(++rows, 256U);
  good_.roll_back(batch_, trainer_);
  EXPECT_TRUE(std::ranges::equal(weights, trainer_.network().parameters()));
  EXPECT_TRUE(std::ranges::equal(means, batch_.features().mean()));
}

TEST_F(Divergence, AnAnswerThatIsNoNumberIsDivergenceAtOnce) {
  const Stream stream = make_clouds(3, 10, false, seed);
  trainer_.network().parameters().back() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(observe(stream, 0), LastGood::Verdict::diverged);
}

TEST_F(Divergence, AChangeOfTheStreamIsNone) {
  Stream stream = make_clouds(3, 1000, false, seed);
  for (std::size_t i = 1000; i < stream.rows.size(); ++i)
    stream.targets[i].label = (stream.targets[i].label + 1) % 3;
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    ASSERT_NE(observe(stream, i), LastGood::Verdict::diverged) << i;
}

/// Mean accuracy over the last 500 of 3000 rows of a net with a rate far too high.
double accuracy_at_absurd_rate(bool roll_back, std::uint64_t& rolled_back) {
  const Stream stream = make_clouds(4, 750, false, seed);
  ModelSettings settings = small_classifier(4);
  settings.learn.rate = 0.5F;
  settings.learn.weight_decay = 0.0F;
  settings.learn.followers = false;
  settings.learn.roll_back = roll_back;
  OnlineModel model = make_model(settings, stream.inputs);
  double hits = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    const Prediction answer = model.observe(stream.rows[i], stream.targets[i]);
    if (i + 500 >= stream.rows.size()) hits += answer.label == stream.targets[i].label ? 1.0 : 0.0;
  }
  rolled_back = model.counters().rolled_back;
  return hits / 500.0;
}

TEST(Reliability, ARateFarTooHighIsLoweredUntilItLearns) {
  std::uint64_t times = 0;
  const double guarded = accuracy_at_absurd_rate(true, times);
  std::uint64_t none = 0;
  const double unguarded = accuracy_at_absurd_rate(false, none);
  EXPECT_EQ(none, 0U);
  EXPECT_GE(times, 1U);
  EXPECT_GT(guarded, 0.95);
  // How badly is chance: at such a rate the last bit of a sum decides.
  EXPECT_LT(unguarded, guarded - 0.3) << "the rate must be too high";
}

TEST(Reliability, AnchoredWeightsStayNearTheLastGoodOnes) {
  const Stream stream = make_clouds(3, 400, false, seed);
  const auto moved = [&](float anchor) {
    ModelSettings settings = small_classifier(3);
    settings.learn.anchor = anchor;
    settings.learn.weight_decay = 0.0F;
    OnlineModel model = make_model(settings, stream.inputs);
    learn_all(model, stream, 0, 600);
    const std::vector<float> before(model.network().parameters().begin(),
                                    model.network().parameters().end());
    learn_all(model, stream, 600, stream.rows.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < before.size(); ++i)
      sum += std::abs(static_cast<double>(model.network().parameters()[i] - before[i]));
    return sum;
  };
  EXPECT_LT(moved(1.0F), 0.9 * moved(0.0F));
}

}  // namespace
}  // namespace haltere::learner
