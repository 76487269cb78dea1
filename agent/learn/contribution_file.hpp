#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/outputs/output_file.hpp"
#include "config/result.hpp"
#include "learner/online_model.hpp"

namespace haltere::agent {

/// CSV of the steady net's answer to each row of a table, numbered from 1, and what each feature
/// speaks for in it: natural log odds of the class (classify), the target's unit (regress, the
/// first target), shares of the score (anomaly). A row without an answer has no line.
class ContributionFile {
 public:
  /// Errors: io, refused (permissions).
  [[nodiscard]] static Result<ContributionFile> create(const std::string& path,
                                                       std::span<const std::string> features,
                                                       std::vector<std::string> labels);

  /// The answer of `model` as it stands to row number `row`, with `features`.
  void add(std::size_t row, const learner::OnlineModel& model, std::span<const float> features);

  /// Errors: io, of this and of earlier rows.
  Status finish() { return file_.finish(); }

 private:
  ContributionFile(OutputFile file, std::vector<std::string> labels, std::size_t inputs)
      : file_(std::move(file)),
        labels_(std::move(labels)),
        contributions_(inputs),
        scratch_(inputs) {}
  void explain(const learner::OnlineModel& model, const learner::Prediction& answer,
               std::span<const float> features);

  OutputFile file_;
  std::vector<std::string> labels_;
  std::vector<float> contributions_;  ///< [inputs]
  std::vector<float> scratch_;        ///< [inputs]
};

}  // namespace haltere::agent
