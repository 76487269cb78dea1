#include "agent/cli/replay_command.hpp"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/report_option.hpp"
#include "agent/pipeline/replay_run.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  std::vector<std::string> inputs;
  std::vector<std::string> streams;
  std::string report;
  ReplayOptions options;
  bool json = false;
  bool no_learn = false;
};

int run(Arguments& arguments) {
  const auto spec = load_pipeline(arguments.file, arguments.overrides);
  if (!spec) {
    std::cerr << spec.error().message;
    return exit_usage;
  }
  auto inputs = parse_inputs(*spec, arguments.inputs);
  if (!inputs) {
    print_error(inputs.error().message);
    return exit_usage;
  }
  arguments.options.inputs = std::move(inputs).value();
  auto streams = parse_streams(*spec, arguments.streams);
  if (!streams) {
    print_error(streams.error().message);
    return exit_usage;
  }
  arguments.options.streams = std::move(streams).value();
  arguments.options.learn.learn = !arguments.no_learn;
  const std::string& state = arguments.options.state;
  const ReportPlace place =
      report_place(arguments.report, state_folder(state.empty() ? spec->state : state), "replay");
  const auto report = replay(*spec, arguments.options);
  if (!report) {
    print_error(report.error().message);
    return exit_failed;
  }
  std::cout << (arguments.json ? report->dump(2) + "\n" : report_text(*report));
  return save_report(place, *report);
}

}  // namespace

void add_replay_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command =
      app.add_subcommand("replay", "Run a pipeline over recordings, bit-reproducibly");
  command.add_option("file", arguments->file, "Pipeline file").required();
  command.add_option("--input", arguments->inputs, "SENSOR=DATA.csv, a recording of that sensor")
      .required();
  command.add_option("--set", arguments->overrides, "ID.KEY=VALUE, instead of what the file says");
  command.add_option("--hold-out", arguments->options.learn.hold_out_every,
                     "Keep every K-th segment (0, K, ...) for a test with the final model");
  command.add_option("--state", arguments->options.state,
                     "Resume from and save to this folder; otherwise start fresh and save nothing");
  add_report_option(command, arguments->report);
  command.add_option("--features-out", arguments->options.files.features,
                     "Write every window's features as CSV");
  command.add_option("--stream-out", arguments->streams,
                     "FUSION=OUT.csv, every row that this fusion yields");
  command.add_option("--weights-out", arguments->options.files.weights,
                     "Write the final weights as raw float32");
  command.add_option("--bundle-out", arguments->options.files.bundle,
                     "Write the final model, quantized, as a bundle");
  command.add_flag("--no-learn", arguments->no_learn, "Only predict");
  command.add_flag("--json", arguments->json, "Print the report as JSON");
  command.callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
