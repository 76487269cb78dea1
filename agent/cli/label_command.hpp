#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere label NAME --for 5s`: labels what the running agent sees.
void add_label_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
