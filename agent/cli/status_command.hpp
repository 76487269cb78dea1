#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere status`: what the running agent is doing.
void add_status_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
