#include "agent/cli/learn_run.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "agent/cli/learn_progress.hpp"
#include "agent/cli/score_file.hpp"
#include "learner/candidate.hpp"
#include "learner/explain.hpp"
#include "models/bundle.hpp"
#include "models/recipe.hpp"

namespace haltere::agent {
namespace {

using learner::Prediction;
using learner::Target;
using learner::Task;

Result<TablePlan> plan_all(const LearnRequest& request) {
  Result<TablePlan> plan =
      plan_table(request.table, request.model.task, request.target, request.reading);
  if (!plan) return plan.error();
  for (const std::string& test : request.tests)
    if (const Status added = add_labels(*plan, test); !added) return added.error();
  return plan;
}

Result<learner::OnlineModel> create_model(const LearnRequest& request, const TablePlan& plan) {
  learner::ModelSettings settings = request.model;
  settings.labels = plan.labels;
  for (const std::string& feature : plan.features) settings.input_identity += feature + ',';
  return learner::OnlineModel::create(settings, plan.features.size());
}

/// The file for scores, if it was asked for.
Result<std::optional<ScoreFile>> open_scores(const std::string& path) {
  if (path.empty()) return std::optional<ScoreFile>();
  Result<ScoreFile> file = ScoreFile::create(path);
  if (!file) return file.error();
  return std::optional<ScoreFile>(std::move(file).value());
}

Status learn_table(LearnResult& result, const LearnRequest& request) {
  Result<TableReader> table = TableReader::open(request.table, result.plan);
  if (!table) return table.error();
  auto scores = open_scores(request.tests.empty() ? request.scores : "");
  if (!scores) return scores.error();
  std::vector<float> features(result.plan.features.size());
  Target target;
  LearnProgress progress(result.plan.rows, request.show_progress);
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    const Result<bool> more = table->next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    const Prediction prediction = result.model.observe(features, target);
    ++result.rows;
    if (*scores) (*scores)->add(table->row_number(), prediction);
    progress.show(result.rows, result.model);
  }
  progress.end();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.counts = table->counts();
  result.fill = table->fill();
  return *scores ? (*scores)->finish(table->row_number()) : Status();
}

Result<std::vector<std::uint8_t>> make_bundle(const LearnResult& result,
                                              const LearnRequest& request) {
  learner::CandidateInfo info;
  info.model_id = request.model_id;
  if (request.model.task == Task::regress) info.target_name = {request.target};
  Result<std::vector<std::uint8_t>> recipe = models::table_recipe(result.plan.features);
  if (!recipe) return recipe.error();
  info.recipe = std::move(recipe).value();
  Result<models::Bundle> bundle = learner::make_candidate(result.model, info);
  if (!bundle) return bundle.error();
  return models::encode(*bundle);
}

void count(TestScores& scores, Task task, const Prediction& prediction, const Target& target) {
  if (!prediction.valid) return;
  switch (task) {
    case Task::classify:
      if (prediction.label < 0) return;
      scores.answers.add(static_cast<std::size_t>(target.label),
                         static_cast<std::size_t>(prediction.label));
      return;
    case Task::regress:
      scores.errors.add(static_cast<double>(target.value), static_cast<double>(prediction.value));
      return;
    case Task::anomaly:
      scores.scores.push_back(prediction.value);
      if (target.label < 0) return;
      scores.abnormal.push_back(target.label == 1 ? 1 : 0);
      scores.answers.add(target.label == 1 ? 1 : 0, prediction.abnormal ? 1 : 0);
      return;
  }
}

/// The answer as it would be by one scorer alone.
Prediction by(learner::AnomalyScorer scorer, Prediction prediction) {
  prediction.value = prediction.scores.of(scorer);
  prediction.abnormal = prediction.scores.is_abnormal(scorer);
  return prediction;
}

void count_float(TestResult& test, Task task, const Prediction& prediction, const Target& target) {
  count(test.as_float, task, prediction, target);
  for (std::size_t s = 0; s < test.by_scorer.size(); ++s)
    count(test.by_scorer[s], task, by(learner::anomaly_scorers[s], prediction), target);
}

TestResult nothing_tested(const TablePlan& plan, const std::string& path) {
  const std::size_t classes = plan.task == Task::classify ? plan.labels.size() : 2;
  TestResult test{path, 0, {}, TestScores(classes), TestScores(classes), {}};
  if (plan.task == Task::anomaly)
    test.by_scorer.assign(learner::anomaly_scorers.size(), TestScores(classes));
  return test;
}

Result<TestResult> run_test(LearnResult& result, models::Int8Model& int8, const std::string& path,
                            const std::string& scores_path) {
  Result<TableReader> table = TableReader::open(path, result.plan);
  if (!table) return table.error();
  auto scores = open_scores(scores_path);
  if (!scores) return scores.error();
  table->set_fill(result.fill);
  const Task task = result.plan.task;
  TestResult test = nothing_tested(result.plan, path);
  std::vector<float> features(result.plan.features.size());
  Target target;
  while (true) {
    const Result<bool> more = table->next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    const Prediction prediction = result.model.predict_steady(features);
    count_float(test, task, prediction, target);
    count(test.as_int8, task, learner::predict_int8(int8, features), target);
    ++test.rows;
    if (*scores) (*scores)->add(table->row_number(), prediction);
  }
  test.counts = table->counts();
  if (!*scores) return test;
  const Status finished = (*scores)->finish(table->row_number());
  return finished ? Result<TestResult>(std::move(test)) : finished.error();
}

Status run_tests(LearnResult& result, const LearnRequest& request) {
  Result<models::Int8Model> int8 = models::Int8Model::create(result.bundle);
  if (!int8) return int8.error();
  for (const std::string& path : request.tests) {
    const bool first = &path == &request.tests.front();
    Result<TestResult> test = run_test(result, *int8, path, first ? request.scores : "");
    if (!test) return test.error();
    result.tests.push_back(std::move(test).value());
  }
  return {};
}

}  // namespace

Result<LearnResult> run_learn(const LearnRequest& request) {
  if (!request.scores.empty() && request.model.task != Task::anomaly)
    return Error{ErrorKind::invalid, "only --task anomaly gives scores; -o FILE.hb is the model"};
  Result<TablePlan> plan = plan_all(request);
  if (!plan) return plan.error();
  Result<learner::OnlineModel> model = create_model(request, *plan);
  if (!model) return model.error();
  LearnResult result{
      request.table, std::move(plan).value(), std::move(model).value(), 0, {}, {}, 0.0, {}, {}, {}};
  if (const Status learned = learn_table(result, request); !learned) return learned.error();
  if (result.rows == 0)
    return Error{ErrorKind::invalid,
                 request.table + " has no row with a target and without missing values"};
  Result<std::vector<std::uint8_t>> bundle = make_bundle(result, request);
  if (!bundle) return bundle.error();
  result.bundle = std::move(bundle).value();
  if (const Status tested = run_tests(result, request); !tested) return tested.error();
  result.importance = learner::permutation_importance(result.model);
  return result;
}

}  // namespace haltere::agent
