#include "agent/learn/answer_files.hpp"

#include <utility>

namespace haltere::agent {

Result<AnswerFiles> AnswerFiles::create(const Paths& paths, std::span<const std::string> features,
                                        const std::vector<std::string>& labels) {
  AnswerFiles files;
  if (!paths.scores.empty()) {
    Result<ScoreFile> scores = ScoreFile::create(paths.scores);
    if (!scores) return scores.error();
    files.scores_ = std::move(scores).value();
  }
  if (!paths.contributions.empty()) {
    auto contributions = ContributionFile::create(paths.contributions, features, labels);
    if (!contributions) return contributions.error();
    files.contributions_ = std::move(contributions).value();
  }
  return files;
}

void AnswerFiles::explain(std::size_t row, const learner::OnlineModel& model,
                          std::span<const float> features) {
  if (contributions_) contributions_->add(row, model, features);
}

void AnswerFiles::score(std::size_t row, const learner::Prediction& prediction) {
  if (scores_) scores_->add(row, prediction);
}

Status AnswerFiles::finish(std::size_t last_row) {
  if (scores_)
    if (Status written = scores_->finish(last_row); !written) return written;
  return contributions_ ? contributions_->finish() : Status();
}

}  // namespace haltere::agent
