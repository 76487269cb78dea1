// `haltere learn --from`: a table that another model goes on with.
#include "agent/learn/origin.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/learn/learn_run.hpp"
#include "models/bundle.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

/// Rings in two readings, which no line tells apart; with a `gain` of 1.1 those of
/// another place. Class `out` only with `all_classes`.
std::string write_rings(const std::filesystem::path& path, std::uint64_t seed, int rows, float gain,
                        bool all_classes = true) {
  std::ofstream out(path);
  out << "time,x,y,ring\n";
  models::Random random(seed);
  for (int i = 0; i < rows;) {
    const float x = 3.0F * random.symmetric();
    const float y = 3.0F * random.symmetric();
    const float square = x * x + y * y;
    const char* const ring = square < 2.0F ? "in" : square < 5.0F ? "mid" : "out";
    if (!all_classes && square >= 5.0F) continue;
    out << "2026-05-01 00:00:" << i % 60 << ',' << gain * x << ',' << gain * y << ',' << ring
        << '\n';
    ++i;
  }
  return path;
}

class LearnFrom : public testing::Test {
 protected:
  LearnRequest request(const std::string& table) {
    LearnRequest request;
    request.table = table;
    request.target = "ring";
    request.model_id = "rings";
    request.tests = {write_rings(folder_.path() / "test.csv", 9, 600, 1.1F)};
    return request;
  }

  LearnOrigin origin() {
    const Result<LearnResult> first =
        run_learn(request(write_rings(folder_.path() / "first.csv", 1, 3000, 1.0F)));
    return read_origin(first->bundle).value();
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_F(LearnFrom, AFewRowsTuneTheOutputLayer) {
  const LearnOrigin before = origin();
  LearnRequest few = request(write_rings(folder() / "few.csv", 2, 60, 1.1F));
  const double alone = run_learn(few)->tests[0].as_int8.answers.accuracy();
  few.origin = before;
  ASSERT_TRUE(adopt_layers(before, few.model).ok());
  few.model.learn.frozen_layers = few.model.layers.size();
  const Result<LearnResult> tuned = run_learn(few);
  ASSERT_TRUE(tuned.ok()) << tuned.error().message;
  EXPECT_GT(tuned->tests[0].as_int8.answers.accuracy(), 0.85);
  EXPECT_GT(tuned->tests[0].as_int8.answers.accuracy(), alone + 0.05);
  EXPECT_EQ(models::decode(tuned->bundle)->provenance.parent, before.identity);
}

TEST_F(LearnFrom, KeepsTheClassesThatTheTableDoesNotShow) {
  const LearnOrigin before = origin();
  LearnRequest two = request(write_rings(folder() / "two.csv", 3, 60, 1.0F, false));
  two.tests.clear();
  two.origin = before;
  ASSERT_TRUE(adopt_layers(before, two.model).ok());
  two.model.learn.frozen_layers = two.model.layers.size();
  const Result<LearnResult> tuned = run_learn(two);
  ASSERT_TRUE(tuned.ok()) << tuned.error().message;
  EXPECT_EQ(tuned->plan.labels, (std::vector<std::string>{"in", "mid", "out"}));
}

TEST_F(LearnFrom, NamesWhatIsMissing) {
  const LearnOrigin before = origin();
  LearnRequest other = request(write_rings(folder() / "other.csv", 4, 60, 1.0F));
  other.origin = before;
  ASSERT_TRUE(adopt_layers(before, other.model).ok());
  other.reading.columns = {"x"};
  const Result<LearnResult> refused = run_learn(other);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("learned from x, y"), std::string::npos)
      << refused.error().message;
}

TEST_F(LearnFrom, TakesTheColumnsAndWindowsOfTheOrigin) {
  LearnRequest windows = request(write_rings(folder() / "windows.csv", 5, 3000, 1.0F));
  windows.tests.clear();
  windows.reading.columns = {"y"};
  windows.model.task = learner::Task::regress;
  windows.target = "x";
  windows.windowing =
      Windowing{.window = {.length_samples = 4, .features = {}}, .rate_hz = 10.0, .segment = {}};
  windows.windowing->window.features.push_back({kernels::FeatureKind::mean, 0, 0.0F, 0.0F});
  const Result<LearnResult> first = run_learn(windows);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const LearnOrigin before = read_origin(first->bundle).value();
  TableSettings reading;
  std::optional<Windowing> windowing;
  ASSERT_TRUE(adopt_inputs(before, windows.table, reading, windowing).ok());
  EXPECT_EQ(reading.columns, std::vector<std::string>{"y"});
  ASSERT_TRUE(windowing);
  EXPECT_EQ(windowing->window.length_samples, 4U);
  EXPECT_EQ(windowing->window.features.size(), 1U);
}

TEST(LearnOrigin, RefusesBytesThatAreNoBundle) {
  const std::vector<std::uint8_t> nonsense(100, 7);
  EXPECT_FALSE(read_origin(nonsense).ok());
}

}  // namespace
}  // namespace haltere::agent
