#include "agent/learn/score_file.hpp"

#include <utility>

namespace haltere::agent {

Result<ScoreFile> ScoreFile::create(const std::string& path) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  file->text("row,score,decision\n");
  return ScoreFile(std::move(file).value());
}

void ScoreFile::skip_to(std::size_t row) {
  for (; next_row_ < row; ++next_row_) file_.number(next_row_).text(",,\n");
}

void ScoreFile::add(std::size_t row, const learner::Prediction& prediction) {
  if (!prediction.valid) return;
  skip_to(row);
  file_.number(row).text(",").number(prediction.value);
  file_.text(prediction.abnormal ? ",1\n" : ",0\n");
  ++next_row_;
}

Status ScoreFile::finish(std::size_t last_row) {
  skip_to(last_row + 1);
  return file_.finish();
}

}  // namespace haltere::agent
