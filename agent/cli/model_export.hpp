#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere model export MODEL`: one model as a file for other programs.
void add_model_export(CLI::App& model, int& exit_code);

}  // namespace haltere::agent
