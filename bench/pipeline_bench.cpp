// Replay throughput of config/gesture.yaml, from the CSV file and from memory, without and with
// learning. Times are of this thread's CPU, so that other load does not count. Usage:
// pipeline_bench
// [--json FILE]; the recording is $HALTERE_DATA/gesture5/gestures.csv, or made up where that is
// absent.

#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/replay_run.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "sensors/columns.hpp"
#include "sensors/replay.hpp"
#include "tests/environment.hpp"

namespace haltere::agent {
namespace {

constexpr int repetitions = 15;

struct Case {
  std::string name;
  double ns_per_sample = 0.0;
};

class Silent final : public ModelObserver {
 public:
  void on_window(const WindowEvent& /*event*/) override {}
  void on_promotion(std::size_t /*model*/, std::span<const std::uint8_t> /*bundle*/) override {}
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Median CPU time of `work` per sample, in ns.
template <typename Work>
double measure_ns(std::size_t samples, Work work) {
  std::vector<double> seconds;
  for (int i = 0; i < repetitions; ++i) {
    const double before = cpu_seconds();
    work();
    seconds.push_back(cpu_seconds() - before);
  }
  std::ranges::nth_element(seconds, seconds.begin() + repetitions / 2);
  return seconds[repetitions / 2] * 1e9 / static_cast<double>(samples);
}

std::string make_up_recording() {
  const auto path = std::filesystem::temp_directory_path() / "haltere_pipeline_bench.csv";
  std::ofstream file(path);
  file << "rec,gesture,ax_g,ay_g,az_g,gx_dps,gy_dps,gz_dps\n";
  constexpr const char* labels[] = {"punch", "flex", "circ", "hori", "vert"};
  for (int row = 0; row < 265 * 119; ++row) {
    const int rec = row / 119;
    file << rec << ',' << labels[rec % 5];
    for (int channel = 0; channel < 6; ++channel) {
      file << ',' << std::round(1000.0 * std::sin(0.01 * row * (channel + 1 + rec % 5))) / 1000.0;
    }
    file << '\n';
  }
  return path;
}

std::string recording() {
  const std::string path = recordings_folder() / "gesture5/gestures.csv";
  return std::filesystem::exists(path) ? path : make_up_recording();
}

std::vector<sensors::Sample> load(const PipelineSpec& spec, const std::string& path) {
  std::vector<config::Diagnostic> none;
  const SensorSpec& sensor = spec.sensors.front();
  auto opened = sensors::Recording::open(path, sensors::parse_columns(sensor.settings, none),
                                         sensor.layout.rate_hz);
  std::vector<sensors::Sample> samples;
  sensors::Sample sample;
  while (opened) {
    const auto more = opened->next(sample);
    if (!more || !*more) break;
    samples.push_back(sample);
  }
  return samples;
}

void push_all(const PipelineSpec& spec, const std::vector<sensors::Sample>& samples, bool learn) {
  auto graph = Graph::create(spec, {.learn = learn, .hold_out_every = 0});
  Silent silent;
  for (const sensors::Sample& sample : samples) graph->push(sample, silent);
}

std::vector<Case> run(const PipelineSpec& spec, const std::string& path) {
  const std::vector<sensors::Sample> samples = load(spec, path);
  if (samples.empty()) return {};
  std::vector<Case> cases;
  for (const bool learn : {false, true}) {
    const std::string suffix = learn ? "learning" : "not_learning";
    cases.push_back({"from_csv_" + suffix, measure_ns(samples.size(), [&] {
                       ReplayOptions options;
                       options.inputs = {{.sensor = 0, .path = path}};
                       options.learn.learn = learn;
                       [[maybe_unused]] const auto report = replay(spec, options);
                     })});
    cases.push_back({"from_memory_" + suffix,
                     measure_ns(samples.size(), [&] { push_all(spec, samples, learn); })});
  }
  return cases;
}

int print(const std::vector<Case>& cases, const std::string& json_path) {
  utsname machine{};
  uname(&machine);
  nlohmann::json report = nlohmann::json::object();
  std::printf("%-28s %12s %16s  %s\n", "case", "ns/sample", "samples/s", "machine");
  for (const Case& entry : cases) {
    const double rate = 1e9 / entry.ns_per_sample;
    std::printf("%-28s %12.0f %16.0f  %s\n", entry.name.c_str(), entry.ns_per_sample, rate,
                static_cast<const char*>(machine.machine));
    report[entry.name] = {{"ns_per_sample", entry.ns_per_sample}, {"samples_per_second", rate}};
  }
  if (json_path.empty()) return 0;
  std::ofstream file(json_path);
  file << report.dump(2) << '\n';
  return file.flush() ? 0 : 1;
}

}  // namespace
}  // namespace haltere::agent

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string json_path = options.json();
  const auto spec = haltere::agent::load_pipeline("config/gesture.yaml", {});
  if (!spec) {
    std::fputs(spec.error().message.c_str(), stderr);
    return 1;
  }
  const auto cases = haltere::agent::run(*spec, haltere::agent::recording());
  if (cases.empty()) {
    std::fputs("pipeline_bench: the recording has no samples\n", stderr);
    return 1;
  }
  return haltere::agent::print(cases, json_path);
}
