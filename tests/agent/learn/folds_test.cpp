#include "agent/learn/folds.hpp"
#include "config/json.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/learn/learn_run.hpp"
#include "agent/learn/report.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

TEST(FoldDealer, GivesEveryFoldItsShareOfEveryClass) {
  FoldDealer dealer({.count = 4, .by = "rows"}, 2, 400, 1);
  FoldDealer again({.count = 4, .by = "rows"}, 2, 400, 1);
  std::vector<std::vector<int>> rows(2, std::vector<int>(4, 0));
  bool in_turn = true;
  for (int i = 0; i < 400; ++i) {
    const int label = i % 10 == 0 ? 1 : 0;
    const std::size_t fold = dealer.next(label, "");
    EXPECT_EQ(fold, again.next(label, "")) << "every pass deals alike";
    ++rows[static_cast<std::size_t>(label)][fold];
    in_turn = in_turn && fold == static_cast<std::size_t>(i % 4);
  }
  EXPECT_EQ(rows[0], (std::vector<int>{90, 90, 90, 90}));
  EXPECT_EQ(rows[1], (std::vector<int>{10, 10, 10, 10}));
  EXPECT_FALSE(in_turn);
}

TEST(FoldDealer, CutsContiguousBlocks) {
  FoldDealer dealer({.count = 3, .by = "blocks"}, 1, 7, 1);
  std::vector<std::size_t> folds;
  folds.reserve(7);
  for (int i = 0; i < 7; ++i) folds.push_back(dealer.next(0, ""));
  EXPECT_EQ(folds, (std::vector<std::size_t>{0, 0, 0, 1, 1, 2, 2}));
}

TEST(FoldDealer, KeepsWhatBelongsTogether) {
  FoldDealer dealer({.count = 2, .by = "rec"}, 1, 5, 1);
  std::vector<std::size_t> folds;
  folds.reserve(7);
  for (const char* group : {"a", "a", "b", "c", "a"}) folds.push_back(dealer.next(0, group));
  EXPECT_EQ(folds, (std::vector<std::size_t>{0, 0, 1, 0, 0}));
}

class Folds : public testing::Test {
 protected:
  LearnRequest request(int rows) {
    LearnRequest request;
    request.table = folder_.path() / "rooms.csv";
    std::ofstream out(request.table);
    models::Random random(1);
    out << "temperature,power,day,hot\n";
    for (int i = 0; i < rows; ++i) {
      const float temperature = random.symmetric();
      const float power = random.symmetric();
      out << temperature << ',' << power << ",d" << i * 6 / rows << ','
          << (temperature + power > 0.0F ? "yes" : "no") << '\n';
    }
    request.target = "hot";
    request.model_id = "rooms";
    request.folds.count = 3;
    return request;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(Folds, TestEveryRowOnceByAModelThatDidNotSeeIt) {
  for (const char* by : {"rows", "blocks", "day"}) {
    LearnRequest asked = request(600);
    asked.folds.by = by;
    const Result<LearnResult> result = run_learn(asked);
    ASSERT_TRUE(result.ok()) << result.error().message;
    const nlohmann::ordered_json folds = learn_json(*result)["folds"];
    EXPECT_EQ(folds["rows"], 600) << by;
    EXPECT_EQ(folds["each"].size(), 3U) << by;
    EXPECT_GT(folds["float"]["accuracy"].get<double>(), 0.93) << by;
    EXPECT_GT(folds["int8"]["accuracy"].get<double>(), 0.93) << by;
    EXPECT_NE(learn_text(*result).find(std::string("3 by ") + by), std::string::npos);
  }
}

TEST_F(Folds, RefuseMoreFoldsThanRows) {
  LearnRequest asked = request(600);
  asked.folds = {.count = 7, .by = "day"};
  const Result<LearnResult> result = run_learn(asked);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("fold 7 of 7 has no rows"), std::string::npos);
}

}  // namespace
}  // namespace haltere::agent
