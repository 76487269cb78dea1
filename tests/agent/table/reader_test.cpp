#include "agent/table/reader.hpp"

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
    std::string path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  static bool has_note(const TablePlan& plan, const std::string& part) {
    return std::ranges::any_of(
        plan.notes, [&](const std::string& note) { return note.find(part) != std::string::npos; });
  }
  static bool has_warning(const TablePlan& plan, const std::string& part) {
    return std::ranges::any_of(plan.warnings, [&](const std::string& warning) {
      return warning.find(part) != std::string::npos;
    });
  }
  static std::vector<float> next_row(TableReader& reader, std::size_t features) {
    std::vector<float> row(features);
    learner::Target target;
    if (!reader.next(row, target).value()) return {};
    return row;
  }
  static std::vector<float> column_of(TableReader& reader, std::size_t feature) {
    std::vector<float> row(64);
    std::vector<float> column;
    learner::Target target;
    while (reader.next(row, target).value()) column.push_back(row[feature]);
    return column;
  }
  static std::string message(const Result<TablePlan>& plan) {
    return plan.ok() ? std::string() : plan.error().message;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(Table, KeepsWhatVariesAndSaysWhatItLeavesOut) {
  const std::string path = write(
      "date,t,row,x,site,constant,mostly,y,one text,\n"
      "2020-01-01,0,5,1.5,a,7,,0,z,\n"
      "2020-01-02,1,6,2.5,b,7,,1,z,\n"
      "2020-01-03,3,7,0.5,a,7,1,0,z,\n"
      "2020-01-04,4,8,0.1,a,7,,1,z,\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features, (std::vector<std::string>{"x", "site=b"}));
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(plan->label_rows, (std::vector<std::size_t>{2, 2}));
  EXPECT_TRUE(has_note(*plan, "'date' is left out: it is the time"));
  EXPECT_TRUE(has_note(*plan, "'t' is left out: it is the time"));
  EXPECT_TRUE(has_note(*plan, "'row' is left out: it counts the rows"));
  EXPECT_TRUE(has_note(*plan, "'constant' is left out: it never changes"));
  EXPECT_TRUE(has_note(*plan, "'one text' is left out: it never changes"));
  EXPECT_TRUE(has_note(*plan, "'mostly' is left out: more than half of it is missing"));
}

TEST_F(Table, SortsLabelsAsNumbersBeforeTexts) {
  const std::string path = write("x,y\n1,10\n2,2\n3.5,b\n1,2.0\n0,a\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"2", "10", "a", "b"}));
}

TEST_F(Table, FindsLabelsThatSpellOneNumber) {
  const std::string path = write("x,y\n1,0\n7,0\x01\n3,1\n9,0\x01\n5,0\n", "spellings.csv");
  const auto plan = plan_table(path, learner::Task::classify, "y");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"0", "0 ", "1"}));
  auto reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  std::vector<float> row(1);
  learner::Target target;
  for (const int label : {0, 1, 2, 1, 0}) {
    ASSERT_TRUE(reader->next(row, target).value());
    EXPECT_EQ(target.label, label);
  }
}

TEST_F(Table, PassesOverAndCountsRowsWithMissingValuesIfAsked) {
  const std::string path = write("x,z,y\n1,2,a\n,3,b\n4,nan,a\n5,6,\n7,8,b\n9,1,a\n2,2,b\n3,9,a\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y", {.fill = Fill::none});
  ASSERT_TRUE(plan.ok());
  Result<TableReader> reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{1, 7, 9, 2, 3}));
  EXPECT_EQ(reader->counts().incomplete, 2U);
  EXPECT_EQ(reader->counts().without_target, 1U);
  EXPECT_EQ(reader->row_number(), 8U);
}

TEST_F(Table, StandsInForMissingNumbersFromEarlierRowsAlone) {
  const std::string path =
      write("slow,wild,y\n,4,1\n10,,2\n11,8,1\n13,0,2\n,9,1\n12,,2\n14,1,1\n15,7,3\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "y");
  ASSERT_TRUE(plan.ok());
  Result<TableReader> reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{10, 10, 11, 13, 13, 12, 14, 15}))
      << "the last one, and the first before there was any";
  reader = TableReader::open(path, *plan);
  EXPECT_EQ(column_of(*reader, 1), (std::vector<float>{4, 4, 8, 0, 9, 5.25, 1, 7}))
      << "the mean of those before";
  EXPECT_EQ(reader->counts().filled, (std::vector<std::size_t>{2, 2}));
  const Result<TablePlan> last = plan_table(path, Task::regress, "y", {.fill = Fill::last});
  reader = TableReader::open(path, *last);
  EXPECT_EQ(column_of(*reader, 1), (std::vector<float>{4, 4, 8, 0, 9, 9, 1, 7}));
}

TEST_F(Table, TakesNumbersForMissingIfTold) {
  const std::string path = write("x,y\n1,2\n-200,3\n4,-200.0\n5,off\n7,1\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "y", {.missing = {"-200", "off"}});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  Result<TableReader> reader = TableReader::open(path, *plan);
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{1, 1, 7}));
  EXPECT_EQ(reader->counts().without_target, 2U);
}

TEST_F(Table, WarnsOfNumbersThatLookLikeCodesForMissing) {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 50; ++i)
    text += (i % 10 == 0 ? "-999" : std::to_string(i * i % 17)) + "," + std::to_string(i % 7 - 3) +
            "," + std::to_string(i % 5) + "\n";
  const Result<TablePlan> plan = plan_table(write(text), Task::regress, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(has_warning(*plan, "-999 stands again and again in 'x', far"));
  EXPECT_TRUE(has_warning(*plan, "--missing -999"));
}

TEST_F(Table, MakesAnInputOfEachTextOfAFew) {
  const std::string path =
      write("x,colour,lamp,y\n1,red,on,a\n4,green,off,b\n2,,on,a\n8,blue,None,b\n1,red,off,b\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features,
            (std::vector<std::string>{"x", "colour=blue", "colour=green", "colour=red", "lamp=None",
                                      "lamp=off", "lamp=on"}));
  const std::string test = write("y,lamp,colour,x\na,off,red,1\nb,dim,,2\n", "test.csv");
  Result<TableReader> reader = TableReader::open(test, *plan);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(next_row(*reader, 7), (std::vector<float>{1, 0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(next_row(*reader, 7), (std::vector<float>{2, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(reader->counts().unknown_texts, 1U);
}

TEST_F(Table, TakesAFewCodesAmongNumbersForTexts) {
  std::string text = "children,x,y\n";
  for (int i = 0; i < 60; ++i)
    text += (i % 4 == 3 ? "3+" : std::to_string(i % 4)) + "," + std::to_string(i * i % 31) + "," +
            (i % 3 == 0 ? "a" : "b") + "\n";
  const Result<TablePlan> plan = plan_table(write(text), Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features, (std::vector<std::string>{"children=0", "children=1", "children=2",
                                                      "children=3+", "x"}));
}

TEST_F(Table, LeavesOutFreeText) {
  std::string text = "note,x,y\n";
  for (int i = 0; i < 40; ++i)
    text += "n" + std::to_string(i) + "," + std::to_string(i * i % 31) + ",a\n";
  const std::string path = write(text + "n40,3,b\n");
  Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(has_note(*plan, "'note' is left out: it holds more than 32 different texts"));
  plan = plan_table(path, Task::classify, "y", {.most_categories = 50});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features.size(), 42U);
}

TEST_F(Table, LearnsFromChosenColumns) {
  const std::string path = write("id,x,z,y\n1,5,2,a\n2,3,9,b\n3,4,4,a\n");
  EXPECT_EQ(plan_table(path, Task::classify, "y")->features, (std::vector<std::string>{"x", "z"}));
  EXPECT_EQ(plan_table(path, Task::classify, "y", {.columns = {"id", "z"}})->features,
            (std::vector<std::string>{"id", "z"}));
  EXPECT_EQ(plan_table(path, Task::classify, "4", {.leave_out = {"z"}})->features,
            std::vector<std::string>{"x"});
  EXPECT_NE(
      message(plan_table(path, Task::classify, "y", {.leave_out = {"zz"}})).find("no column 'zz'"),
      std::string::npos);
}

TEST_F(Table, ReadsOtherDialectsAndSaysSo) {
  const std::string path = write(
      "Date;CO;T;;\r\n10/03/2004;2,6;13,6;;\r\n11/03/2004;2;;;\r\n;;;;\r\n12/03/2004;2,2;11,9;;"
      "\r\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "CO");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->rows, 3U) << "a line of separators is no row";
  EXPECT_TRUE(has_note(*plan, "fields are parted by ';'"));
  EXPECT_TRUE(has_note(*plan, "decimal comma"));
  EXPECT_TRUE(has_note(*plan, "'Date' is left out: it is the time"));
  Result<TableReader> reader = TableReader::open(path, *plan);
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{13.6F, 13.6F, 11.9F}));
  const Result<TablePlan> bare =
      plan_table(write("5.1,3,a\n4.9,3.5,b\n5,3.1,a\n"), Task::classify, "c3");
  ASSERT_TRUE(bare.ok());
  EXPECT_EQ(bare->rows, 3U);
  EXPECT_TRUE(has_note(*bare, "the columns are c1, c2, ..."));
}

TEST_F(Table, MakesNamesFitForABundle) {
  const std::string path = write(
      "\xB0"
      "C,a\tb,x,x,y\n1,2,3,1,\xE9\n2,0,1,2,b\n3,7,1,3,b\n5,5,5,5,b\n");
  const Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->features, (std::vector<std::string>{"?C", "a b", "x"}));
  EXPECT_TRUE(has_note(*plan, "'x' is left out: another column has that name"));
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"?", "b"}));
}

TEST_F(Table, RefusesATargetThatBearsAnEarlierColumnsName) {
  const std::string path = write("x,x,y\n1,a,20\n4,b,7\n");
  for (const Task task : {Task::classify, Task::anomaly})
    EXPECT_NE(message(plan_table(path, task, "2")).find("column 2 of " + path + " is called 'x'"),
              std::string::npos);
  EXPECT_TRUE(plan_table(path, Task::regress, "3").ok()) << "others are found by number";
}

TEST_F(Table, PointsAtTextAmongNumbers) {
  const std::string path = write("x,y\n1,a\n2,b\nthree,a\n4,b\n");
  const std::string text = message(plan_table(path, Task::classify, "y"));
  EXPECT_NE(text.find("table.csv:4:1: 'three'"), std::string::npos) << text;
  EXPECT_NE(text.find("--missing 'three'"), std::string::npos) << text;
  EXPECT_NE(message(plan_table(write("x,y\n1,2\n2,off\n", "r.csv"), Task::regress, "y"))
                .find("r.csv:3:3: 'off'"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,2\n2\n", "s.csv"), Task::regress, "y"))
                .find("s.csv:3:1: 1 fields where the header has 2; --bad-rows skip"),
            std::string::npos);
}

TEST_F(Table, PassesOverBadRowsIfAsked) {
  const std::string path = write("x,y\n1,2\nthree,3\n4\n5,6,7\n6,\"7\"x\n7,5\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "y", {.skip_bad_rows = true});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  Result<TableReader> reader = TableReader::open(path, *plan);
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{1, 7}));
  EXPECT_EQ(reader->counts().bad, 4U);
  const std::string endless = write("x,y\n1,\"2" + std::string(300'000, '\n'), "endless.csv");
  EXPECT_FALSE(plan_table(endless, Task::regress, "y", {.skip_bad_rows = true}).ok());
}

TEST_F(Table, RefusesWhatCannotBeLearnedAndSaysWhatToDo) {
  const std::string path = write("x,occupied\n1,0\n2,0\n4,0\n");
  EXPECT_NE(message(plan_table(path, Task::classify, "ocupied")).find("did you mean 'occupied'"),
            std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::classify, "occupied")).find("--task anomaly"),
            std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::regress, "")).find("the columns are 'x', 'occupied'"),
            std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::regress, "occupied")).find("never changes"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,a\n2,b\n", "texts.csv"), Task::regress, "y"))
                .find("--task classify"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,1\n2,1\n", "all.csv"), Task::anomaly, "y"))
                .find("calls no row normal"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,0\n2,maybe\n", "odd.csv"), Task::anomaly, "y"))
                .find("odd.csv:3:3: 'maybe'"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n", "empty.csv"), Task::regress, "y")).find("no rows"),
            std::string::npos);
  EXPECT_NE(message(plan_table(write("x,y\n1,2\n1,3\n", "same.csv"), Task::regress, "y"))
                .find("no column of numbers or of a few texts that vary"),
            std::string::npos);
  std::string many = "x,y\n";
  for (int i = 0; i < 100; ++i)
    many += std::to_string(i * i) + ',' + std::to_string(0.5 * i) + '\n';
  EXPECT_NE(
      message(plan_table(write(many, "many.csv"), Task::classify, "y")).find("--task regress"),
      std::string::npos);
}

TEST_F(Table, WarnsOfFewRowsAndFewOfAClass) {
  std::string text = "x,y\n";
  for (int i = 0; i < 99; ++i) text += std::to_string(i * 7 % 13) + (i < 3 ? ",odd\n" : ",even\n");
  const Result<TablePlan> plan = plan_table(write(text), Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(has_warning(*plan, "only 99 rows"));
  EXPECT_TRUE(has_warning(*plan, "class 'odd' with 3"));
}

TEST_F(Table, LearnsLabelsOfTestsToo) {
  const std::string path = write("x,y\n1,a\n2,c\n");
  Result<TablePlan> plan = plan_table(path, Task::classify, "y");
  ASSERT_TRUE(plan.ok());
  ASSERT_TRUE(add_labels(*plan, write("x,y\n1,b\n", "test.csv")).ok());
  EXPECT_EQ(plan->labels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(has_warning(*plan, "not: 'b'"));
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
  const std::string test = write("x,z,fault\n1,2,1\n3,4,normal\n5,6,\n", "test.csv");
  Result<TableReader> reader = TableReader::open(test, *plan);
  ASSERT_TRUE(reader.ok());
  std::vector<float> row(2);
  learner::Target target;
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(target.label, 1);
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(target.label, 0);
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(target.label, -1) << "a row of unknown truth is a row";
}

TEST_F(Table, PassesOverALineOfUnits) {
  const std::string path = write("x,y\nmm,V\n1,2\n3,5\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "y");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_TRUE(has_note(*plan, "units"));
  Result<TableReader> reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(column_of(*reader, 0), (std::vector<float>{1.0F, 3.0F}));
}

TEST_F(Table, LeavesOutWhatSaysThatARowIsAbnormal) {
  const std::string path = write("x,is_anomaly,fault_current\n1,0,1.5\n2,1,2.5\n4,0,3\n");
  const Result<TablePlan> plan = plan_table(path, Task::anomaly, "");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->features, (std::vector<std::string>{"x", "fault_current"}));
  EXPECT_TRUE(has_note(*plan, "'is_anomaly' is left out"));
  const Result<TablePlan> asked =
      plan_table(path, Task::anomaly, "", {.columns = {"x", "is_anomaly"}});
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(asked->features.back(), "is_anomaly");
}

TEST_F(Table, CountsTheRowsOfADay) {
  const auto rows_per_day = [&](const std::string& text) {
    const Result<TablePlan> plan = plan_table(write(text), Task::anomaly, "");
    return plan.ok() ? plan->rows_per_day : -1.0;
  };
  EXPECT_NEAR(rows_per_day("when,x\n2020-01-01 23:40:00,1\n2020-01-01 23:50:00,2\n"
                           "2020-01-02 00:00:00,4\n2020-01-02 00:10:00,5\n"),
              144.0, 0.01);
  EXPECT_EQ(rows_per_day("when,x\n2020-01-01,1\n2020-01-02,2\n2020-01-03,4\n"), 0.0);
}

TEST(DayShareOf, ReadsTheTimeAfterADate) {
  EXPECT_FLOAT_EQ(day_share_of("2015-07-10 06:00:00"), 0.25F);
  EXPECT_FLOAT_EQ(day_share_of(" 10/07/2015T18:30Z"), 18.5F / 24.0F);
  EXPECT_FLOAT_EQ(day_share_of("2015-07-10 00:00:43.2"), 43.0F / 86'400.0F);
  for (const char* text : {"06:00:00", "2015-07-10", "2015-07-10 24:00:00", "2015-07-10 106:00",
                           "2015-07-10 :00", "", "2015-07-10 6"})
    EXPECT_LT(day_share_of(text), 0.0F) << text;
}

TEST_F(Table, TakesSeveralTargets) {
  const std::string path = write("x,y,z,w\n1,2,3,4\n2,4,,5\n3,6,9,1\n");
  const Result<TablePlan> plan = plan_table(path, Task::regress, "z,y");
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->targets, (std::vector<std::string>{"z", "y"}));
  Result<TableReader> reader = TableReader::open(path, *plan);
  ASSERT_TRUE(reader.ok());
  std::vector<float> row(plan->features.size());
  learner::Target target;
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(learner::value_at(target, 0), 3.0F);
  EXPECT_EQ(learner::value_at(target, 1), 2.0F);
  ASSERT_TRUE(reader->next(row, target).value());
  EXPECT_EQ(learner::value_at(target, 0), 9.0F) << "a row without one of them is passed over";
  EXPECT_EQ(reader->counts().without_target, 1U);
  EXPECT_NE(message(plan_table(path, Task::regress, "z,y,z")).find("twice"), std::string::npos);
  EXPECT_NE(message(plan_table(path, Task::regress, "z,q")).find("'q'"), std::string::npos);
  EXPECT_FALSE(plan_table(path, Task::classify, "z,y").ok());
}

}  // namespace
}  // namespace haltere::agent
