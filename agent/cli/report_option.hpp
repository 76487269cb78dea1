#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// Adds `--report FILE`.
void add_report_option(Command command, std::string& file);

/// Where the report of a run goes.
struct ReportPlace {
  std::filesystem::path path;
  std::filesystem::path
      state;  ///< folder whose old reports may go; empty = the user named the file
};

/// `file` if the user named one, else a new one in `state`.
[[nodiscard]] ReportPlace report_place(const std::string& file, const std::filesystem::path& state,
                                       std::string_view command);

/// Writes the report of a run that is over, with the command line that asked for it. Returns the
/// exit code: a failure is one only where the user named the file, else a warning.
[[nodiscard]] int save_report(const ReportPlace& place, const nlohmann::ordered_json& report);

}  // namespace haltere::agent
