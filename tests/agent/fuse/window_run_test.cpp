#include "agent/fuse/window_run.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/fuse/table_rate.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {
namespace {

class WindowRun : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::string path = folder_path() / "rows.csv";
    std::ofstream(path) << text;
    return path;
  }

  /// Windows of four rows, two apart, with their mean.
  WindowRequest request(const std::string& table) {
    WindowRequest made;
    made.table = table;
    made.output = folder_path() / "windows.csv";
    made.windowing.window.length_samples = 4;
    made.windowing.window.step_samples = 2;
    made.windowing.window.features.push_back({kernels::FeatureKind::mean, 0, 0.0F, 0.0F});
    return made;
  }

  std::vector<std::string> lines() {
    std::ifstream file(folder_path() / "windows.csv");
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }

  [[nodiscard]] const std::filesystem::path& folder_path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_F(WindowRun, WritesARowForEachWindowWithItsLastRowAndTime) {
  std::string table = "t:ms,x,label\n";
  for (int i = 0; i < 10; ++i)
    table += std::to_string(20 * i) + "," + std::to_string(i * i) + ",up\n";
  const Result<WindowCounts> counts = run_windows(request(write(table)));
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  EXPECT_EQ(counts->rows, 10U);
  EXPECT_EQ(counts->windows, 4U);
  EXPECT_EQ(lines(), (std::vector<std::string>{"row,t:ms,mean(x)", "4,60,3.5", "6,100,13.5",
                                               "8,140,31.5", "10,180,57.5"}));
}

TEST_F(WindowRun, TakesNumbersThatStandStillOrRampButNoTexts) {
  std::string table = "index,t:ms,flat,ramp,note\n";
  for (int i = 0; i < 10; ++i)
    table += std::to_string(i) + "," + std::to_string(20 * i) + ",9.81," + std::to_string(2 * i) +
             (i == 3 ? ",knock\n" : ",\n");
  const Result<WindowCounts> counts = run_windows(request(write(table)));
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  EXPECT_EQ(lines().front(), "row,t:ms,mean(flat),mean(ramp)");
  EXPECT_EQ(lines()[1], "4,60,9.81,3");
  ASSERT_EQ(counts->remarks.size(), 2U);
  EXPECT_EQ(counts->remarks[0], "'index' is left out: it counts the rows");
}

TEST_F(WindowRun, NeverSpansASegment) {
  WindowRequest made = request(write("rec,x\n0,1\n0,2\n0,3\n1,4\n1,5\n1,6\n1,7\n1,9\n"));
  made.windowing.segment = "rec";
  const Result<WindowCounts> counts = run_windows(made);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  EXPECT_EQ(lines(), (std::vector<std::string>{"row,mean(x)", "7,5.5"}));
}

TEST_F(WindowRun, CutsWindowsWhereANumberRisesOrATextChanges) {
  std::string table = "x,knock,what\n";
  for (int i = 0; i < 20; ++i)
    table += std::to_string(i * i) + (i == 6 ? ",9" : ",1") + (i < 12 ? ",idle\n" : ",hit\n");
  WindowRequest made = request(write(table));
  made.windowing.trigger = "knock";
  made.windowing.window.trigger = {.channels = 1, .above = 5.0F, .before_samples = 1};
  ASSERT_TRUE(run_windows(made).ok());
  EXPECT_EQ(lines(), (std::vector<std::string>{"row,mean(x)", "9,43.5"})) << "rows 6 to 9";
  made.windowing.trigger = "what";
  ASSERT_TRUE(run_windows(made).ok());
  EXPECT_EQ(lines(), (std::vector<std::string>{"row,mean(x),mean(knock)", "15,157.5,1"}));
}

TEST_F(WindowRun, ComputesAllFeaturesWhateverTheWindow) {
  std::string table = "t,ax,ay,az,temperature\n";
  for (int i = 0; i < 300; ++i)
    table += std::to_string(0.01 * i) + ',' + std::to_string(i % 7) + ',' + std::to_string(i % 3) +
             ',' + (i % 50 == 3 ? "" : std::to_string(-(i * i % 11))) +
             (i % 2 == 0 ? ",1e30\n" : ",0\n");
  WindowRequest made = request(write(table));
  made.windowing.rate_hz = 100.0;
  made.windowing.all_features = true;
  for (const std::size_t length : {1U, 4U, 20U, 100U}) {
    made.windowing.window.length_samples = length;
    const Result<WindowCounts> counts = run_windows(made);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_GT(counts->features, 4U * 25U);
    const std::vector<std::string> written = lines();
    ASSERT_GT(written.size(), 2U);
    EXPECT_NE(written[0].find("\"cross_correlation(ax,ay)\""), std::string::npos) << written[0];
    for (std::size_t i = 1; i < written.size(); ++i) {
      EXPECT_EQ(written[i].find("nan"), std::string::npos) << length;
      EXPECT_EQ(written[i].find("inf"), std::string::npos) << length;
    }
  }
}

TEST_F(WindowRun, DrawsSignalsAndSpectra) {
  std::string table = "ax,ay,az,level\n";
  for (int i = 0; i < 200; ++i)
    table += std::to_string(i % 5) + ',' + std::to_string(i % 9) + ',' + std::to_string(i % 4) +
             ',' + std::to_string(i * i % 13) + '\n';
  WindowRequest made = request(write(table));
  made.windowing.window.length_samples = 32;
  made.windowing.window.step_samples = 16;
  made.plot = folder_path() / "windows.svg";
  ASSERT_TRUE(run_windows(made).ok());
  const std::string svg = read_text(made.plot);
  const auto count = [&](const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("<polyline"), 8U) << "signal and spectrum of each channel";
  EXPECT_EQ(count(">level</text>"), 1U);
  EXPECT_EQ(count("nan"), 0U);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST_F(WindowRun, SaysWhatIsWrong) {
  EXPECT_EQ(run_windows(request("nowhere.csv")).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(run_windows(request(write("a,b\nx,y\nz,w\n"))).ok()) << "no numbers";
  WindowRequest made = request(write("x\n1\n2\n"));
  made.output = folder_path() / "no" / "such" / "folder.csv";
  EXPECT_FALSE(run_windows(made).ok());
}

TEST_F(WindowRun, FindsTheRateInTheTimes) {
  EXPECT_NEAR(*rate_of_table(write("t:ms,x\n0,1\n20,2\n40,3\n999,4\n1019,5\n")), 50.0, 1e-6);
  EXPECT_NEAR(*rate_of_table(write("time_s,x\n0,1\n0.5,2\n1,3\n")), 2.0, 1e-9);
  EXPECT_EQ(*rate_of_table(write("i,x\n0,1\n1,2\n")), 0.0);
  EXPECT_EQ(*rate_of_table(write("t,x\nnoon,1\nlater,2\n")), 0.0);
}

}  // namespace
}  // namespace haltere::agent
