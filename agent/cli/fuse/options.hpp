#pragma once

#include <string>

#include "agent/cli/command_line.hpp"
#include "config/result.hpp"
#include "config/units.hpp"

namespace haltere::agent {

/// What every `haltere fuse` command over one file is told.
struct FuseFiles {
  std::string file;
  std::string out;
  std::string plot;
  std::string rate;
};

/// A quantity given as an option, in SI.
struct QuantityOption {
  const char* name;  ///< `--pressure-noise`
  config::Dimension dimension;
  double min;
  double max;
};

/// Adds FILE, -o, --rate and --plot. `columns` says which ones FILE needs.
void add_fuse_files(Command command, FuseFiles& files, const std::string& columns);

/// Reads `text` into `value`; an empty one leaves it. Errors: invalid, naming the option.
[[nodiscard]] Status set_quantity(const std::string& text, const QuantityOption& option,
                                  double& value);

/// The rate given with --rate, or 0. Errors: invalid.
[[nodiscard]] Result<double> rate_of(const FuseFiles& files);

/// Writes `text` to the file `path`; - is standard output. Errors: io.
[[nodiscard]] Status write_text(const std::string& path, const std::string& text);

/// Prints `error`; the code to exit with.
int fail_with(const Error& error);

}  // namespace haltere::agent
