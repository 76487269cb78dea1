#include "learner/online_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260102;

ModelSettings of_task(Task task) {
  ModelSettings settings = small_classifier(3);
  settings.task = task;
  if (task != Task::classify) settings.labels.clear();
  if (task == Task::anomaly) settings.layers = {8, 3, 8};
  return settings;
}

Stream stream_for(Task task, std::size_t rows) {
  Stream stream = make_clouds(3, rows / 3, false, seed);
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    Target& target = stream.targets[i];
    if (task == Task::regress)
      target = {-1, 1000.0F + 50.0F * stream.rows[i][3] - stream.rows[i][4] * 3.0F};
    if (task == Task::anomaly) target = {};
  }
  return stream;
}

class EveryTask : public testing::TestWithParam<Task> {};

INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask,
                         testing::Values(Task::classify, Task::regress, Task::anomaly),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(EveryTask, SameRowsGiveTheSameBytes) {
  const Stream stream = stream_for(GetParam(), 600);
  OnlineModel one = make_model(of_task(GetParam()), stream.inputs);
  OnlineModel two = make_model(of_task(GetParam()), stream.inputs);
  learn_all(one, stream, 0, stream.rows.size());
  learn_all(two, stream, 0, stream.rows.size());
  EXPECT_EQ(one.save(), two.save());
}

TEST_P(EveryTask, ResumedEqualsNeverStopped) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    ModelSettings settings = of_task(GetParam());
    settings.learn.optimizer = kind;
    settings.learn.replay = 40;  // full long before the stop: the reservoir's draws count too
    const Stream stream = stream_for(GetParam(), 600);
    OnlineModel whole = make_model(settings, stream.inputs);
    learn_all(whole, stream, 0, 350);
    OnlineModel resumed = make_model(settings, stream.inputs);
    ASSERT_TRUE(resumed.restore(whole.save()).ok());
    learn_all(whole, stream, 350, stream.rows.size());
    learn_all(resumed, stream, 350, stream.rows.size());
    EXPECT_EQ(resumed.save(), whole.save());
    EXPECT_TRUE(std::ranges::equal(resumed.network().parameters(), whole.network().parameters()));
  }
}

TEST_P(EveryTask, NotFiniteInputNeverReachesAWeight) {
  const Stream stream = stream_for(GetParam(), 300);
  OnlineModel model = make_model(of_task(GetParam()), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  OnlineModel untouched = make_model(of_task(GetParam()), stream.inputs);
  learn_all(untouched, stream, 0, stream.rows.size());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  std::uint64_t bad = 0;
  for (const float poison : {nan, inf, -inf, 3e38F}) {
    for (std::size_t i = 0; i < stream.inputs; ++i, ++bad) {
      std::vector<float> row = stream.rows[i];
      row[i] = poison;
      EXPECT_FALSE(model.observe(row, stream.targets[i]).valid);
    }
  }
  EXPECT_EQ(model.counters().rejected, bad);
  EXPECT_EQ(model.counters().refused, bad);
  EXPECT_TRUE(std::ranges::equal(model.network().parameters(), untouched.network().parameters()));
  EXPECT_TRUE(std::ranges::equal(model.input_mean(), untouched.input_mean()));
  EXPECT_EQ(model.remembered_rows().values, untouched.remembered_rows().values);
}

TEST_P(EveryTask, AbsurdButFiniteStreamsLeaveFiniteWeights) {
  ModelSettings settings = of_task(GetParam());
  settings.learn.rate = 1.0F;
  settings.learn.optimizer = OptimizerKind::sgd;
  OnlineModel model = make_model(settings, 6);
  models::Random random(seed);
  for (int i = 0; i < 500; ++i) {
    std::vector<float> row(6);
    for (float& value : row) value = 1e15F * random.symmetric() * random.symmetric();
    const int label = GetParam() == Task::classify ? static_cast<int>(random.below(3)) : -1;
    model.observe(row, {label, 1e15F * random.symmetric()});
  }
  EXPECT_TRUE(std::ranges::all_of(model.network().parameters(),
                                  [](float weight) { return std::isfinite(weight); }));
}

TEST(OnlineModel, LearnsCloudsInOnePass) {
  const Stream stream = make_clouds(4, 150, false, seed);
  OnlineModel model = make_model(small_classifier(4), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  EXPECT_GT(model.class_metrics().recent().accuracy(), 0.97);
  EXPECT_GT(model.class_metrics().all().accuracy(), model.class_metrics().majority_accuracy());
  EXPECT_GT(accuracy(model, stream), 0.98);
}

TEST(OnlineModel, ForgetsNothingWhenClassesComeOneAfterTheOther) {
  const Stream stream = make_clouds(5, 300, true, seed);
  OnlineModel model = make_model(small_classifier(5), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  EXPECT_GT(accuracy(model, stream), 0.97);
  ModelSettings forgetful = small_classifier(5);
  forgetful.learn.replay = 0;
  OnlineModel without = make_model(forgetful, stream.inputs);
  learn_all(without, stream, 0, stream.rows.size());
  EXPECT_LT(accuracy(without, stream), accuracy(model, stream));
}

TEST(OnlineModel, LearnsARegressionInTheTargetsUnit) {
  const Stream stream = stream_for(Task::regress, 3000);
  OnlineModel model = make_model(of_task(Task::regress), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  EXPECT_GT(model.regression_metrics().recent().r2(), 0.95);
}

class EverySeed : public testing::TestWithParam<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, EverySeed, testing::Range<std::uint64_t>(1, 5));

TEST_P(EverySeed, TellsNormalFromAbnormal) {
  Stream stream = make_clouds(1, 2000, false, seed + GetParam() - 1);
  for (Target& target : stream.targets) target = {};
  ModelSettings settings = of_task(Task::anomaly);
  settings.learn.seed = GetParam();
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  std::size_t alarms = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    std::vector<float> row = stream.rows[i];
    alarms += model.predict(row).abnormal ? 1U : 0U;
    row[i % 6] *= 2.0F;
    found += model.predict(row).abnormal ? 1U : 0U;
  }
  EXPECT_LT(alarms, 25U);
  EXPECT_GT(found, 480U);
}

TEST(OnlineModel, DoesNotLearnARowKnownToBeAbnormal) {
  OnlineModel model = make_model(of_task(Task::anomaly), 6);
  const std::vector<float> row(6, 1.0F);
  model.learn(row, {1, 0.0F});
  EXPECT_EQ(model.counters().learned, 0U);
  model.learn(row, {0, 0.0F});
  EXPECT_EQ(model.counters().learned, 1U);
}

TEST(OnlineModel, GuardsAgainstLearningAnAnomalyThatLasts) {
  const Stream stream = stream_for(Task::anomaly, 3000);
  OnlineModel model = make_model(of_task(Task::anomaly), stream.inputs);
  learn_all(model, stream, 0, 1500);
  const std::uint64_t before = model.counters().learned;
  const auto moved = [&](std::size_t i) {
    std::vector<float> row = stream.rows[i];
    row[4] += 100.0F * 20.0F;
    return row;
  };
  std::size_t found = 0;
  for (std::size_t i = 1500; i < 3000; ++i) found += model.observe(moved(i), {}).abnormal ? 1U : 0U;
  EXPECT_GT(found, 1450U);
  EXPECT_GT(model.counters().guarded, 1450U);
  EXPECT_LT(model.counters().learned, before + 50);
  model.learn(moved(0), {0, 0.0F});  // a person says that it is normal
  EXPECT_LT(model.counters().learned, before + 51);
}

TEST(OnlineModel, ExplainsAnAnomalyByInput) {
  const Stream stream = stream_for(Task::anomaly, 3000);
  OnlineModel model = make_model(of_task(Task::anomaly), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  for (std::size_t input = 0; input < stream.inputs; ++input) {
    std::vector<float> row = stream.rows[5];
    row[input] *= 10.0F;
    std::vector<float> shares(stream.inputs);
    model.explain_anomaly(row, shares);
    float sum = 0.0F;
    for (const float share : shares) sum += share;
    EXPECT_NEAR(sum, 1.0F, 1e-4F);
    EXPECT_EQ(std::ranges::max_element(shares) - shares.begin(),
              static_cast<std::ptrdiff_t>(input));
  }
}

TEST(OnlineModel, PredictChangesNothingThatLearningDependsOn) {
  const Stream stream = stream_for(Task::classify, 300);
  OnlineModel one = make_model(of_task(Task::classify), stream.inputs);
  OnlineModel two = make_model(of_task(Task::classify), stream.inputs);
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    one.learn(stream.rows[i], stream.targets[i]);
    for (int extra = 0; extra < 3; ++extra) two.predict(stream.rows[(i * 7) % 300]);
    two.learn(stream.rows[i], stream.targets[i]);
  }
  EXPECT_TRUE(std::ranges::equal(one.network().parameters(), two.network().parameters()));
}

TEST(OnlineModel, RefusesLabelsItDoesNotHave) {
  OnlineModel model = make_model(of_task(Task::classify), 6);
  const std::vector<float> row(6, 1.0F);
  model.observe(row, {3, 0.0F});
  model.observe(row, {-1, 0.0F});
  EXPECT_EQ(model.counters().refused, 2U);
  EXPECT_EQ(model.class_metrics().all().total(), 0.0);
}

TEST(OnlineModel, ShedsReplayStepsWhenAsked) {
  const Stream stream = stream_for(Task::classify, 90);
  OnlineModel model = make_model(of_task(Task::classify), stream.inputs);
  model.set_replay_steps(0);
  learn_all(model, stream, 0, stream.rows.size());
  ModelSettings none = of_task(Task::classify);
  none.learn.replay_steps = 0;
  OnlineModel expected = make_model(none, stream.inputs);
  learn_all(expected, stream, 0, stream.rows.size());
  EXPECT_TRUE(std::ranges::equal(model.network().parameters(), expected.network().parameters()));
}

TEST(OnlineModel, RestoreOfAnotherModelOrOfDamageChangesNothing) {
  const Stream stream = stream_for(Task::classify, 90);
  OnlineModel model = make_model(of_task(Task::classify), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  const std::vector<std::uint8_t> before = model.save();
  OnlineModel other = make_model(of_task(Task::regress), stream.inputs);
  const Status foreign = model.restore(other.save());
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().kind, ErrorKind::invalid);
  std::vector<std::uint8_t> damaged = before;
  damaged[damaged.size() / 2] ^= 1U;
  const Status corrupt = model.restore(damaged);
  ASSERT_FALSE(corrupt.ok());
  EXPECT_EQ(corrupt.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(model.save(), before);
}

}  // namespace
}  // namespace haltere::learner
