#include "agent/cli/fuse/options.hpp"

#include <cstdint>
#include <iostream>
#include <span>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/store/atomic_file.hpp"

namespace haltere::agent {

void add_fuse_files(Command command, FuseFiles& files, const std::string& columns) {
  command.add_option("file", files.file, "CSV file: " + columns).required();
  command.add_option("-o,--output", files.out, "CSV file to write (- = standard output)")
      .required();
  command.add_option("--rate", files.rate, "Rows a second, for a file without times");
  command.add_option("--plot", files.plot, "Also draw the result over time, as SVG");
}

Status set_quantity(const std::string& text, const QuantityOption& option, double& value) {
  if (text.empty()) return {};
  const auto read = config::parse_quantity(text, option.dimension);
  const std::string name = option.name;
  if (!read) return Error{read.error().kind, name + ": " + read.error().message};
  if (!(*read >= option.min && *read <= option.max)) {
    return Error{ErrorKind::invalid, name + ": should be between " +
                                         config::format_quantity(option.min, option.dimension) +
                                         " and " +
                                         config::format_quantity(option.max, option.dimension)};
  }
  value = *read;
  return {};
}

Result<double> rate_of(const FuseFiles& files) {
  double rate_hz = 0.0;
  const Status set =
      set_quantity(files.rate, {"--rate", config::Dimension::frequency, 1e-3, 1e6}, rate_hz);
  if (!set) return set.error();
  return rate_hz;
}

Status write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::cout << text;
    return {};
  }
  const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t*>(text.data()),
                                            text.size()};
  return write_file_atomically(path, bytes);
}

int fail_with(const Error& error) {
  print_error(error.message);
  return error.kind == ErrorKind::invalid ? exit_usage : exit_failed;
}

}  // namespace haltere::agent
