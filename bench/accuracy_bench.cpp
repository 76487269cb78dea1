// Accuracy on the recordings in $HALTERE_DATA (default ../shared/data), mean and spread over seeds,
// beside answers that need no model. Nothing is tuned here: gestures use config/gesture.yaml as it
// stands, all others the defaults of `haltere learn`. `--json FILE` writes the same figures.
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/accuracy_report.hpp"
#include "bench/options.hpp"
#include "tests/environment.hpp"

namespace haltere::bench {
namespace {

int run(const std::string& data, const std::string& json_file) {
  ordered_json json{{"data", data}, {"seeds", accuracy_seeds}};
  bool done = true;
  for (const auto bench : {bench_streams, bench_gestures, bench_tests, bench_anomalies}) {
    const Result<ordered_json> result = bench(data);
    if (result) json.update(*result);
    if (!result) std::fprintf(stderr, "accuracy_bench: %s\n", result.error().message.c_str());
    done = done && result.ok();
  }
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << '\n';
  return done ? 0 : 1;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string data = haltere::recordings_folder();
  const std::string json_file = options.json();
  if (!std::filesystem::exists(data)) {
    std::printf("SKIPPED: no recordings in %s; set HALTERE_DATA\n", data.c_str());
    if (!json_file.empty()) std::ofstream(json_file) << "{\"skipped\": true}\n";
    return 0;
  }
  return haltere::bench::run(data, json_file);
}
