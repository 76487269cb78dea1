#include "agent/cli/commands.hpp"

#include <array>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "agent/cli/check_command.hpp"
#include "agent/cli/command_line.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/fuse/fuse_command.hpp"
#include "agent/cli/help_command.hpp"
#include "agent/cli/label_command.hpp"
#include "agent/cli/learn_command.hpp"
#include "agent/cli/mcu/mcu_command.hpp"
#include "agent/cli/model/model_command.hpp"
#include "agent/cli/replay_command.hpp"
#include "agent/cli/run_command.hpp"
#include "agent/cli/status_command.hpp"
#include "config/settings.hpp"

namespace haltere::agent {
namespace {

using AddCommand = void (*)(Command app, int& exit_code);

// Every command of `haltere`, in the order `haltere --help` lists them. A command's callback runs
// after the whole line was parsed and leaves its result in `exit_code`.
constexpr std::array commands{
    AddCommand{add_run_command},    AddCommand{add_check_command},  AddCommand{add_replay_command},
    AddCommand{add_learn_command},  AddCommand{add_fuse_command},   AddCommand{add_label_command},
    AddCommand{add_status_command}, AddCommand{add_model_command},  AddCommand{add_mcu_command},
    AddCommand{add_help_command},   AddCommand{add_schema_command},
};

void add_general_options(CLI::App& app) {
  app.set_version_flag("--version", "haltere " HALTERE_VERSION, "Print the version and exit");
  auto* quiet = app.add_flag("-q,--quiet")->description("Print errors only");
  auto* verbose = app.add_flag("-v,--verbose")->description("Print what is being done");
  quiet->excludes(verbose);
  app.parse_complete_callback([quiet, verbose] {
    if (quiet->count() > 0) return set_up_logging(Verbosity::quiet);
    set_up_logging(verbose->count() > 0 ? Verbosity::verbose : Verbosity::normal);
  });
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Exit codes: 0 done, 1 failed, 2 bad usage or configuration.");
}

// --help and --version come as errors too, with code 0; CLI11 numbers the others from 100.
int report(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining();
  if (error.get_exit_code() == 0 || !app.get_subcommands().empty() || unknown.empty()) {
    return app.exit(error, std::cout, std::cerr) == 0 ? exit_done : exit_usage;
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string hint = config::suggestion(unknown.front(), candidates);
  print_error("there is no command '" + unknown.front() + "'" +
              (hint.empty() ? "; see `haltere --help`" : hint));
  return exit_usage;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"Haltere: reads sensors, learns on this device, hands the model to microcontrollers",
               "haltere"};
  int exit_code = exit_done;
  add_general_options(app);
  for (const AddCommand add : commands) add(Command(&app), exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report(app, error);
  } catch (const std::exception& error) {
    print_error(error.what());
    return exit_failed;
  }
  return exit_code;
}

}  // namespace haltere::agent
