#include "agent/cli/label_command.hpp"

#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/agent_address.hpp"
#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/service/control_socket.hpp"
#include "config/json.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

struct Arguments {
  std::string label;
  std::string span = "5s";
  std::string ago;
  bool withdraw = false;
  bool wanted = false;
  AgentAddress address;
  bool json = false;
};

Result<double> seconds_in(const char* option, const std::string& text) {
  const auto seconds = config::parse_quantity(text, config::Dimension::time);
  if (seconds && *seconds > 0.0) return *seconds;
  return Error{ErrorKind::invalid,
               std::string(option) + ": " +
                   (seconds ? "the time must be above 0" : seconds.error().message)};
}

/// What is to be asked of the agent. Errors: invalid, naming the option.
Result<json> request_of(const Arguments& arguments) {
  if (arguments.wanted) return json{{"command", "wanted"}};
  if (arguments.label.empty() == !arguments.withdraw)
    return Error{ErrorKind::invalid, "either a label is needed, or --withdraw, or --wanted"};
  if (arguments.withdraw && arguments.ago.empty())
    return Error{ErrorKind::invalid, "--withdraw needs --ago: since when the labels were wrong"};
  const Result<double> span = seconds_in("--for", arguments.span);
  if (!span) return span.error();
  if (arguments.ago.empty())
    return json{{"command", "label"}, {"label", arguments.label}, {"seconds", *span}};
  const Result<double> ago = seconds_in("--ago", arguments.ago);
  if (!ago) return ago.error();
  return json{
      {"command", "relabel"}, {"label", arguments.label}, {"ago", *ago}, {"seconds", *span}};
}

void print_wanted(const json& wanted) {
  if (wanted.empty()) std::cout << "no window without a label is kept\n";
  for (const json& one : wanted) {
    const auto guess = one["guess"].get<std::string>();
    const double ago_s = one["ago_s"];
    const double seconds = one["seconds"];
    std::cout << fmt::format("{:>8.1f} s ago, for {:.1f} s: {} {} ({:.0f} % sure){}\n", ago_s,
                             seconds, one["model"].get<std::string>(), guess,
                             100.0 * one["confidence"].get<double>(),
                             one["unknown"].get<bool>() ? ", like nothing it knows" : "");
  }
}

int run(const Arguments& arguments) {
  const Result<json> request = request_of(arguments);
  if (!request) {
    print_error(request.error().message);
    return exit_usage;
  }
  const auto control = control_of(arguments.address);
  if (!control) {
    std::cerr << control.error().message;
    return exit_usage;
  }
  const auto answer = ask_agent(*control, *request);
  if (!answer) {
    print_error(answer.error().message);
    return exit_failed;
  }
  if (arguments.json) {
    std::cout << answer->dump(2) << '\n';
  } else if (arguments.wanted) {
    print_wanted((*answer)["wanted"]);
  } else if (!arguments.ago.empty()) {
    std::cout << (*answer)["windows"] << " windows changed\n";
  }
  return exit_done;
}

}  // namespace

void add_label_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = app.add_subcommand(
      "label", "Tell the running agent what is happening from now on, or what was");
  command.add_option("label", arguments->label, "One of the model's labels");
  command.add_option("--for", arguments->span, "How long it goes on, as in 5s")
      .capture_default_str();
  command.add_option("--ago", arguments->ago,
                     "It began so long before now: windows since then are learned with this "
                     "label, also those that had another");
  command.add_flag("--withdraw", arguments->withdraw,
                   "Take back the labels of that time (--ago, --for) instead");
  command.add_flag("--wanted", arguments->wanted,
                   "Show the windows that a label would teach most about");
  add_agent_address(command, arguments->address);
  command.add_flag("--json", arguments->json, "Print the agent's answer");
  command.callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
