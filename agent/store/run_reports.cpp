#include "agent/store/run_reports.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <vector>

#include "agent/store/atomic_file.hpp"

namespace haltere::agent {
namespace {

constexpr long ns_per_ms = 1'000'000;
constexpr std::size_t time_digits = 8;  // YYYYMMDD, then T

std::filesystem::path folder_of(const std::filesystem::path& state) { return state / "reports"; }

std::string utc_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03ldZ", now.tv_nsec / ns_per_ms);
  return text.data();
}

bool is_run_report(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return path.extension() == ".json" && name.size() > time_digits &&
         std::all_of(name.begin(), name.begin() + time_digits, is_digit) &&
         name[time_digits] == 'T';
}

}  // namespace

std::filesystem::path run_report_path(const std::filesystem::path& state,
                                      std::string_view command) {
  return folder_of(state) /
         (utc_now() + "-" + std::string(command) + "-" + std::to_string(getpid()) + ".json");
}

Status write_run_report(const std::filesystem::path& path, const std::string& text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return write_file_atomically(path, bytes);
}

void forget_old_run_reports(const std::filesystem::path& state) {
  std::error_code problem;
  std::vector<std::filesystem::path> reports;
  std::filesystem::directory_iterator entry(folder_of(state), problem);
  for (; !problem && entry != std::filesystem::end(entry); entry.increment(problem)) {
    if (is_run_report(entry->path())) reports.push_back(entry->path());
  }
  std::ranges::sort(reports, std::ranges::greater());
  for (std::size_t i = kept_run_reports; i < reports.size(); ++i) {
    std::filesystem::remove(reports[i], problem);
  }
}

}  // namespace haltere::agent
