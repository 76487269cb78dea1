#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere check FILE`: validates, prints the resolved pipeline.
void add_check_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
