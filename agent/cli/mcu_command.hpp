#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere mcu status|push|rollback|enroll|bench --device DEVICE`: one microcontroller, without an
/// agent.
void add_mcu_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
