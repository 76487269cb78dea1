#include "agent/cli/status_command.hpp"

#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/agent_address.hpp"
#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/service/control_socket.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  AgentAddress address;
  bool json = false;
};

int run(const Arguments& arguments) {
  const auto control = control_of(arguments.address);
  if (!control) {
    std::cerr << control.error().message;
    return exit_usage;
  }
  const auto answer = ask_agent(*control, {{"command", "status"}});
  if (!answer) {
    print_error(answer.error().message);
    return exit_failed;
  }
  std::cout << (arguments.json ? answer->dump(2) + "\n" : report_text(*answer));
  return exit_done;
}

}  // namespace

void add_status_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = app.add_subcommand("status", "Show what the running agent is doing");
  add_agent_address(command, arguments->address);
  command.add_flag("--json", arguments->json, "Print everything as JSON");
  command.callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
