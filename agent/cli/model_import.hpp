#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere model import FILE`: a model of another program as a bundle.
void add_model_import(CLI::App& model, int& exit_code);

}  // namespace haltere::agent
