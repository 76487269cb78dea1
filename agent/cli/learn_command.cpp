#include "agent/cli/learn_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/learn_options.hpp"
#include "agent/cli/learn_save.hpp"
#include "agent/cli/model/file.hpp"
#include "agent/cli/report_option.hpp"
#include "agent/learn/learn_run.hpp"
#include "agent/learn/plot.hpp"
#include "agent/learn/report.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

void warn_of_counts(const std::string& table, const TableCounts& counts) {
  const auto say = [&](std::size_t count, const char* what) {
    if (count > 0) spdlog::warn("{}: {} {}", table, count, what);
  };
  say(counts.without_target, "rows without a target were passed over");
  say(counts.incomplete, "rows with a missing number were passed over");
  say(counts.bad, "lines that could not be read were passed over");
  say(counts.unknown_texts, "cells hold a text that the table learned from has not");
  const std::size_t filled =
      std::accumulate(counts.filled.begin(), counts.filled.end(), std::size_t{0});
  say(filled, "missing numbers were stood in for (--fill)");
}

void report_notes(const LearnResult& result) {
  for (const std::string& note : result.plan.notes) spdlog::info("{}", note);
  for (const std::string& warning : result.plan.warnings) spdlog::warn("{}", warning);
  warn_of_counts(result.table, result.counts);
  for (const TestResult& test : result.tests) warn_of_counts(test.table, test.counts);
}

/// The text of `report`; whatever is no UTF-8 in a file's name is replaced.
std::string printable(const nlohmann::ordered_json& report) {
  return report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// Writes what was asked for beside the report. Errors: those of the disk.
Status write_files(const LearnArguments& options, const LearnResult& result) {
  if (!options.bundle.empty())
    if (Status written = write_file_atomically(options.bundle, result.bundle); !written)
      return written;
  if (options.plot.empty()) return {};
  const std::string svg = learn_svg(result);
  return write_file_atomically(options.plot,
                               {reinterpret_cast<const std::uint8_t*>(svg.data()), svg.size()});
}

/// Keeps the model where `model` and `mcu` find it, and says so in `report`. A model that cannot be
/// kept is no reason to lose the report.
std::string keep_model(const LearnArguments& options, const LearnResult& result,
                       nlohmann::ordered_json& report) {
  if (options.no_save) return {};
  const Result<StoredModel> stored = keep_learned(state_folder(options.state), result.bundle);
  if (!stored) {
    spdlog::warn("the model was not kept: {}", stored.error().message);
    return {};
  }
  report["model"]["id"] = stored->id;
  report["model"]["version"] = stored->version;
  report["model"]["path"] = stored->path.string();
  return "model         " + stored->id + " version " + std::to_string(stored->version) + ", " +
         std::to_string(stored->size) + " bytes, " + stored->path.string() + "\n";
}

int refuse(const Error& error) {
  print_error(error.message);
  return error.kind == ErrorKind::invalid ? exit_usage : exit_failed;
}

/// Reads the model to learn on from, if there is one, and makes the request suit it.
Status find_origin(LearnArguments& options) {
  if (options.from.empty()) return {};
  const auto bundle = read_model({.state = options.state, .model = options.from, .version = 0});
  if (!bundle) return bundle.error();
  LearnRequest& request = options.request;
  Result<LearnOrigin> origin = read_origin(*bundle);
  if (!origin) return Error{origin.error().kind, options.from + ": " + origin.error().message};
  request.origin = std::move(origin).value();
  if (Status adopted = adopt_layers(*request.origin, request.model); !adopted) return adopted;
  const bool is_said = std::ranges::any_of(options.learn, [](const std::string& setting) {
    return setting.starts_with("frozen_layers=");
  });
  // A table of one place would soon make hidden layers forget all others.
  if (!is_said) request.model.learn.frozen_layers = request.model.layers.size();
  return adopt_inputs(*request.origin, request.table, request.reading, request.windowing);
}

int learn(LearnArguments& options) {
  LearnRequest& request = options.request;
  if (const Status settled = settle(options); !settled) return refuse(settled.error());
  request.show_progress = spdlog::should_log(spdlog::level::info);
  const std::filesystem::path state = state_folder(options.state);
  if (const Status found = find_origin(options); !found) return refuse(found.error());
  if (!options.no_save) request.version = next_version(state, request.model_id);
  const ReportPlace place = report_place(options.report, state, "learn");
  const Result<LearnResult> result = run_learn(request);
  if (!result) return refuse(result.error());
  report_notes(*result);
  nlohmann::ordered_json report = learn_json(*result);
  if (const Status written = write_files(options, *result); !written) {
    print_error(written.error().message);
    return exit_failed;
  }
  const std::string kept = keep_model(options, *result, report);
  std::cout << (options.json ? printable(report) : learn_text(*result) + kept);
  return save_report(place, report);
}

}  // namespace

void add_learn_command(Command app, int& exit_code) {
  auto options = std::make_shared<LearnArguments>();
  Command command = app.add_subcommand(
      "learn", "Learn a table in one pass, in file order, and test the float and the int8 model");
  add_learn_options(command, *options);
  command.callback([options, &exit_code] { exit_code = learn(*options); });
}

}  // namespace haltere::agent
