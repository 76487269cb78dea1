#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere run FILE`: the agent.
void add_run_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
