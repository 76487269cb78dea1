#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "config/result.hpp"

namespace haltere::agent {

/// Reports of runs that a state folder keeps; the oldest go first.
inline constexpr std::size_t kept_run_reports = 20;

/// Where `command` ("run", "replay", "learn") that starts now reports to, if nobody says otherwise:
/// `<state>/reports/<time>-<command>-<process>.json`. Names sort by time (UTC). Makes nothing.
[[nodiscard]] std::filesystem::path run_report_path(const std::filesystem::path& state,
                                                    std::string_view command);

/// Writes `text` to `path`, whole or not at all. Errors: as write_file_atomically.
Status write_run_report(const std::filesystem::path& path, const std::string& text);

/// Removes all but the newest `kept_run_reports` reports of `state`. Files with other names stay,
/// and what cannot be removed too.
void forget_old_run_reports(const std::filesystem::path& state);

}  // namespace haltere::agent
