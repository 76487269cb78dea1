#include "agent/learn/folds.hpp"

#include <algorithm>
#include <utility>

#include "agent/learn/learn_run.hpp"
#include "learner/candidate.hpp"

namespace haltere::agent {
namespace {

using learner::Target;
using learner::Task;

std::string group_column(const FoldSettings& settings) {
  return settings.by == "rows" || settings.by == "blocks" ? std::string() : settings.by;
}

/// One pass over a table that visits the rows of one fold, or of all others.
class FoldPass {
 public:
  static Result<FoldPass> open(const LearnRequest& request, const LearnResult& whole) {
    Result<TableRows> rows =
        TableRows::open(request.table, whole.plan, request.windowing, group_column(request.folds));
    if (!rows) return rows.error();
    return FoldPass(std::move(rows).value(), request, whole);
  }

  template <typename Visit>
  Status visit(std::size_t fold, bool inside, const Visit& visit) {
    while (true) {
      const Result<bool> more = rows_.next(features_, target_);
      if (!more) return more.error();
      if (!*more) return {};
      const bool is_in = dealer_.next(target_.label, rows_.group()) == fold;
      if (is_in == inside) visit(std::span<const float>(features_), target_);
    }
  }

 private:
  FoldPass(TableRows rows, const LearnRequest& request, const LearnResult& whole)
      : rows_(std::move(rows)),
        dealer_(request.folds, std::max<std::size_t>(whole.plan.labels.size(), 1), whole.rows,
                request.model.learn.seed),
        features_(rows_.names().size()) {}

  TableRows rows_;
  FoldDealer dealer_;
  std::vector<float> features_;
  Target target_;
};

Status learn_others(learner::OnlineModel& model, const LearnRequest& request,
                    const LearnResult& whole, std::size_t fold) {
  Result<FoldPass> pass = FoldPass::open(request, whole);
  if (!pass) return pass.error();
  return pass->visit(fold, false, [&](std::span<const float> row, const Target& target) {
    model.observe(row, target);
  });
}

Result<TestResult> run_fold(FoldsResult& folds, const LearnRequest& request,
                            const LearnResult& whole, std::size_t fold) {
  Result<learner::OnlineModel> model = create_learner(request, whole.plan, whole.features);
  if (!model) return model.error();
  if (const Status learned = learn_others(*model, request, whole, fold); !learned)
    return learned.error();
  const auto bundle = make_bundle(*model, request, whole.plan.targets, whole.recipe);
  if (!bundle) return bundle.error();
  Result<models::Int8Model> int8 = models::Int8Model::create(*bundle);
  if (!int8) return int8.error();
  Result<FoldPass> pass = FoldPass::open(request, whole);
  if (!pass) return pass.error();
  const Task task = whole.plan.task;
  TestResult result = nothing_tested(whole.plan, "fold " + std::to_string(fold + 1),
                                     request.model.learn.interval > 0.0F);
  const Status tested =
      pass->visit(fold, true, [&](std::span<const float> row, const Target& target) {
        const learner::Prediction by_float = model->predict_steady(row);
        const learner::Prediction by_int8 = learner::predict_int8(*int8, row);
        result.add(task, by_float, by_int8, target);
        folds.together.front().add(task, by_float, by_int8, target);
      });
  if (!tested) return tested.error();
  if (result.rows == 0)
    return Error{ErrorKind::invalid, "fold " + std::to_string(fold + 1) + " of " +
                                         std::to_string(request.folds.count) +
                                         " has no rows: ask for fewer with --folds"};
  return result;
}

}  // namespace

FoldDealer::FoldDealer(FoldSettings settings, std::size_t classes, std::size_t rows,
                       std::uint64_t seed)
    : settings_(std::move(settings)),
      rows_(std::max<std::size_t>(rows, 1)),
      random_(seed),
      hands_(classes) {}

std::size_t FoldDealer::next(int label, std::string_view group) {
  const std::size_t row = row_++;
  if (settings_.by == "blocks") return std::min(row * settings_.count / rows_, settings_.count - 1);
  if (settings_.by == "rows") return deal(hands_.size() > 1 ? static_cast<std::size_t>(label) : 0);
  const auto known = groups_.find(group);
  if (known != groups_.end()) return known->second;
  const std::size_t fold = groups_.size() % settings_.count;
  groups_.emplace(group, fold);
  return fold;
}

std::size_t FoldDealer::deal(std::size_t label) {
  std::vector<std::size_t>& hand = hands_[label];
  if (hand.empty())
    for (std::size_t fold = 0; fold < settings_.count; ++fold) hand.push_back(fold);
  std::swap(hand[random_.below(hand.size())], hand.back());
  const std::size_t fold = hand.back();
  hand.pop_back();
  return fold;
}

Result<FoldsResult> run_folds(const LearnRequest& request, const LearnResult& whole) {
  FoldsResult folds;
  folds.settings = request.folds;
  folds.together.push_back(
      nothing_tested(whole.plan, "all folds", request.model.learn.interval > 0.0F));
  for (std::size_t fold = 0; fold < request.folds.count; ++fold) {
    Result<TestResult> result = run_fold(folds, request, whole, fold);
    if (!result) return result.error();
    folds.each.push_back(std::move(result).value());
  }
  return folds;
}

}  // namespace haltere::agent
