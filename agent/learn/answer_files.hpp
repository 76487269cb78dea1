#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/learn/contribution_file.hpp"
#include "agent/learn/score_file.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// What `haltere learn` writes row by row: scores and contributions, each if a path names it.
class AnswerFiles {
 public:
  struct Paths {
    std::string scores;         ///< empty = not wanted
    std::string contributions;  ///< likewise
  };

  /// Errors: io, refused (permissions).
  [[nodiscard]] static Result<AnswerFiles> create(const Paths& paths,
                                                  std::span<const std::string> features,
                                                  const std::vector<std::string>& labels);

  /// What `model`, as it stands, says for its answer to row number `row`.
  void explain(std::size_t row, const learner::OnlineModel& model, std::span<const float> features);

  /// The answer that was given to row number `row`.
  void score(std::size_t row, const learner::Prediction& prediction);

  /// Ends the files after row number `last_row`. Errors: io, of this and of earlier rows.
  Status finish(std::size_t last_row);

 private:
  std::optional<ScoreFile> scores_;
  std::optional<ContributionFile> contributions_;
};

}  // namespace haltere::agent
