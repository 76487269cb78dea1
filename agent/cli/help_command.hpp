#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere help [KIND] [PLATFORM] [--markdown]`: the settings of anything a configuration may
/// hold.
void add_help_command(CLI::App& app, int& exit_code);

/// `haltere schema`: the JSON Schema of a configuration.
void add_schema_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
