#include "agent/cli/help_command.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/pipeline/components.hpp"
#include "config/reference.hpp"

namespace haltere::agent {
namespace {

using config::Component;

struct HelpOptions {
  std::vector<std::string> words;
  bool markdown = false;
};

// `sensors`, `sensor` and `bme280_i2c` all name sensors bme280_i2c.
bool is_called(const Component& component, std::string_view word) {
  return word == component.kind || word == config::kind_name(component) ||
         word == component.platform;
}

std::vector<Component> find(const std::vector<std::string>& words) {
  std::vector<Component> found;
  std::ranges::copy_if(components(), std::back_inserter(found), [&](const Component& component) {
    return std::ranges::all_of(words,
                               [&](const std::string& word) { return is_called(component, word); });
  });
  return found;
}

int report_unknown(const std::vector<std::string>& words) {
  std::vector<std::string_view> names;
  std::string wanted;
  for (const Component& component : components()) {
    names.push_back(component.kind);
    names.push_back(component.platform);
  }
  std::string hint = "; `haltere help` lists what there is";
  for (const std::string& word : words) {
    wanted += (wanted.empty() ? "" : " ") + word;
    const std::string slip = config::suggestion(word, names);
    if (!slip.empty() && std::ranges::find(names, word) == names.end()) hint = slip;
  }
  print_error("nothing in a configuration is called '" + wanted + "'" + hint);
  return exit_usage;
}

int run_help(const HelpOptions& options) {
  if (options.markdown) {
    std::cout << config::markdown_reference(components());
    return exit_done;
  }
  const std::vector<Component> found = find(options.words);
  if (found.empty()) return report_unknown(options.words);
  if (found.size() == 1) {
    std::cout << config::terminal_reference(found.front());
    return exit_done;
  }
  std::cout << "A configuration may hold:\n\n"
            << config::terminal_list(found)
            << "\n`haltere help KIND PLATFORM` shows the settings of one, `haltere --help` the "
               "commands.\n";
  return exit_done;
}

}  // namespace

void add_help_command(Command app, int& exit_code) {
  auto options = std::make_shared<HelpOptions>();
  Command command = app.add_subcommand("help", "Show the settings of anything in a configuration");
  command.add_option("what", options->words, "KIND, PLATFORM or both, as in `sensors serial_lines`")
      .expected(0, 2);
  command.add_flag("--markdown", options->markdown, "Print the whole reference page");
  command.callback([options, &exit_code] { exit_code = run_help(*options); });
}

void add_schema_command(Command app, int& exit_code) {
  Command command =
      app.add_subcommand("schema", "Print the JSON Schema of a configuration, for editors");
  command.callback([&exit_code] {
    std::cout << config::json_schema(components());
    exit_code = exit_done;
  });
}

}  // namespace haltere::agent
