#include "agent/cli/label_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/cli/agent_address.hpp"
#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/service/control_socket.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string label;
  std::string span = "5s";
  AgentAddress address;
  bool json = false;
};

int run(const Arguments& arguments) {
  const auto seconds = config::parse_quantity(arguments.span, config::Dimension::time);
  if (!seconds || *seconds <= 0.0) {
    print_error("--for: " + (seconds ? "the time must be above 0" : seconds.error().message));
    return exit_usage;
  }
  const auto control = control_of(arguments.address);
  if (!control) {
    std::cerr << control.error().message;
    return exit_usage;
  }
  const auto answer = ask_agent(
      *control, {{"command", "label"}, {"label", arguments.label}, {"seconds", *seconds}});
  if (!answer) {
    print_error(answer.error().message);
    return exit_failed;
  }
  if (arguments.json) std::cout << answer->dump(2) << '\n';
  return exit_done;
}

}  // namespace

void add_label_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("label", "Tell the running agent what is happening from now on");
  command->add_option("label", arguments->label, "One of the model's labels")->required();
  command->add_option("--for", arguments->span, "How long it goes on, as in 5s")
      ->capture_default_str();
  add_agent_address(*command, arguments->address);
  command->add_flag("--json", arguments->json, "Print the agent's answer");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
