#pragma once

namespace haltere::agent {

/// What `haltere` exits with.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,
  exit_usage = 2,  ///< bad arguments or a configuration with errors
};

/// Parses the command line, runs the command it names and returns the exit code. Results go to
/// stdout, everything else to stderr.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace haltere::agent
