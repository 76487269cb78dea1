#include "agent/learn/contribution_file.hpp"

#include <utility>

#include "learner/explain.hpp"

namespace haltere::agent {

using learner::Task;

Result<ContributionFile> ContributionFile::create(const std::string& path,
                                                  std::span<const std::string> features,
                                                  std::vector<std::string> labels) {
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  file->text("row,answer");
  for (const std::string& feature : features) file->text(",").field(feature);
  file->text("\n");
  return ContributionFile(std::move(file).value(), std::move(labels), features.size());
}

void ContributionFile::explain(const learner::OnlineModel& model, const learner::Prediction& answer,
                               std::span<const float> features) {
  if (model.settings().task == Task::anomaly)
    return model.explain_anomaly(features, contributions_);
  const std::size_t output = answer.label > 0 ? static_cast<std::size_t>(answer.label) : 0;
  learner::explain_answer(model, features, output, contributions_, scratch_);
}

void ContributionFile::add(std::size_t row, const learner::OnlineModel& model,
                           std::span<const float> features) {
  const learner::Prediction answer = model.ask(features);
  if (!answer.valid) return;
  explain(model, answer, features);
  file_.number(row).text(",");
  if (model.settings().task == Task::classify) {
    if (answer.label >= 0) file_.field(labels_[static_cast<std::size_t>(answer.label)]);
  } else {
    file_.number(answer.value);
  }
  for (const float contribution : contributions_) file_.text(",").number(contribution);
  file_.text("\n");
}

}  // namespace haltere::agent
