#include "agent/store/run_reports.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(RunReports, AreNamedByTimeAndCommand) {
  const std::filesystem::path path = run_report_path("/state", "replay");
  EXPECT_EQ(path.parent_path(), "/state/reports");
  EXPECT_NE(path.filename().string().find("Z-replay-"), std::string::npos) << path;
  EXPECT_EQ(path.extension(), ".json");
  EXPECT_LE(path, run_report_path("/state", "replay"));
}

TEST(RunReports, KeepTheNewestAndWhatIsNotTheirs) {
  const ScratchFolder state;
  const std::filesystem::path reports = state.path() / "reports";
  forget_old_run_reports(state.path());  // there is nothing yet
  for (std::size_t i = 0; i < kept_run_reports + 5; ++i) {
    const std::string name = "20260101T0000" + std::to_string(10 + i) + ".000Z-run-1.json";
    ASSERT_TRUE(write_run_report(reports / name, "{}\n"));
  }
  std::ofstream(reports / "notes.json") << "mine";
  std::ofstream(reports / "20260101.txt") << "mine";
  forget_old_run_reports(state.path());
  EXPECT_EQ(files_in(reports), kept_run_reports + 2);
  EXPECT_FALSE(std::filesystem::exists(reports / "20260101T000014.000Z-run-1.json"));
  EXPECT_TRUE(std::filesystem::exists(reports / "20260101T000015.000Z-run-1.json"));
  EXPECT_TRUE(std::filesystem::exists(reports / "notes.json"));
}

}  // namespace
}  // namespace haltere::agent
