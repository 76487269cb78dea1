#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere model compress MODEL`: smaller models in its place, side by side, and the best that
/// fits.
void add_model_compress(CLI::App& model, int& exit_code);

}  // namespace haltere::agent
