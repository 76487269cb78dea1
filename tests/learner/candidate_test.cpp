#include "learner/candidate.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/recipe.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260104;

CandidateInfo info_for(std::size_t inputs) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < inputs; ++i) columns.push_back("x" + std::to_string(i));
  CandidateInfo info;
  info.model_id = "test";
  info.recipe = models::table_recipe(columns).value();
  return info;
}

models::Int8Model quantized(const OnlineModel& model, const CandidateInfo& info) {
  const models::Bundle bundle = make_candidate(model, info).value();
  return models::Int8Model::create(models::encode(bundle).value()).value();
}

TEST(Candidate, AnswersAsTheFloatModelDoes) {
  const Stream stream = make_clouds(4, 150, false, seed);
  OnlineModel model = make_model(small_classifier(4), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  models::Int8Model int8 = quantized(model, info_for(stream.inputs));
  std::size_t same = 0;
  for (const auto& row : stream.rows)
    same += model.predict(row).label == predict_int8(int8, row).label ? 1U : 0U;
  EXPECT_GE(same, stream.rows.size() * 99 / 100);
}

TEST(Candidate, RegressesInTheTargetsUnit) {
  Stream stream = make_clouds(3, 1000, false, seed);
  ModelSettings settings = small_classifier(2);
  settings.task = Task::regress;
  settings.labels.clear();
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    stream.targets[i] = {-1, 1000.0F + 50.0F * stream.rows[i][3]};
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  CandidateInfo info = info_for(stream.inputs);
  info.target_name = {"level"};
  models::Int8Model int8 = quantized(model, info);
  const float range = 8.0F * model.target_deviation()[0];
  for (std::size_t i = 0; i < 200; ++i)
    EXPECT_NEAR(predict_int8(int8, stream.rows[i]).value, model.predict(stream.rows[i]).value,
                range / 64.0F);
}

TEST(Candidate, KeepsTheAlarmThreshold) {
  Stream stream = make_clouds(1, 1500, false, seed);
  ModelSettings settings = small_classifier(2);
  settings.task = Task::anomaly;
  settings.layers = {8, 3, 8};
  settings.labels.clear();
  for (Target& target : stream.targets) target = {};
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  models::Int8Model int8 = quantized(model, info_for(stream.inputs));
  std::size_t alarms = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < 500; ++i) {
    std::vector<float> row = stream.rows[i];
    alarms += predict_int8(int8, row).abnormal ? 1U : 0U;
    row[i % 6] *= 2.0F;
    found += predict_int8(int8, row).abnormal ? 1U : 0U;
  }
  EXPECT_LT(alarms, 30U);
  EXPECT_GT(found, 400U);
}

TEST(Candidate, IsTheSameBytesEveryTime) {
  const Stream stream = make_clouds(3, 50, false, seed);
  OnlineModel model = make_model(small_classifier(3), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  const CandidateInfo info = info_for(stream.inputs);
  EXPECT_EQ(models::encode(make_candidate(model, info).value()).value(),
            models::encode(make_candidate(model, info).value()).value());
}

TEST(Candidate, CutsLabelsBetweenCharacters) {
  ModelSettings settings = small_classifier(2);
  settings.labels[0] = "fifteen letters\xC3\xA9";  // the 16th byte begins a two-byte letter
  const Stream stream = make_clouds(2, 20, false, seed);
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  const models::Bundle bundle = make_candidate(model, info_for(stream.inputs)).value();
  EXPECT_EQ(bundle.labels[0], "fifteen letters");
}

TEST(Candidate, NeedsRememberedRows) {
  const OnlineModel model = make_model(small_classifier(2), 6);
  EXPECT_FALSE(make_candidate(model, info_for(6)).ok());
}

}  // namespace
}  // namespace haltere::learner
