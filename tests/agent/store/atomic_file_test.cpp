#include "agent/store/atomic_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(AtomicFile, replacesTheContentAndMakesFolders) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "models" / "gesture" / "checkpoint";
  ASSERT_TRUE(write_file_atomically(path, Bytes{1, 2, 3}).ok());
  ASSERT_TRUE(write_file_atomically(path, Bytes{4, 5}).ok());
  const auto read = read_whole_file(path, 100);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, (Bytes{4, 5}));
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
}

TEST(AtomicFile, aFailureNamesThePathAndKeepsTheOldContent) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "checkpoint";
  ASSERT_TRUE(write_file_atomically(path, Bytes{1}).ok());
  std::filesystem::create_directory(path.string() + ".tmp");  // the temporary file cannot be opened
  const Status failed = write_file_atomically(path, Bytes{2});
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find(path.string() + ".tmp"), std::string::npos);
  EXPECT_EQ(*read_whole_file(path, 100), Bytes{1});
}

TEST(AtomicFile, readingRefusesAbsentAndOversizedFiles) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "checkpoint";
  EXPECT_EQ(read_whole_file(path, 10).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(write_file_atomically(path, Bytes(11)).ok());
  EXPECT_EQ(read_whole_file(path, 10).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace haltere::agent
