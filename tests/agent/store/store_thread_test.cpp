#include "agent/store/store_thread.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>

#include "agent/store/atomic_file.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

/// What is logged while it lives.
class LogCapture {
 public:
  LogCapture() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() { spdlog::set_default_logger(before_); }

  [[nodiscard]] int count(const std::string& word) const {
    const std::string text = text_.str();
    int found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
  }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream text_;
};

TEST(StoreThread, writesTheNewestContent) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "a";
  StoreThread store;
  for (std::uint8_t i = 0; i < 50; ++i) store.write(path, {i});
  store.flush();
  EXPECT_EQ(*read_whole_file(path, 10), std::vector<std::uint8_t>{49});
  EXPECT_TRUE(store.healthy());
}

TEST(StoreThread, removesWhatIsThereAndMindsNothingElse) {
  const ScratchFolder scratch;
  StoreThread store;
  store.write(scratch.path() / "a", {1});
  store.flush();
  store.remove(scratch.path() / "a");
  store.remove(scratch.path() / "never");
  store.flush();
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "a"));
  EXPECT_TRUE(store.healthy());
}

TEST(StoreThread, aDiskThatRefusesIsWarnedOfOnceAndRecoveryToo) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "state";
  const LogCapture log;
  StoreThread store;
  { ASSERT_TRUE(write_file_atomically(folder, std::vector<std::uint8_t>{1}).ok()); }
  for (int i = 0; i < 3; ++i) {
    store.write(folder / "a", {1});
    store.write(folder / "b", {1});
    store.flush();
  }
  EXPECT_FALSE(store.healthy());
  EXPECT_EQ(log.count("would be lost at a restart"), 1);
  std::filesystem::remove(folder);  // a file stood where the folder belongs
  store.write(folder / "a", {1});
  store.write(folder / "b", {1});
  store.flush();
  EXPECT_TRUE(store.healthy());
  EXPECT_EQ(log.count("could be saved again"), 1);
}

}  // namespace
}  // namespace haltere::agent
