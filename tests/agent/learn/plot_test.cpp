#include "agent/learn/plot.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "agent/learn/history.hpp"
#include "agent/outputs/svg.hpp"
#include "models/random.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using learner::Task;

learner::Prediction answer(int label, float value = 0.0F) {
  learner::Prediction prediction;
  prediction.valid = true;
  prediction.label = label;
  prediction.value = value;
  return prediction;
}

TEST(LearnHistory, CountsAnswersAndBaselines) {
  LearnHistory history(Task::classify, 2);
  for (const int truth : {0, 0, 1, 0}) history.add(answer(0), {truth, 0.0F});
  history.finish();
  ASSERT_EQ(history.points().size(), 1U);
  EXPECT_EQ(history.points()[0].row, 4U);
  EXPECT_EQ(history.points()[0].value, 0.75);
  EXPECT_EQ(history.points()[0].no_change, 0.25);
  EXPECT_EQ(history.points()[0].other, 0.5) << "the majority, once there was a row";
}

TEST(LearnHistory, AveragesErrors) {
  LearnHistory history(Task::regress, 0);
  history.add(answer(-1, 1.0F), {-1, 2.0F});
  history.add(answer(-1, 7.0F), {-1, 4.0F});
  history.finish();
  ASSERT_EQ(history.points().size(), 1U);
  EXPECT_EQ(history.points()[0].value, 2.0);
  EXPECT_EQ(history.points()[0].no_change, 1.0);
}

TEST(LearnHistory, StaysSmallAndCoversEveryRow) {
  LearnHistory history(Task::classify, 2);
  for (int i = 0; i < 10'000; ++i) history.add(answer(i < 5'000 ? 0 : 1), {0, 0.0F});
  history.finish();
  ASSERT_LT(history.points().size(), LearnHistory::most_points);
  EXPECT_EQ(history.points().back().row, 10'000U);
  for (const HistoryPoint& point : history.points()) {
    if (point.row > 5'000 && point.row < 5'200) continue;
    EXPECT_EQ(point.value, point.row <= 5'000 ? 1.0 : 0.0) << point.row;
  }
}

TEST(LearnHistory, KeepsTheHighestScore) {
  LearnHistory history(Task::anomaly, 0);
  for (int i = 0; i < 5'000; ++i) history.add(answer(-1, i == 777 ? 9.0F : 1.0F), {});
  double highest = 0.0;
  for (const HistoryPoint& point : history.points()) highest = std::max(highest, point.value);
  EXPECT_EQ(highest, 9.0);
}

TEST(Svg, EscapesWhatOthersWrote) {
  Svg svg(100, 50);
  svg.text({1, 2}, "a<b> & \"c\"");
  EXPECT_NE(svg.finish().find(">a&lt;b&gt; &amp; &quot;c&quot;</text>"), std::string::npos);
}

TEST(Svg, ChoosesRoundSteps) {
  EXPECT_DOUBLE_EQ(round_step(1.0, 5), 0.2);
  EXPECT_DOUBLE_EQ(round_step(8143.0, 8), 2000.0);
  EXPECT_DOUBLE_EQ(round_step(0.0, 5), 1.0);
}

class LearnPlot : public testing::Test {
 protected:
  std::string draw(Task task, const std::string& target) {
    LearnRequest request;
    request.table = folder_.path() / "rooms.csv";
    std::ofstream out(request.table);
    models::Random random(1);
    out << "x,z,side,sum\n";
    for (int i = 0; i < 900; ++i) {
      const float x = random.symmetric();
      const float z = random.symmetric();
      const float sum = i < 600 ? x + z : -x - z;  // a drift
      out << x << ',' << z << ',' << (sum > 0.0F ? "<left>" : "right") << ',' << sum << '\n';
    }
    out.close();
    request.target = target;
    request.reading.leave_out = {target == "sum" ? "side" : "sum"};
    request.model_id = "rooms";
    request.model.task = task;
    const Result<LearnResult> result = run_learn(request);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? learn_svg(*result) : std::string();
  }

  static std::ptrdiff_t count(const std::string& svg, const std::string& part) {
    std::ptrdiff_t found = 0;
    for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1))
      ++found;
    return found;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(LearnPlot, ShowsTheCourseTheBaselinesTheDriftAndTheConfusions) {
  const std::string svg = draw(Task::classify, "side");
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg, "<polyline"), 3);
  EXPECT_GE(count(svg, "stroke-dasharray"), 2) << "a drift and its entry in the legend";
  EXPECT_EQ(count(svg, "rgb("), 4) << "two classes make four cells";
  EXPECT_EQ(count(svg, "<left>"), 0);
  EXPECT_GE(count(svg, "&lt;left&gt;"), 1);
  EXPECT_EQ(count(svg, "nan"), 0);
}

TEST_F(LearnPlot, DrawsEveryTask) {
  EXPECT_EQ(count(draw(Task::regress, "sum"), "<polyline"), 3);
  EXPECT_EQ(count(draw(Task::anomaly, ""), "<polyline"), 2);
}

}  // namespace
}  // namespace haltere::agent
