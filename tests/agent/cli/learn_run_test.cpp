#include "agent/cli/learn_run.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/cli/learn_report.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

/// Two noisy readings; hot is above a line through both.
std::string write_rooms(const std::filesystem::path& path, std::uint64_t seed, int rows) {
  std::ofstream out(path);
  out << "temperature,power,hot,load\n";
  models::Random random(seed);
  for (int i = 0; i < rows; ++i) {
    const float temperature = 20.0F + 5.0F * random.symmetric();
    const float power = 1000.0F + 500.0F * random.symmetric();
    const float load = (temperature - 20.0F) / 5.0F + (power - 1000.0F) / 500.0F;
    out << temperature << ',' << power << ',' << (load > 0.0F ? "yes" : "no") << ',' << load
        << '\n';
  }
  return path;
}

class LearnRun : public testing::Test {
 protected:
  LearnRequest request(learner::Task task, const std::string& target) {
    LearnRequest request;
    request.table = write_rooms(folder_.path() / "train.csv", 1, 1500);
    request.tests = {write_rooms(folder_.path() / "test.csv", 2, 500)};
    request.target = target;
    request.model_id = "rooms";
    request.model.task = task;
    return request;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(LearnRun, ClassifiesAndReportsBothModels) {
  const Result<LearnResult> result = run_learn(request(learner::Task::classify, "hot"));
  ASSERT_TRUE(result.ok());
  const nlohmann::ordered_json json = learn_json(*result);
  EXPECT_GT(json["test"]["float"]["accuracy"].get<double>(), 0.96);
  EXPECT_GT(json["test"]["int8"]["accuracy"].get<double>(), 0.96);
  EXPECT_GT(json["test"]["int8"]["macro_f1"].get<double>(), 0.95);
  EXPECT_GT(json["prequential"]["kappa"].get<double>(), 0.8);
  EXPECT_TRUE(json["prequential"]["per_class"].contains("yes"));
  EXPECT_TRUE(json["baselines"].contains("no_change"));
  EXPECT_TRUE(json["baselines"].contains("majority"));
  EXPECT_EQ(json["tests"].size(), 1U);
}

TEST_F(LearnRun, Regresses) {
  const Result<LearnResult> result = run_learn(request(learner::Task::regress, "load"));
  ASSERT_TRUE(result.ok());
  const nlohmann::ordered_json json = learn_json(*result);
  EXPECT_GT(json["test"]["float"]["r2"].get<double>(), 0.97);
  EXPECT_GT(json["test"]["int8"]["r2"].get<double>(), 0.96);
  EXPECT_GT(json["prequential"]["r2"].get<double>(), 0.8);
}

TEST_F(LearnRun, GivesTheSameBundleEveryTime) {
  const LearnRequest same = request(learner::Task::classify, "hot");
  const Result<LearnResult> one = run_learn(same);
  const Result<LearnResult> two = run_learn(same);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->bundle, two->bundle);
  EXPECT_EQ(one->model.save(), two->model.save());
}

/// The published room; floors are what one-sample learners of others reach in one pass.
TEST(Occupancy, LearnedInOnePassKeepsItsAccuracyInInt8) {
  const char* set = std::getenv("HALTERE_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::filesystem::path data = set != nullptr ? set : "../shared/data";
  if (!std::filesystem::exists(data / "occupancy"))
    GTEST_SKIP() << "no recordings in " << data << "; set HALTERE_DATA";
  LearnRequest request;
  request.table = data / "occupancy/train.csv";
  request.tests = {data / "occupancy/test1_door_closed.csv",
                   data / "occupancy/test2_door_open.csv"};
  request.target = "occupied";
  request.model_id = "occupancy";
  const Result<LearnResult> result = run_learn(request);
  ASSERT_TRUE(result.ok());
  EXPECT_GE(result->tests[0].as_int8.answers.accuracy(), 0.961);
  EXPECT_GE(result->tests[1].as_int8.answers.accuracy(), 0.960);
  for (const TestResult& test : result->tests)
    EXPECT_GE(test.as_int8.answers.accuracy(), test.as_float.answers.accuracy() - 0.005);
}

}  // namespace
}  // namespace haltere::agent
