#include "agent/cli/table.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using learner::Task;

class Table : public testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "table.csv") {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  static bool has_note(const TablePlan& plan, const std::string& part) {
    return std::ranges::any_of(
        plan.notes, [&](const std::string& note) { return note.find(part) != note.npos; });
  }
  static std::string message(const Result<TablePlan>& plan) {
    return plan.ok() ? std::string() : plan.error().message;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(Table, KeepsTheNumbersThatVaryAndSaysWhatItLeavesOut) {
  const std::string path = write(
      "date,t,row,x,site,constant,mostly,y\n"
      "2020-01-01,0,5,1.5,a,7,,0\n"
      "2020-01-02,1,6,2.5,b,7,,1\n"
      "2020-01-03,3,7,0.5,a,7,1,0\n"
      "2020-01-04,4,8,0.1,a,7,,1\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features, std::vector<std::string>{"x"});
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"0", "1"}));
  EXPECT_TRUE(has_note(*plan, "'date' is left out: it holds text"));
  EXPECT_TRUE(has_note(*plan, "'t' is left out: it is the time"));
  EXPECT_TRUE(has_note(*plan, "'row' is left out: it counts the rows"));
  EXPECT_TRUE(has_note(*plan, "'constant' is left out: it never changes"));
  EXPECT_TRUE(has_note(*plan, "'mostly' is left out: more than 30 % of it is missing"));
}

TEST_F(Table, SortsLabelsAsNumbersBeforeTexts) {
  const std::string path = write("x,y\n1,10\n2,2\n3.5,b\n1,2.0\n0,a\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"2", "10", "a", "b"}));
}

TEST_F(Table, PassesOverAndCountsRowsWithMissingValues) {
  const std::string path = write("x,z,y\n1,2,a\n,3,b\n4,nan,a\n5,6,\n7,8,b\n9,1,a\n2,2,b\n3,9,a\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  Result<TableReader> reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  std::vector<float> row(2);
  learner::Target target;
  std::vector<float> first_column;
  while (reader->next(row, target).value()) first_column.push_back(row[0]);
  EXPECT_EQ(first_column, (std::vector<float>{1, 7, 9, 2, 3}));
  EXPECT_EQ(reader->passed_over(), 3U);
}

TEST_F(Table, PointsAtTextAmongNumbers) {
  const std::string path = write("x,y\n1,a\n2,b\nthree,a\n");
  EXPECT_NE(message(plan_table(path, Task::classify, "y")).find("table.csv:4:1: 'three'"),
            std::string::npos);
}

TEST_F(Table, RefusesWhatCannotBeLearnedAndSaysWhatToDo) {
  const std::string path = write("x,occupied\n1,0\n2,0\n4,0\n");
  EXPECT_NE(message(plan_table(path, Task::classify, "ocupied")).find("did you mean 'occupied'"),
            std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::classify, "occupied")).find("--task anomaly"),
            std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::regress, "")).find("--target"), std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n", "empty.csv"), Task::regress, "y")).find("no rows"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,2\n1,3\n", "same.csv"), Task::regress, "y"))
                .find("no column of numbers that vary"),
            std::string::npos);
  std::string many = "x,y\n";
  for (int i = 0; i < 100; ++i)
    many += std::to_string(i * i) + ',' + std::to_string(0.5 * i) + '\n';
  EXPECT_NE(
      message(plan_table(write(many, "many.csv"), Task::classify, "y")).find("--task regress"),
      std::string::npos);
}

TEST_F(Table, LearnsLabelsOfTestsToo) {
  const std::string path = write("x,y\n1,a\n2,c\n");
  Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  ASSERT_TRUE(add_labels(*plan, write("x,y\n1,b\n", "test.csv")).ok());
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(Table, NeedsItsColumnsInATest) {
  const Result<TablePlan> plan = plan_table(write("x,y\n1,a\n2,c\n"), Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(TableReader::open(write("z,y\n1,a\n", "test.csv"), *plan).ok());
}

TEST_F(Table, ReadsAnomalyTablesWithAndWithoutTruth) {
  const Result<TablePlan> plan = plan_table(write("x,z\n1,1\n2,3\n2,2\n"), Task::anomaly, "fault");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features, (std::vector<std::string>{"x", "z"}));
  const std::string test = write("x,z,fault\n1,2,1\n3,4,0\n", "test.csv");
  Result<TableReader> reader = TableReader::open(test, *plan);
  ASSERT_TRUE(reader.ok());
  std::vector<float> row(2);
  learner::Target target;
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(target.label, 1);
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(target.label, 0);
}

}  // namespace
}  // namespace haltere::agent
