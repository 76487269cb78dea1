#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere model run MODEL`: raw input tensors in, raw output tensors out.
void add_model_run(CLI::App& model, int& exit_code);

}  // namespace haltere::agent
