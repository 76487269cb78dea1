#include "agent/cli/run_command.hpp"

#include <malloc.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/report_option.hpp"
#include "agent/pipeline/live_run.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/service/unix_socket.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  std::string state;
  std::string control;
  std::string report;
  std::string longest;
  LiveOptions options;
  bool json = false;
  bool no_learn = false;
  bool no_status = false;
};

// Before any thread starts, so that all inherit it: the signals then only arrive here.
FileDescriptor stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(concurrency-mt-unsafe): no thread runs yet
  return FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

// glibc gives each thread an arena of its own, a megabyte each for a few kilobytes of use.
void share_one_heap() { mallopt(M_ARENA_MAX, 1); }

int fail_usage(const std::string& message) {
  print_error(message);
  return exit_usage;
}

int run(Arguments& arguments) {
  share_one_heap();
  const FileDescriptor stop = stop_signals();
  auto spec = load_pipeline(arguments.file, arguments.overrides);
  if (!spec) {
    std::cerr << spec.error().message;
    return exit_usage;
  }
  LiveOptions& options = arguments.options;
  if (!arguments.longest.empty()) {
    const auto seconds = config::parse_quantity(arguments.longest, config::Dimension::time);
    if (!seconds) return fail_usage("--for: " + seconds.error().message);
    options.longest = std::chrono::nanoseconds(static_cast<std::int64_t>(*seconds * 1e9));
  }
  const std::string state = arguments.state.empty() ? spec->state : arguments.state;
  options.state = state_folder(state);
  options.control = control_path(arguments.control, state);
  const ReportPlace place = report_place(arguments.report, options.state, "run");
  options.report = place.path;
  options.learn.learn = !arguments.no_learn;
  options.learn.keep_budget = true;
  options.show_status = !arguments.no_status;
  auto live = LiveRun::create(std::move(spec).value(), std::move(options));
  const auto report = live ? (*live)->run(stop.get()) : Result<nlohmann::json>(live.error());
  if (!report) {
    print_error(report.error().message);
    return exit_failed;
  }
  std::cout << (arguments.json ? report->dump(2) + "\n" : report_text(*report));
  return save_report(place, *report);
}

void add_places(Command command, Arguments& arguments) {
  command.add_option("--state", arguments.state, "Folder for models and checkpoints");
  command.add_option("--control", arguments.control,
                     "Socket for `haltere label` and `haltere status`; default control.sock in the "
                     "state folder");
  add_report_option(command, arguments.report);
  command.add_option("--features-out", arguments.options.files.features,
                     "Write every window's features as CSV");
  command.add_option("--weights-out", arguments.options.files.weights,
                     "Write the final weights as raw float32");
  command.add_option("--bundle-out", arguments.options.files.bundle,
                     "Write the final model, quantized, as a bundle");
}

}  // namespace

void add_run_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = app.add_subcommand("run", "Run the agent until Ctrl-C");
  command.add_option("file", arguments->file, "Pipeline file").required();
  command.add_option("--set", arguments->overrides, "ID.KEY=VALUE, instead of what the file says");
  add_places(command, *arguments);
  command.add_option("--for", arguments->longest, "End by itself after this time, as in 20s");
  command.add_flag("--no-learn", arguments->no_learn, "Only predict");
  command.add_flag("--no-status", arguments->no_status, "No live line");
  command.add_flag("--json", arguments->json, "Print the final report as JSON");
  command.callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
