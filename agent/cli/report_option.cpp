#include "agent/cli/report_option.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/store/run_reports.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string words(std::istreambuf_iterator<char>(file), {});
  while (words.ends_with('\0')) words.pop_back();
  for (char& c : words) c = c == '\0' ? ' ' : c;
  return words;
}

}  // namespace

void add_report_option(Command command, std::string& file) {
  command.add_option("--report", file,
                     "Write the final report, JSON, to this file; default reports/ in the state "
                     "folder, where the last " +
                         std::to_string(kept_run_reports) + " are kept");
}

ReportPlace report_place(const std::string& file, const std::filesystem::path& state,
                         std::string_view command) {
  if (!file.empty()) return {.path = file, .state = {}};
  return {.path = run_report_path(state, command), .state = state};
}

int save_report(const ReportPlace& place, const ordered_json& report) {
  ordered_json whole{{"command", command_line()}};
  whole.update(report);
  const Status written = write_run_report(
      place.path, whole.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  if (!place.state.empty()) forget_old_run_reports(place.state);
  if (written) return exit_done;
  if (place.state.empty()) {
    print_error("no report: " + written.error().message);
    return exit_failed;
  }
  spdlog::warn("no report: {}", written.error().message);
  return exit_done;
}

}  // namespace haltere::agent
