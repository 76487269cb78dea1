#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere replay FILE --input SENSOR=DATA.csv ...`
void add_replay_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
