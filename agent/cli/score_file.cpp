#include "agent/cli/score_file.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace haltere::agent {
namespace {

Error cannot_write(const std::string& path) {
  return {ErrorKind::io, "cannot write " + path + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<ScoreFile> ScoreFile::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return cannot_write(path);
  std::fputs("row,score,decision\n", file);
  return ScoreFile(path, file);
}

void ScoreFile::skip_to(std::size_t row) {
  for (; next_row_ < row; ++next_row_) std::fprintf(file_.get(), "%zu,,\n", next_row_);
}

void ScoreFile::add(std::size_t row, const learner::Prediction& prediction) {
  if (!prediction.valid) return;
  skip_to(row);
  std::array<char, 32> score{};
  std::to_chars(score.data(), score.data() + score.size() - 1, prediction.value);
  std::fprintf(file_.get(), "%zu,%s,%d\n", row, score.data(), prediction.abnormal ? 1 : 0);
  ++next_row_;
}

Status ScoreFile::finish(std::size_t last_row) {
  skip_to(last_row + 1);
  if (std::ferror(file_.get()) != 0 || std::fflush(file_.get()) != 0) return cannot_write(path_);
  return {};
}

}  // namespace haltere::agent
