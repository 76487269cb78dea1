// How fast lines become samples: a board's CSV and JSON lines, a recording read from a file, and
// the bare splitting of CSV. CPU time of one thread, best of five.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/options.hpp"
#include "sensors/line_parser.hpp"
#include "sensors/replay.hpp"

namespace {

using namespace haltere::sensors;

constexpr int line_count = 200'000;
constexpr double g = 9.80665;

std::vector<Column> imu_columns() {
  std::vector<Column> columns{{.name = "t", .role = ColumnRole::time},
                              {.name = "rec", .role = ColumnRole::segment},
                              {.name = "gesture", .role = ColumnRole::label}};
  std::size_t channel = 0;
  for (const char* name : {"ax", "ay", "az", "gx", "gy", "gz"}) {
    columns.push_back({.name = name, .scale = {.factor = g}, .channel = channel++});
  }
  return columns;
}

/// One line with the number of digits that real boards send; its size.
int print_line(bool json, int i, std::span<char> line) {
  const double t = i / 119.0;
  const double x = i % 997 / 250.0 - 2.0;
  if (!json) {
    return std::snprintf(line.data(), line.size(), "%.4f,%d,punch,%.3f,%.3f,%.3f,%.3f,%.3f,%.3f\n",
                         t, i / 119, x, -x, x * x, x * 100.0, x * -50.0, x * 33.0);
  }
  return std::snprintf(line.data(), line.size(),
                       "{\"t\":%.4f,\"rec\":%d,\"gesture\":\"punch\",\"ax\":%.3f,\"ay\":%.3f,"
                       "\"az\":%.3f,\"gx\":%.3f,\"gy\":%.3f,\"gz\":%.3f}\n",
                       t, i / 119, x, -x, x * x, x * 100.0, x * -50.0, x * 33.0);
}

std::string make_lines(bool json) {
  std::string text;
  std::array<char, 256> line{};
  for (int i = 0; i < line_count; ++i) {
    text.append(line.data(), static_cast<std::size_t>(print_line(json, i, line)));
  }
  return text;
}

double seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    timespec start{};
    timespec end{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    work();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    best = std::min(best, static_cast<double>(end.tv_sec - start.tv_sec) +
                              static_cast<double>(end.tv_nsec - start.tv_nsec) * 1e-9);
  }
  return best;
}

void parse_live(std::string_view text) {
  LineParser parser(imu_columns(), LineFormat::automatic, 0.0);
  std::vector<Sample> samples;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, 4096);
    samples.clear();
    parser.feed({reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()}, 1, samples);
    text.remove_prefix(piece.size());
  }
  if (parser.counters().samples != line_count) std::abort();
}

void read_recording(const std::string& path) {
  haltere::Result<Recording> recording = Recording::open(path, imu_columns(), 0.0);
  Sample sample;
  while (recording && *recording->next(sample)) {
  }
  if (!recording || recording->counters().samples != line_count) std::abort();
}

void split_table(const std::string& path) {
  haltere::Result<CsvReader> reader = CsvReader::open(path);
  CsvRow row;
  int rows = 0;
  while (reader && *reader->next(row)) ++rows;
  if (rows != line_count) std::abort();
}

struct Line {
  std::string key;
  double seconds = 0.0;
  std::size_t bytes = 0;
};

void report(const std::vector<Line>& lines, const std::string& json_path) {
  std::string json = "{";
  for (const Line& line : lines) {
    const double per_second = line_count / line.seconds;
    const double megabytes = static_cast<double>(line.bytes) / line.seconds / 1e6;
    std::printf("%-16s %8.0f ns/line %12.0f lines/s %8.0f MB/s\n", line.key.c_str(),
                1e9 * line.seconds / line_count, per_second, megabytes);
    json += (json.size() > 1 ? ", \"" : "\"") + line.key +
            "\": {\"lines_per_s\": " + std::to_string(per_second) +
            ", \"mb_per_s\": " + std::to_string(megabytes) + "}";
  }
  if (!json_path.empty()) std::ofstream(json_path) << json << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string csv = make_lines(false);
  const std::string json = make_lines(true);
  const std::string path = std::filesystem::temp_directory_path() /
                           ("sensors_bench." + std::to_string(getpid()) + ".csv");
  std::ofstream(path) << "t:s,rec,gesture,ax:g,ay:g,az:g,gx:g,gy:g,gz:g\n" << csv;
  report({{"live_csv", seconds([&] { parse_live(csv); }), csv.size()},
          {"live_json", seconds([&] { parse_live(json); }), json.size()},
          {"recording", seconds([&] { read_recording(path); }), csv.size()},
          {"csv_split", seconds([&] { split_table(path); }), csv.size()}},
         options.json());
  std::filesystem::remove(path);
  return 0;
}
