#include "agent/learn/learn_run.hpp"
#include "config/json.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/learn/report.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/environment.hpp"

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

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

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

/// Two targets are answered together: figures for each, and their means.
TEST_F(LearnRun, RegressesSeveralTargets) {
  LearnRequest both = request(learner::Task::regress, "load,power");
  both.model.learn.interval = 0.8F;
  both.reading.leave_out = {"hot"};
  const Result<LearnResult> result = run_learn(both);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->features, std::vector<std::string>{"temperature"});
  const nlohmann::ordered_json json = learn_json(*result);
  EXPECT_EQ(json["target"], "load,power");
  for (const char* part : {"float", "int8"}) {
    const nlohmann::ordered_json& figures = json["test"][part];
    const double load = figures["targets"]["load"]["r2"].get<double>();
    const double power = figures["targets"]["power"]["r2"].get<double>();
    EXPECT_GT(load, 0.4) << "temperature says half of it";
    EXPECT_LT(power, 0.1) << "and nothing of this";
    EXPECT_NEAR(figures["r2"].get<double>(), (load + power) / 2.0, 1e-9);
    EXPECT_NEAR(figures["targets"]["power"]["interval"]["coverage"].get<double>(), 0.8, 0.1);
  }
  EXPECT_EQ(json["prequential"]["targets"].size(), 2U);
  EXPECT_GT(json["prequential"]["targets"]["load"]["no_change"]["mae"].get<double>(), 0.0);
  const Result<models::Bundle> bundle = models::decode(result->bundle);
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(bundle->labels[1], "power");
  EXPECT_EQ(bundle->labels[5], "power high");
  const std::string text = learn_text(*result);
  EXPECT_NE(text.find("  power"), std::string::npos) << text;
  EXPECT_NE(text.find("% of the truths held"), std::string::npos) << text;
}

/// Rows of which some are wild; `odd` says which. Every 50th row misses a value.
std::string write_pumps(const std::filesystem::path& path, std::uint64_t seed, int rows) {
  std::ofstream out(path);
  out << "pressure,flow,odd\n";
  models::Random random(seed);
  for (int i = 0; i < rows; ++i) {
    const bool odd = i % 20 == 7 && i > rows / 2;
    const float pressure = random.symmetric();
    const float flow = odd ? -3.0F * pressure + 4.0F : pressure + 0.1F * random.symmetric();
    out << (i % 50 == 3 ? std::string() : std::to_string(pressure)) << ',' << flow << ',' << odd
        << '\n';
  }
  return path;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST_F(LearnRun, ScoresEveryRowOfATestForAnomalies) {
  LearnRequest pumps = request(learner::Task::anomaly, "odd");
  pumps.table = write_pumps(folder() / "normal.csv", 3, 2000);
  pumps.tests = {write_pumps(folder() / "pumps.csv", 4, 1000)};
  pumps.scores = folder() / "scores.csv";
  pumps.reading.fill = Fill::none;
  const Result<LearnResult> result = run_learn(pumps);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const nlohmann::ordered_json test = learn_json(*result)["test"];
  EXPECT_GT(test["roc_auc"].get<double>(), 0.9);
  for (const char* key : {"roc_auc", "f1", "false_alarm_rate", "missed_rate"}) {
    EXPECT_EQ(test[key], test["float"][key]) << key;
  }
  const std::vector<std::string> lines = lines_of(pumps.scores);
  ASSERT_EQ(lines.size(), 1001U) << "a header and a line per row";
  EXPECT_EQ(lines[0], "row,score,decision");
  EXPECT_EQ(lines[4], "4,,") << "row 4 misses a value";
  EXPECT_TRUE(lines[5].starts_with("5,")) << lines[5];
  EXPECT_TRUE(lines[5].ends_with(",0")) << lines[5];
  EXPECT_EQ(lines.back().substr(0, 5), "1000,");
}

TEST_F(LearnRun, AnswersRowsWithMissingValuesToo) {
  LearnRequest pumps = request(learner::Task::anomaly, "odd");
  pumps.table = write_pumps(folder() / "normal.csv", 3, 2000);
  pumps.tests = {write_pumps(folder() / "pumps.csv", 4, 1000)};
  pumps.scores = folder() / "scores.csv";
  const Result<LearnResult> result = run_learn(pumps);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(lines_of(pumps.scores)[4].substr(0, 2), "4,");
  EXPECT_NE(lines_of(pumps.scores)[4], "4,,");
  EXPECT_EQ(learn_json(*result)["test"]["rows"], 1000);
}

TEST_F(LearnRun, ScoresTheTableItselfWithoutATest) {
  LearnRequest pumps = request(learner::Task::anomaly, "");
  pumps.table = write_pumps(folder() / "pumps.csv", 5, 500);
  pumps.tests.clear();
  pumps.scores = folder() / "scores.csv";
  ASSERT_TRUE(run_learn(pumps).ok());
  EXPECT_EQ(lines_of(pumps.scores).size(), 501U);
  pumps.model.task = learner::Task::regress;
  pumps.target = "odd";
  EXPECT_EQ(run_learn(pumps).error().kind, ErrorKind::invalid) << "no scores without anomalies";
}

/// A file of what speaks for each answer: with the column that decides ahead of the others.
TEST_F(LearnRun, ExplainsEveryAnswer) {
  LearnRequest rooms = request(learner::Task::classify, "hot");
  rooms.contributions = folder() / "why.csv";
  rooms.reading.columns = {"temperature", "power"};
  ASSERT_TRUE(run_learn(rooms).ok());
  const std::vector<std::string> lines = lines_of(rooms.contributions);
  ASSERT_EQ(lines.size(), 501U) << "a header and a line per row of the test";
  EXPECT_EQ(lines[0], "row,answer,temperature,power");
  std::ifstream test(rooms.tests.front());
  std::string row;
  std::getline(test, row);
  int agreeing = 0;
  for (std::size_t i = 1; i < lines.size() && std::getline(test, row); ++i) {
    const std::size_t answer = lines[i].find(',') + 1;
    const bool yes = lines[i].compare(answer, 4, "yes,") == 0;
    const double by_temperature = std::strtod(&lines[i][lines[i].find(',', answer) + 1], nullptr);
    const bool warm = std::strtod(row.c_str(), nullptr) > 20.0;
    agreeing += (by_temperature > 0.0) == (warm == yes) ? 1 : 0;
  }
  EXPECT_GT(agreeing, 475) << "being warm speaks for yes, being cool against it";
}

TEST_F(LearnRun, TurnsAlarmsPerDayIntoAShareOfRows) {
  LearnRequest pumps = request(learner::Task::anomaly, "odd");
  pumps.table = write_pumps(folder() / "pumps.csv", 5, 500);
  pumps.tests.clear();
  pumps.false_alarms_per_day = 2.0;
  const Result<LearnResult> unknown = run_learn(pumps);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("no column of times"), std::string::npos);
  pumps.windowing =
      Windowing{.window = {.length_samples = 10, .features = {}}, .rate_hz = 10.0, .segment = {}};
  pumps.windowing->window.features.push_back({kernels::FeatureKind::mean, 0, 0.0F, 0.0F});
  const Result<LearnResult> windows = run_learn(pumps);
  ASSERT_TRUE(windows.ok()) << windows.error().message;
  EXPECT_NEAR(windows->model.settings().false_alarm_rate, 2.0 / 86'400.0, 1e-9);
  pumps.model.task = learner::Task::classify;
  EXPECT_FALSE(run_learn(pumps).ok()) << "only anomalies alarm";
}

TEST_F(LearnRun, RefusesAPipe) {
  LearnRequest piped = request(learner::Task::classify, "hot");
  piped.table = "-";
  const Result<LearnResult> result = run_learn(piped);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("a file, not a pipe"), std::string::npos);
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
  const std::filesystem::path data = recordings_folder();
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
