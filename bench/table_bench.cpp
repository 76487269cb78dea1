// How fast a table for `haltere learn` is read: the first pass, which finds out what its columns
// mean, and the second, which makes rows of features of it. CPU time of one thread, and the most
// memory used. `--mb 1000` makes the table so large; default 64. `--json FILE` writes
// {scan: {mb_per_s, seconds}, read: the same, peak_mib}.

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/reader.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "models/random.hpp"

namespace {

using namespace haltere;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// A logger's table: a time, ten numbers of which some are missing, a state, and a target.
void write_table(const std::string& path, double bytes) {
  std::ofstream out(path);
  out << "time,a,b,c,d,e,f,g,h,i,j,state,target\n";
  models::Random random(1);
  std::array<char, 512> line{};
  double written = 0.0;
  for (long row = 0; written < bytes; ++row) {
    const auto value = [&] { return static_cast<double>(random.symmetric()); };
    const int size = std::snprintf(
        line.data(), line.size(),
        "2024-01-%02ld %02ld:%02ld:%02ld,%.3f,%.4f,%.2f,%ld,%.6f,%.1f,%s,%.5g,%.3f,%.8f,%s,%d\n",
        1 + row / 86400 % 28, row / 3600 % 24, row / 60 % 60, row % 60, value() * 20.0,
        value() * 5.0, 1000.0 + value() * 50.0, row % 4096, value(), value() * 300.0,
        row % 50 == 0 ? "" : "21.25", value() * 1e-4, value(), value(),
        row % 3 == 0 ? "idle" : "busy", row % 7 < 3 ? 1 : 0);
    out.write(line.data(), size);
    written += size;
  }
}

void report(const char* what, double bytes, double seconds, nlohmann::ordered_json& result) {
  const double mb_per_s = bytes / seconds / 1e6;
  std::printf("%-8s %8.0f MB/s  %6.2f s  peak %5.1f MiB\n", what, mb_per_s, seconds, peak_mib());
  result[what] = {{"mb_per_s", mb_per_s}, {"seconds", seconds}};
  result["peak_mib"] = peak_mib();
}

int measure(const std::string& path, nlohmann::ordered_json& result) {
  const double bytes = static_cast<double>(std::filesystem::file_size(path));
  double start = cpu_seconds();
  const auto plan = agent::plan_table(path, learner::Task::classify, "target");
  if (!plan) {
    std::fprintf(stderr, "%s\n", plan.error().message.c_str());
    return EXIT_FAILURE;
  }
  report("scan", bytes, cpu_seconds() - start, result);
  start = cpu_seconds();
  auto reader = agent::TableReader::open(path, *plan);
  std::vector<float> features(plan->features.size());
  learner::Target target;
  std::size_t rows = 0;
  while (reader && *reader->next(features, target)) ++rows;
  report("read", bytes, cpu_seconds() - start, result);
  return rows == plan->rows ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv, {"--mb"});
  const double megabytes = std::strtod(options.text("--mb", "64").c_str(), nullptr);
  const std::string json_path = options.json();
  const std::string path =
      std::filesystem::temp_directory_path() / ("table_bench." + std::to_string(getpid()) + ".csv");
  write_table(path, megabytes * 1e6);
  nlohmann::ordered_json result;
  const int outcome = measure(path, result);
  std::filesystem::remove(path);
  if (!json_path.empty()) std::ofstream(json_path) << result.dump(2) << '\n';
  return outcome;
}
