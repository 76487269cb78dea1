#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "agent/outputs/output_file.hpp"
#include "config/result.hpp"
#include "learner/online_model.hpp"

namespace haltere::agent {

/// CSV of a score and a decision (0 normal, 1 abnormal) for each row of a table, numbered from 1;
/// both are empty for a row that had no answer, such as one with a missing value.
class ScoreFile {
 public:
  /// Errors: io, refused (permissions).
  [[nodiscard]] static Result<ScoreFile> create(const std::string& path);

  /// The answer to row number `row`. Rows since the last one had none.
  void add(std::size_t row, const learner::Prediction& prediction);

  /// Ends the file after row number `last_row`. Errors: io, of this and of earlier rows.
  Status finish(std::size_t last_row);

 private:
  explicit ScoreFile(OutputFile file) : file_(std::move(file)) {}
  void skip_to(std::size_t row);

  OutputFile file_;
  std::size_t next_row_ = 1;
};

}  // namespace haltere::agent
