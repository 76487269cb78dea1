#include "agent/learn/learn_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "agent/learn/answer_files.hpp"
#include "agent/learn/progress.hpp"
#include "config/text.hpp"
#include "learner/candidate.hpp"
#include "learner/explain.hpp"
#include "learner/tail_threshold.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {
namespace {

using learner::Prediction;
using learner::Target;
using learner::Task;

/// What tells rows apart teaches nothing: it is no input.
void leave_out_segments(TableSettings& reading, const LearnRequest& request) {
  const std::string& by = request.folds.by;
  if (request.windowing && !request.windowing->segment.empty())
    reading.leave_out.push_back(request.windowing->segment);
  if (request.folds.count > 0 && by != "rows" && by != "blocks") reading.leave_out.push_back(by);
}

Result<TablePlan> plan_all(const LearnRequest& request) {
  TableSettings reading = request.reading;
  leave_out_segments(reading, request);
  Result<TablePlan> plan = plan_table(request.table, request.model.task, request.target, reading);
  if (!plan) return plan.error();
  for (const std::string& test : request.tests)
    if (const Status added = add_labels(*plan, test); !added) return added.error();
  if (request.origin) add_labels(*request.origin, *plan);
  return plan;
}

/// The files to write row by row; none for a table whose answers nobody asked for.
Result<AnswerFiles> open_files(const LearnResult& result, const LearnRequest& request,
                               bool wanted) {
  if (!wanted) return AnswerFiles();
  return AnswerFiles::create({request.scores, request.contributions}, result.features,
                             result.plan.labels);
}

Status learn_rows(LearnResult& result, TableRows& rows, const LearnRequest& request) {
  Result<AnswerFiles> files = open_files(result, request, request.tests.empty());
  if (!files) return files.error();
  std::vector<float> features(result.features.size());
  Target target;
  LearnProgress progress(result.plan.rows, request.show_progress);
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    const Result<bool> more = rows.next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    files->explain(rows.row_number(), result.model, features);
    const Prediction prediction = result.model.observe(features, target);
    result.history.add(prediction, target);
    ++result.rows;
    files->score(rows.row_number(), prediction);
    progress.show(rows.row_number(), result.model);
  }
  progress.end();
  result.history.finish();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.counts = rows.reader().counts();
  result.fill = rows.reader().fill();
  result.passed_over_windows = rows.passed_over_windows();
  return files->finish(rows.row_number());
}

/// The truth of an anomaly test that was named must be there.
Status check_target(const TableRows& rows, const TablePlan& plan, const std::string& path) {
  if (plan.target.empty() || rows.reader().has_target()) return {};
  return Error{ErrorKind::invalid,
               path + " has no column " + config::in_quotes(plan.target) +
                   "; to score it without knowing what is abnormal leave --target away"};
}

/// Answers every row of a test with both models.
Status answer_rows(LearnResult& result, models::Int8Model& int8, TableRows& rows,
                   AnswerFiles& files, TestResult& test) {
  std::vector<float> features(result.features.size());
  Target target;
  while (true) {
    const Result<bool> more = rows.next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    const Prediction prediction = result.model.predict_steady(features);
    test.add(result.plan.task, prediction, learner::predict_int8(int8, features), target);
    files.score(rows.row_number(), prediction);
    files.explain(rows.row_number(), result.model, features);
  }
  test.counts = rows.reader().counts();
  return files.finish(rows.row_number());
}

Result<TestResult> run_test(LearnResult& result, const LearnRequest& request,
                            const std::string& path, bool with_files) {
  Result<models::Int8Model> int8 = models::Int8Model::create(result.bundle);
  if (!int8) return int8.error();
  Result<TableRows> rows = TableRows::open(path, result.plan, request.windowing);
  if (!rows) return rows.error();
  if (const Status good = check_target(*rows, result.plan, path); !good) return good.error();
  Result<AnswerFiles> files = open_files(result, request, with_files);
  if (!files) return files.error();
  rows->reader().set_fill(result.fill);
  TestResult test = nothing_tested(result.plan, path, request.model.learn.interval > 0.0F);
  if (const Status answered = answer_rows(result, *int8, *rows, *files, test); !answered)
    return answered.error();
  return test;
}

Status run_tests(LearnResult& result, const LearnRequest& request) {
  for (const std::string& path : request.tests) {
    const bool first = &path == &request.tests.front();
    Result<TestResult> test = run_test(result, request, path, first);
    if (!test) return test.error();
    result.tests.push_back(std::move(test).value());
  }
  if (request.folds.count == 0) return {};
  Result<FoldsResult> folds = run_folds(request, result);
  if (!folds) return folds.error();
  result.folds.push_back(std::move(folds).value());
  return {};
}

/// All of a result that is known before the first row.
Result<LearnResult> start(const LearnRequest& request, TablePlan plan, const TableRows& rows) {
  Result<std::vector<std::uint8_t>> recipe = rows.recipe();
  if (!recipe) return recipe.error();
  if (request.origin)
    if (const Status same = check_inputs(*request.origin, rows.names(), *recipe); !same)
      return same.error();
  Result<learner::OnlineModel> model = create_learner(request, plan, rows.names());
  if (!model) return model.error();
  if (request.origin) plan.notes.push_back(what_goes_on(*request.origin, *model));
  LearnHistory history(plan.task, plan.labels.size());
  LearnResult result{.table = request.table,
                     .plan = std::move(plan),
                     .features = rows.names(),
                     .recipe = std::move(recipe).value(),
                     .model = std::move(model).value(),
                     .history = std::move(history)};
  result.windowed = request.windowing.has_value();
  return result;
}

Status check_learned(const LearnResult& result, const LearnRequest& request) {
  if (result.rows > 0) return {};
  const char* const what = request.windowing
                               ? " has no window of one label: are windows too long, or is "
                                 "--segment missing?"
                               : " has no row with a target and without missing values";
  return Error{ErrorKind::invalid, request.table + what};
}

/// What is learned to answer tests is normal as far as anyone knows; a stream that is judged while
/// it is learned begins with some rows that are.
std::size_t learn_normal(const LearnRequest& request, const TablePlan& plan) {
  if (request.learn_normal) return *request.learn_normal;
  if (!request.tests.empty()) return plan.rows;
  return std::min(request.model.learn_normal, plan.rows * 15 / 100);
}

void warn_without_threshold(LearnResult& result) {
  if (result.plan.task != Task::anomaly || std::isfinite(result.model.threshold())) return;
  result.plan.warnings.push_back(
      "only " + std::to_string(result.model.counters().learned) + " normal rows for " +
      std::to_string(result.features.size()) +
      " inputs: too few to tell how far is abnormal, so nothing will be called so; learn more "
      "rows, or fewer --columns, or --context off");
}

/// Rows or windows a second, 0 if the table does not say.
double answers_per_second(const LearnRequest& request, const TablePlan& plan) {
  constexpr double seconds_per_day = 86'400.0;
  const double rows = plan.rows_per_day / seconds_per_day;
  if (!request.windowing) return rows;
  const fusion::WindowSettings& window = request.windowing->window;
  const double length_s = window.step_s > 0.0 ? window.step_s : window.length_s;
  const std::size_t samples = window.step_samples > 0 ? window.step_samples : window.length_samples;
  if (window.step_samples == 0 && length_s > 0.0) return 1.0 / length_s;
  const double rate_hz = request.windowing->rate_hz > 0.0 ? request.windowing->rate_hz : rows;
  return rate_hz / static_cast<double>(samples);
}

/// Turns alarms a day into a share of rows. Errors: invalid when it is not known how many come.
Status settle_alarms(learner::ModelSettings& settings, const LearnRequest& request,
                     const TablePlan& plan) {
  if (!request.false_alarms_per_day) return {};
  const double per_second = answers_per_second(request, plan);
  if (plan.task != Task::anomaly)
    return Error{ErrorKind::invalid, "--false-alarms-per-day is for --task anomaly"};
  if (!(per_second > 0.0))
    return Error{ErrorKind::invalid,
                 "--false-alarms-per-day: " + request.table +
                     " has no column of times, as 2026-05-01 14:30:00, to tell how many rows a "
                     "day has; with --window say --sample-rate, else give --false-alarms as a "
                     "share of the rows"};
  settings.false_alarm_rate = learner::false_alarm_rate(*request.false_alarms_per_day, per_second);
  return {};
}

}  // namespace

Result<learner::OnlineModel> create_learner(const LearnRequest& request, const TablePlan& plan,
                                            std::span<const std::string> features) {
  learner::ModelSettings settings = request.model;
  settings.labels = plan.labels;
  settings.learn_normal = learn_normal(request, plan);
  if (plan.task == Task::regress) settings.targets = plan.targets.size();
  if (const Status settled = settle_alarms(settings, request, plan); !settled)
    return settled.error();
  for (const std::string& feature : features) settings.input_identity += feature + ',';
  Result<learner::OnlineModel> model = learner::OnlineModel::create(settings, features.size());
  if (!model || !request.origin) return model;
  if (const Status begun = model->begin_from(request.origin->beginning); !begun)
    return begun.error();
  return model;
}

Result<std::vector<std::uint8_t>> make_bundle(const learner::OnlineModel& model,
                                              const LearnRequest& request,
                                              const std::vector<std::string>& target_names,
                                              const std::vector<std::uint8_t>& recipe) {
  learner::CandidateInfo info;
  info.model_id = request.model_id;
  info.version = request.version;
  if (request.model.task == Task::regress) info.target_name = target_names;
  info.recipe = recipe;
  if (request.origin) info.parent = request.origin->identity;
  Result<models::Bundle> bundle = learner::make_candidate(model, info);
  if (!bundle) return bundle.error();
  return models::encode(*bundle);
}

Result<LearnResult> run_learn(const LearnRequest& request) {
  if (!request.scores.empty() && request.model.task != Task::anomaly)
    return Error{ErrorKind::invalid, "only --task anomaly gives scores; -o FILE.hb is the model"};
  Result<TablePlan> plan = plan_all(request);
  if (!plan) return plan.error();
  Result<TableRows> rows = TableRows::open(request.table, *plan, request.windowing);
  if (!rows) return rows.error();
  if (request.tests.empty())
    if (const Status good = check_target(*rows, *plan, request.table); !good) return good.error();
  Result<LearnResult> started = start(request, *plan, *rows);
  if (!started) return started.error();
  LearnResult result = std::move(started).value();
  if (const Status learned = learn_rows(result, *rows, request); !learned) return learned.error();
  if (const Status checked = check_learned(result, request); !checked) return checked.error();
  warn_without_threshold(result);
  Result<std::vector<std::uint8_t>> bundle =
      make_bundle(result.model, request, result.plan.targets, result.recipe);
  if (!bundle) return bundle.error();
  result.bundle = std::move(bundle).value();
  if (const Status tested = run_tests(result, request); !tested) return tested.error();
  result.importance = learner::permutation_importance(result.model);
  return result;
}

}  // namespace haltere::agent
