#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/compress/bundle_rows.hpp"
#include "agent/compress/report.hpp"
#include "agent/compress/search.hpp"
#include "agent/learn/learn_run.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

/// Rooms of three kinds by two readings, and a number of each.
class Compress : public testing::Test {
 protected:
  std::string write(const std::string& name, int rows) {
    std::string path = folder_path() / name;
    std::ofstream out(path);
    out << "note,temperature,power,kind,load,excess,flag\n";
    models::Random random(7);
    for (int i = 0; i < rows; ++i) {
      const bool strange = name != "learned.csv" && i % 20 == 7;
      const float temperature = (strange ? 45.0F : 20.0F) + 5.0F * random.symmetric();
      const float power = 1000.0F + 500.0F * random.symmetric();
      const float load = (temperature - 20.0F) / 5.0F + (power - 1000.0F) / 500.0F;
      const char* kind = load > 0.4F ? "hot" : load < -0.4F ? "cold" : "mild";
      out << i << ',' << temperature << ',' << power << ',' << kind << ',' << load << ','
          << 10.0F * load - temperature << ',' << (strange ? 1 : 0) << '\n';
    }
    return path;
  }

  models::Bundle learn(learner::Task task, const std::string& target) {
    LearnRequest request;
    request.table = write("learned.csv", 1200);
    request.target = target;
    request.model_id = "rooms";
    request.model.task = task;
    request.reading.columns = {"temperature", "power"};
    const Result<LearnResult> result = run_learn(request);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return models::decode(result->bundle).value();
  }

  static BundleRowsRequest from(const std::string& path, const std::string& target = {}) {
    BundleRowsRequest request;
    request.path = path;
    request.target = target;
    return request;
  }

  static std::string message(const Result<BundleRows>& rows) {
    return rows.ok() ? std::string() : rows.error().message;
  }

  [[nodiscard]] const std::filesystem::path& folder_path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_F(Compress, FindsTheModelsColumnsAndItsTarget) {
  const models::Bundle bundle = learn(learner::Task::classify, "kind");
  const std::string path = folder_path() / "other.csv";
  std::ofstream(path) << "power,other,kind,temperature\n900,1,cold,17\n1100,2,hot,23\n";
  const Result<BundleRows> rows = read_bundle_rows(bundle, from(path));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->target, "kind");
  EXPECT_EQ(rows->values, (std::vector<float>{17.0F, 900.0F, 23.0F, 1100.0F}))
      << "in the model's order";
  EXPECT_EQ(bundle.labels[static_cast<std::size_t>(rows->targets[0].label)], "cold");
}

TEST_F(Compress, SaysWhatDoesNotSuit) {
  const models::Bundle bundle = learn(learner::Task::classify, "kind");
  const std::string path = folder_path() / "other.csv";
  std::ofstream(path) << "power,kind\n900,cold\n1100,hot\n";
  EXPECT_NE(message(read_bundle_rows(bundle, from(path))).find("makes no 'temperature'"),
            std::string::npos);
  std::ofstream(path) << "a,b\n1,2\n";
  EXPECT_NE(message(read_bundle_rows(bundle, from(path))).find("none of the model's columns"),
            std::string::npos);
  std::ofstream(path) << "temperature,power,kind\n1,2,cold\n3,4,boiling\n";
  EXPECT_NE(message(read_bundle_rows(bundle, from(path))).find("--target"), std::string::npos);
  EXPECT_NE(message(read_bundle_rows(bundle, from(path, "kind"))).find("'boiling'"),
            std::string::npos);
  const Result<BundleRows> few = read_bundle_rows(bundle, from(write("few.csv", 20), "kind"));
  ASSERT_TRUE(few.ok()) << few.error().message;
  EXPECT_FALSE(compress(bundle, *few, *models::chip_named("nrf52840"), {}).ok());
}

TEST_F(Compress, ChoosesTheBestThatFits) {
  const models::Bundle bundle = learn(learner::Task::classify, "kind");
  const Result<BundleRows> rows = read_bundle_rows(bundle, from(write("rooms.csv", 1200)));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const models::Chip chip = *models::chip_named("cortex-m0@48MHz");
  const Result<CompressResult> result =
      compress(bundle, *rows, chip, {.ram_bytes = {}, .flash_bytes = 1100.0, .seconds = {}});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->rows + result->held_back, 1200U);
  ASSERT_LT(result->chosen, result->lines.size());
  const CompressLine& chosen = result->lines[result->chosen];
  EXPECT_LE(chosen.cost.flash_bytes, 1100U);
  EXPECT_GT(chosen.judgement.score, 0.95);
  for (const CompressLine& line : result->lines)
    EXPECT_TRUE(!line.fits() || line.judgement.score <= chosen.judgement.score) << line.method;
  const models::Bundle small = models::decode(chosen.bundle).value();
  EXPECT_EQ(small.provenance.version, bundle.provenance.version + 1);
  EXPECT_NE(small.provenance.parent, 0U);
  EXPECT_EQ(small.labels, bundle.labels);
  const nlohmann::ordered_json json = compress_json(*result);
  EXPECT_EQ(json["candidates"].size(), result->lines.size());
  EXPECT_EQ(json["chosen"]["flash_bytes"], chosen.cost.flash_bytes);
  EXPECT_EQ(json["candidates"][1]["limits"][0].get<std::string>().substr(0, 6), "flash:");
}

TEST_F(Compress, SaysWhatLimitsWhenNothingFits) {
  const models::Bundle bundle = learn(learner::Task::regress, "load");
  const Result<BundleRows> rows = read_bundle_rows(bundle, from(write("rooms.csv", 400)));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->target, "load");
  const models::Chip chip = *models::chip_named("nrf51822");
  const Result<CompressResult> result =
      compress(bundle, *rows, chip, {.ram_bytes = 8.0, .flash_bytes = 5000.0, .seconds = {}});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->chosen, result->lines.size());
  EXPECT_NE(compress_text(*result).find("nothing fits; the smallest tried breaks RAM:"),
            std::string::npos);
  EXPECT_LT(result->lines.front().judgement.score, 0.1) << "the float net's mean absolute error";
}

TEST_F(Compress, JudgesSeveralTargetsByTheWorst) {
  const models::Bundle bundle = learn(learner::Task::regress, "load,excess");
  const Result<BundleRows> rows = read_bundle_rows(bundle, from(write("rooms.csv", 400)));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->target, "load,excess");
  const Result<CompressResult> result =
      compress(bundle, *rows, *models::chip_named("nrf52840"), {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  ASSERT_LT(result->chosen, result->lines.size());
  const Judgement& chosen = result->lines[result->chosen].judgement;
  ASSERT_EQ(chosen.target_errors.size(), 2U);
  EXPECT_LT(chosen.score, 0.2) << "mean absolute error of the worse one, in its deviations";
  EXPECT_LT(chosen.target_errors[0], 0.1);
  for (const CompressLine& line : result->lines)
    EXPECT_TRUE(!line.fits() || line.judgement.score >= chosen.score) << line.method;
  const nlohmann::ordered_json json = compress_json(*result);
  EXPECT_EQ(json["chosen"]["mae"]["excess"], chosen.target_errors[1]);
  EXPECT_FALSE(read_bundle_rows(bundle, from(write("rooms.csv", 400), "load")).ok())
      << "one target of two";
}

TEST_F(Compress, JudgesAnomaliesByWhatIsFlagged) {
  const models::Bundle bundle = learn(learner::Task::anomaly, "");
  const std::string path = write("rooms.csv", 600);
  const Result<BundleRows> blind = read_bundle_rows(bundle, from(path));
  ASSERT_TRUE(blind.ok()) << blind.error().message;
  const Judge unflagged(bundle, *blind);
  EXPECT_EQ(unflagged.measure(), Measure::reconstruction);
  const auto row_number = [](std::size_t row) {
    return learner::Prediction{.value = static_cast<float>(row)};
  };
  EXPECT_EQ(unflagged.judge(row_number).score, 299.5) << "the mean of 0 to 599";
  const Result<BundleRows> rows = read_bundle_rows(bundle, from(path, "flag"));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const Result<CompressResult> result =
      compress(bundle, *rows, *models::chip_named("nrf52840"), {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->measure, Measure::roc_auc);
  ASSERT_LT(result->chosen, result->lines.size());
  EXPECT_GT(result->lines[result->chosen].judgement.score, 0.9);
  for (const CompressLine& line : result->lines) {
    if (!line.is_int8) continue;
    const models::Bundle made = models::decode(line.bundle).value();
    EXPECT_EQ(made.task, kernels::Task::anomaly);
    EXPECT_GT(made.anomaly_threshold, 0U) << line.method;
  }
}

}  // namespace
}  // namespace haltere::agent
