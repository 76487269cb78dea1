#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere learn`: the learner alone, over a table.
void add_learn_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
