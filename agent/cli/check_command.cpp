#include "agent/cli/check_command.hpp"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/pipeline/describe.hpp"
#include "agent/pipeline/spec.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  bool json = false;
};

int run(const Arguments& arguments) {
  const auto spec = load_pipeline(arguments.file, arguments.overrides);
  if (!spec) {
    std::cerr << spec.error().message;
    return exit_usage;
  }
  const nlohmann::json description = describe_pipeline(*spec);
  std::cout << (arguments.json ? description.dump(2) + "\n" : pipeline_text(description));
  return exit_done;
}

}  // namespace

void add_check_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command =
      app.add_subcommand("check", "Check a pipeline file and show what it amounts to");
  command.add_option("file", arguments->file, "Pipeline file").required();
  command.add_option("--set", arguments->overrides, "ID.KEY=VALUE, instead of what the file says");
  command.add_flag("--json", arguments->json, "Print it as JSON");
  command.callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace haltere::agent
