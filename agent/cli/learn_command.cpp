#include "agent/cli/learn_command.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/learn_report.hpp"
#include "agent/cli/learn_run.hpp"
#include "agent/cli/report_option.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"
#include "config/text.hpp"
#include "learner/settings.hpp"

namespace haltere::agent {
namespace {

struct Options {
  LearnRequest request;
  std::string task = "classify";
  std::string optimizer = "adam";
  std::string activation = "relu";
  std::string drift = "adwin";
  std::string drift_on = "error";
  std::string drift_reaction = "alarm";
  std::vector<std::string> outputs;
  std::string bundle;
  std::string report;
  bool json = false;
};

template <typename Names>
std::vector<std::string> as_strings(const Names& names) {
  return {names.begin(), names.end()};
}

/// The bundle's id: the table's name without folder and ending.
std::string id_of(const std::string& table) {
  const std::string stem = std::filesystem::path(table).stem().string();
  return stem.empty() ? "table" : stem;
}

void report_notes(const LearnResult& result) {
  for (const std::string& note : result.plan.notes) spdlog::info("{}", note);
  const auto passed_over = [](const std::string& table, std::size_t rows) {
    if (rows > 0) spdlog::warn("{}: {} rows with a missing value were passed over", table, rows);
  };
  passed_over("the table", result.passed_over);
  for (const TestResult& test : result.tests) passed_over(test.table, test.passed_over);
}

void sort_outputs(Options& options) {
  for (const std::string& output : options.outputs) {
    (output.ends_with(".csv") ? options.request.scores : options.bundle) = output;
  }
}

int learn(Options& options) {
  sort_outputs(options);
  std::erase(options.request.model.layers, 0U);
  LearnRequest& request = options.request;
  request.model.task = learner::task_named(options.task);
  request.model.learn.optimizer = learner::optimizer_named(options.optimizer);
  request.model.activation = learner::activation_named(options.activation);
  request.model.learn.drift = {.detector = learner::drift_named(options.drift),
                               .on = learner::drift_source_named(options.drift_on),
                               .reaction = learner::drift_reaction_named(options.drift_reaction)};
  request.show_progress = spdlog::should_log(spdlog::level::info);
  request.model_id = id_of(request.table);
  const ReportPlace place = report_place(options.report, state_folder({}), "learn");
  const Result<LearnResult> result = run_learn(request);
  if (!result) {
    print_error(result.error().message);
    return result.error().kind == ErrorKind::invalid ? exit_usage : exit_failed;
  }
  report_notes(*result);
  const nlohmann::ordered_json report = learn_json(*result);
  if (!options.bundle.empty()) {
    if (const Status written = write_file_atomically(options.bundle, result->bundle); !written) {
      print_error(written.error().message);
      return exit_failed;
    }
  }
  std::cout << (options.json ? report.dump(2) + "\n" : learn_text(*result));
  return save_report(place, report);
}

void add_data_options(CLI::App& command, Options& options) {
  command
      .add_option("table", options.request.table, "CSV file with a header: the rows to learn from")
      ->required();
  command.add_option("--task", options.task, "What to learn")
      ->check(CLI::IsMember(as_strings(learner::task_names)))
      ->capture_default_str();
  command.add_option("--target", options.request.target,
                     "Column to predict; for anomaly 0 or 1, and only to score --test");
  command.add_option("--test", options.request.tests,
                     "CSV file to answer with the model learned, float and int8; may be repeated");
  command.add_flag("--prequential")
      ->description("Test-then-train figures, which are always reported");
  command.add_flag("--json", options.json, "Print the result as JSON");
  add_report_option(command, options.report);
  command.add_option(
      "-o,--output", options.outputs,
      "Write the int8 model to this file (.hb), or, for anomaly and a name that ends "
      "in .csv, a score and a decision per row of --test, else of the table; may be "
      "repeated");
}

void add_model_options(CLI::App& command, Options& options) {
  learner::ModelSettings& model = options.request.model;
  command.add_option("--layers", model.layers, "Units of each hidden layer, as 32,16; 0 = none")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--activation", options.activation, "Activation of the hidden layers")
      ->check(CLI::IsMember(as_strings(learner::activation_names)))
      ->capture_default_str();
  command.add_option("--optimizer", options.optimizer, "How weights follow the gradient")
      ->check(CLI::IsMember(as_strings(learner::optimizer_names)))
      ->capture_default_str();
  command.add_option("--rate", model.learn.rate, "Learning rate")
      ->default_str(nlohmann::json(config::as_written(model.learn.rate)).dump());
  command.add_option("--replay", model.learn.replay, "Rows remembered to learn from again")
      ->capture_default_str();
  command.add_option("--seed", model.learn.seed, "Seed of the first weights")
      ->capture_default_str();
  command
      .add_option("--false-alarms", model.false_alarm_rate,
                  "Share of normal rows that may alarm (anomaly)")
      ->capture_default_str();
  command
      .add_option("--learn-normal", model.learn_normal,
                  "First rows taken as normal without being judged (anomaly)")
      ->capture_default_str();
  command
      .add_option("--quantile", model.quantile,
                  "Share of rows below the int8 model's threshold (anomaly)")
      ->capture_default_str();
}

void add_drift_options(CLI::App& command, Options& options) {
  command.add_option("--drift", options.drift, "How changes of the stream are found")
      ->check(CLI::IsMember(as_strings(learner::drift_names)))
      ->capture_default_str();
  command.add_option("--drift-on", options.drift_on, "What is watched for changes")
      ->check(CLI::IsMember(as_strings(learner::drift_source_names)))
      ->capture_default_str();
  command.add_option("--drift-reaction", options.drift_reaction, "What a drift makes the model do")
      ->check(CLI::IsMember(as_strings(learner::drift_reaction_names)))
      ->capture_default_str();
}

}  // namespace

void add_learn_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "learn", "Learn a table in one pass, in file order, and test the float and the int8 model");
  add_data_options(*command, *options);
  add_model_options(*command, *options);
  add_drift_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = learn(*options); });
}

}  // namespace haltere::agent
