#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere model list | show | export | import | run`: models that agents have learned and stored,
/// and files of models.
void add_model_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
