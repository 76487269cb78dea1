#include "agent/table/rows.hpp"

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/learn/windowing.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using learner::Task;

class Rows : public testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "table.csv") {
    std::string path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }

  static std::optional<Windowing> windows(std::size_t length, std::size_t step,
                                          const std::string& segment = {}) {
    Windowing windowing;
    windowing.window.length_samples = length;
    windowing.window.step_samples = step;
    windowing.window.features = {{kernels::FeatureKind::mean, 0, 0.0F, 0.0F},
                                 {kernels::FeatureKind::max, 0, 0.0F, 0.0F}};
    windowing.segment = segment;
    return windowing;
  }

  struct Window {
    float first;
    int label;
    float value;
  };
  static std::vector<Window> all(TableRows& rows) {
    std::vector<float> features(rows.names().size());
    learner::Target target;
    std::vector<Window> windows;
    while (rows.next(features, target).value())
      windows.push_back({features[0], target.label, target.value});
    return windows;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(Rows, CutsWindowsInsideSegmentsAndPassesOverMixedOnes) {
  const std::string path =
      write("rec,x,y\n1,1,a\n1,3,a\n1,5,a\n1,7,b\n1,9,b\n2,0,b\n2,2,\n2,4,\n2,8,a\n");
  const TablePlan plan = plan_table(path, Task::classify, "y", {.leave_out = {"rec"}}).value();
  Result<TableRows> rows = TableRows::open(path, plan, windows(2, 2, "rec"));
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->names(), (std::vector<std::string>{"mean(x)", "max(x)"}));
  const std::vector<Window> found = all(*rows);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].first, 2.0F);
  EXPECT_EQ(found[0].label, 0);
  EXPECT_EQ(found[1].first, 1.0F) << "the first of the next segment, half of it labelled";
  EXPECT_EQ(found[1].label, 1);
  EXPECT_EQ(found[2].label, 0);
  EXPECT_EQ(rows->passed_over_windows(), 1U) << "a and b meet in one";
}

TEST_F(Rows, GivesAWindowItsNewestTargetToRegress) {
  const std::string path = write("x,y\n1,10\n3,20\n5,30\n6,\n8,50\n2,60\n");
  const TablePlan plan = plan_table(path, Task::regress, "y").value();
  Result<TableRows> rows = TableRows::open(path, plan, windows(2, 1));
  const std::vector<Window> found = all(*rows);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].value, 20.0F);
  EXPECT_EQ(found[1].value, 30.0F);
  EXPECT_EQ(found[2].value, 50.0F);
  EXPECT_EQ(found[2].first, 7.0F) << "a row without a target is still part of the signal";
}

TEST_F(Rows, CallsAWindowAbnormalThatHoldsAnAbnormalRow) {
  const std::string path = write("x,odd\n1,0\n3,0\n5,1\n6,0\n8,0\n2,0\n9,\n1,\n");
  const TablePlan plan = plan_table(path, Task::anomaly, "odd").value();
  Result<TableRows> rows = TableRows::open(path, plan, windows(3, 1));
  std::vector<int> labels;
  for (const Window& window : all(*rows)) labels.push_back(window.label);
  EXPECT_EQ(labels, (std::vector<int>{1, 1, 1, 0, 0, -1}));
}

TEST_F(Rows, CarriesTheRecipeOfItsFeatures) {
  const std::string path = write("x,y\n1,10\n3,20\n5,30\n6,7\n");
  const TablePlan plan = plan_table(path, Task::regress, "y").value();
  const auto recipe = TableRows::open(path, plan, windows(2, 1))->recipe();
  kernels::RecipeView view{};
  ASSERT_TRUE(kernels::open_recipe(recipe->data(), recipe->size(), view));
  EXPECT_EQ(view.window_samples, 2);
  EXPECT_EQ(view.inputs, 2);
  const auto plain = TableRows::open(path, plan, std::nullopt)->recipe();
  ASSERT_TRUE(kernels::open_recipe(plain->data(), plain->size(), view));
  EXPECT_EQ(view.window_samples, 1);
}

TEST(ReadWindowing, ReadsRowsTimesAndFeatures) {
  const auto rows = read_windowing({"128", "64", "", "rec", {"mean", "rms"}});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)->window.length_samples, 128U);
  EXPECT_EQ((*rows)->window.step_samples, 64U);
  EXPECT_EQ((*rows)->window.features.size(), 2U);
  const auto time = read_windowing({"2s", "", "119Hz", "", {"band_power:6:0.5Hz:20Hz"}});
  ASSERT_TRUE(time.ok()) << time.error().message;
  EXPECT_EQ((*time)->window.length_s, 2.0);
  EXPECT_EQ((*time)->window.length_samples, 0U) << "not both";
  const auto all = read_windowing({"64", "", "50Hz", "", {"all"}});
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE((*all)->all_features);
  EXPECT_EQ((*time)->rate_hz, 119.0);
  EXPECT_EQ((*time)->window.features[0].bands, 6);
  EXPECT_FALSE(read_windowing({})->has_value());
  EXPECT_EQ((*read_windowing({"64", "", "", "", {}}))->window.features.size(), 6U);
  EXPECT_EQ((*read_windowing({"64", "", "50Hz", "", {}}))->window.features.size(), 7U);
}

TEST(ReadWindowing, SaysWhatIsWrong) {
  const auto message = [](const WindowTexts& texts) {
    const auto windowing = read_windowing(texts);
    return windowing.ok() ? std::string() : windowing.error().message;
  };
  EXPECT_NE(message({"soon", "", "", "", {}}).find("--window: 'soon'"), std::string::npos);
  EXPECT_NE(message({"2s", "", "", "", {}}).find("--sample-rate"), std::string::npos);
  EXPECT_NE(message({"8", "", "", "", {"meen"}}).find("did you mean 'mean'"), std::string::npos);
  for (const char* part : {"band_power:BANDS:FROM:TO", "band_power:8:0.5Hz:50Hz"})
    EXPECT_NE(message({"8", "", "", "", {"band_power"}}).find(part), std::string::npos) << part;
  EXPECT_NE(message({"", "4", "", "", {}}).find("--window"), std::string::npos);
}

TEST_F(Rows, AnAnomalyTableIsLearnedInItsContext) {
  std::string text = "when,x,y\n";
  for (int i = 0; i < 400; ++i)
    text += "2026-01-0" + std::to_string(1 + i / 96) + ' ' + (i / 4 % 24 < 10 ? "0" : "") +
            std::to_string(i / 4 % 24) + ":" + (i % 4 == 0 ? "00" : std::to_string(i % 4 * 15)) +
            ',' + std::to_string(i % 7) + ',' + std::to_string(i % 11) + '\n';
  const std::string path = write(text);
  const TablePlan plan = plan_table(path, Task::anomaly, "").value();
  EXPECT_EQ(plan.context, (std::vector<std::size_t>{5, 20}));
  EXPECT_EQ(plan.day_column, "when");
  TableRows rows = TableRows::open(path, plan, std::nullopt).value();
  ASSERT_EQ(rows.names().size(), 16U);
  EXPECT_EQ(rows.names()[3], "std5(x)");
  EXPECT_EQ(rows.names()[12], "day_sin1");
  std::vector<float> features(16);
  learner::Target target;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(rows.next(features, target).value());
  EXPECT_EQ(features[0], 1.0F);                // 29 % 7
  EXPECT_EQ(features[1], 1.0F);                // from 28 % 7
  EXPECT_FLOAT_EQ(features[2], 16.0F / 5.0F);  // of 4, 5, 6, 0, 1
  EXPECT_NEAR(features[12], std::sin(2.0 * 3.14159265358979 * 7.25 / 24.0), 1e-5);
  EXPECT_TRUE(rows.recipe().ok());

  const TablePlan alone =
      plan_table(path, Task::anomaly, "", {.context = std::vector<std::size_t>{}}).value();
  EXPECT_TRUE(alone.context.empty());
  EXPECT_TRUE(plan_table(path, Task::regress, "y").value().context.empty());
}

}  // namespace
}  // namespace haltere::agent
