#include "agent/fuse/stream_run.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/agent/made_up_motion.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {
namespace {

class StreamRun : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  [[nodiscard]] std::string output() const { return folder_.path() / "out.csv"; }

  static config::Node align_two() {
    const auto stream = [](const char* id) {
      return mapping_node({{"stream", {}, scalar_node(id)}});
    };
    return mapping_node({{"id", {}, scalar_node("aligned")},
                         {"platform", {}, scalar_node("align")},
                         {"rate", {}, scalar_node("10Hz")},
                         {"streams", {}, list_node({stream("a"), stream("b")})}});
  }

  ScratchFolder folder_;
};

TEST_F(StreamRun, tablesWithNamesUnitsAndTimesOfTheirOwnBecomeOne) {
  std::string fast = "t:ms,ax:g,note\n";
  for (int i = 0; i <= 100; ++i) fast += std::to_string(20 * i) + "," + std::to_string(i) + ",x\n";
  std::string slow = "t,warmth:celsius\n";
  for (int i = 0; i <= 10; ++i) slow += std::to_string(0.2 * i) + "," + std::to_string(i) + "\n";
  auto tables = table_sensors({write("a.csv", fast), write("b.csv", slow)}, 0.0);
  ASSERT_TRUE(tables.ok()) << tables.error().message;
  EXPECT_NEAR(tables->spec.sensors[1].layout.rate_hz, 5.0, 1e-9);
  const auto counts = run_stream(std::move(*tables), align_two(), output());
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  EXPECT_EQ(counts->rows, 21U);
  std::istringstream lines(read_text(output()));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "t,a.ax:m/s²,b.warmth:°C,valid.a,valid.b");
  for (int i = 0; i <= 15; ++i) std::getline(lines, line);
  EXPECT_EQ(line, "1.5,735.4988,7.5,1,1");
}

TEST_F(StreamRun, filesWithoutTimesOrNumbersAreRefusedWithTheirName) {
  const auto untimed = table_sensors({write("a.csv", "x\n1\n2\n")}, 0.0);
  ASSERT_FALSE(untimed.ok());
  EXPECT_NE(untimed.error().message.find("a.csv: no column 't'"), std::string::npos);
  const auto texts = table_sensors({write("b.csv", "t,x\n1,one\n2,two\n")}, 0.0);
  ASSERT_FALSE(texts.ok());
  EXPECT_NE(texts.error().message.find("b.csv: no column of numbers"), std::string::npos);
}

TEST_F(StreamRun, complaintsAboutTheSettingsAreTheOnesOfAPipeline) {
  auto tables = table_sensors({write("a.csv", "t,x\n0,1\n1,2\n")}, 0.0);
  ASSERT_TRUE(tables.ok());
  const auto counts = run_stream(std::move(*tables), align_two(), output());
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().message, "'b' is not a stream");
}

}  // namespace
}  // namespace haltere::agent
