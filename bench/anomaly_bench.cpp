// Anomaly detection on recordings in $HALTERE_DATA (default ../shared/data): skab, each run learned
// from its first 400 rows and frozen. Windows of 10 rows, mean and deviation of each channel, one
// pass. Every scorer has the threshold of one false alarm a day; none is fitted to what it is
// tested on. `--json FILE` writes the same figures.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/nab_score.hpp"
#include "learner/metrics.hpp"
#include "learner/online_model.hpp"

namespace haltere::bench {
namespace {

using learner::AnomalyScorer;
using nlohmann::ordered_json;

constexpr std::size_t channels = 8;
constexpr std::size_t window = 10;
constexpr std::size_t normal_rows = 400;
constexpr std::uint64_t seeds = 5;
constexpr double alarms_per_day = 1.0;
constexpr double rows_per_second = 1.0;
constexpr std::size_t refractory_rows = 50;

struct Run {
  std::string name;
  std::vector<std::array<float, channels>> rows;
  std::vector<std::uint8_t> abnormal;
};

std::vector<Run> read_skab(const std::string& path) {
  std::vector<Run> runs;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::stringstream fields(line);
    std::string field;
    std::getline(fields, field, ',');
    if (field.starts_with("anomaly-free")) continue;
    if (runs.empty() || runs.back().name != field) runs.push_back({field, {}, {}});
    std::getline(fields, field, ',');
    auto& row = runs.back().rows.emplace_back();
    for (float& value : row) {
      std::getline(fields, field, ',');
      value = std::strtof(field.c_str(), nullptr);
    }
    std::getline(fields, field, ',');
    runs.back().abnormal.push_back(field == "1" ? 1 : 0);
  }
  return runs;
}

/// Mean and deviation of each channel over the `window` rows up to `last`, or as many as there are.
std::vector<float> window_at(const Run& run, std::size_t last) {
  const std::size_t first = last + 1 > window ? last + 1 - window : 0;
  const auto count = static_cast<float>(last + 1 - first);
  std::vector<float> features;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    float mean = 0.0F;
    float squares = 0.0F;
    for (std::size_t i = first; i <= last; ++i) mean += run.rows[i][channel] / count;
    for (std::size_t i = first; i <= last; ++i) {
      const float offset = run.rows[i][channel] - mean;
      squares += offset * offset;
    }
    features.push_back(mean);
    features.push_back(std::sqrt(squares / count));
  }
  return features;
}

/// Counts over all runs, and the sum of the runs' areas under the curve.
struct Tally {
  learner::Confusion answers{2};
  double auc_sum = 0.0;
  std::size_t runs = 0;

  [[nodiscard]] double f1() const {
    const double hits = answers.count(1, 1);
    return 2.0 * hits / (2.0 * hits + answers.count(0, 1) + answers.count(1, 0));
  }
  [[nodiscard]] ordered_json json() const {
    return {{"mean_run_auc", auc_sum / static_cast<double>(runs)},
            {"f1", f1()},
            {"false_alarm_rate", 1.0 - answers.recall(0)},
            {"missed_rate", 1.0 - answers.recall(1)}};
  }
};

using Tallies = std::array<Tally, learner::anomaly_scorers.size()>;

void score_run(const Run& run, std::uint64_t seed, Tallies& tallies) {
  learner::ModelSettings settings;
  settings.task = learner::Task::anomaly;
  settings.layers = {32, 8, 32};
  settings.learn.seed = seed;
  settings.false_alarm_rate = learner::false_alarm_rate(alarms_per_day, rows_per_second);
  auto model = learner::OnlineModel::create(settings, 2 * channels).value();
  std::array<std::vector<float>, learner::anomaly_scorers.size()> scores;
  std::vector<std::uint8_t> truth;
  for (std::size_t i = window - 1; i < run.rows.size(); ++i) {
    const std::vector<float> features = window_at(run, i);
    if (i < normal_rows) {
      model.learn(features, {});
      continue;
    }
    const learner::AnomalyScores answer = model.predict(features).scores;
    truth.push_back(run.abnormal[i]);
    for (std::size_t s = 0; s < tallies.size(); ++s) {
      scores[s].push_back(answer.values[s]);
      tallies[s].answers.add(run.abnormal[i], answer.abnormal[s] ? 1 : 0);
    }
  }
  for (std::size_t s = 0; s < tallies.size(); ++s) {
    tallies[s].auc_sum += learner::roc_auc(scores[s], truth);
    ++tallies[s].runs;
  }
}

ordered_json bench_skab(const std::string& data) {
  const std::vector<Run> runs = read_skab(data + "/skab/skab.csv");
  Tallies tallies;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    for (const Run& each : runs) score_run(each, seed, tallies);
  std::printf("skab, %zu runs, %d seeds\n  %-16s %8s %8s %8s %8s\n", runs.size(),
              static_cast<int>(seeds), "", "AUC", "F1", "false", "missed");
  ordered_json json;
  for (std::size_t s = 0; s < tallies.size(); ++s) {
    const std::string name(to_string(learner::anomaly_scorers[s]));
    json[name] = tallies[s].json();
    std::printf("  %-16s %8.4f %8.4f %7.1f%% %7.1f%%\n", name.c_str(),
                tallies[s].auc_sum / static_cast<double>(tallies[s].runs), tallies[s].f1(),
                100.0 * (1.0 - tallies[s].answers.recall(0)),
                100.0 * (1.0 - tallies[s].answers.recall(1)));
  }
  return json;
}

/// One recording of nab.
struct Channel {
  std::vector<float> values;
  std::vector<float> day_shares;  ///< time of day, 0..1
  std::vector<std::uint8_t> in_window;
};

Channel read_nab(const std::filesystem::path& path) {
  Channel channel;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::size_t first = line.find(',');
    const std::size_t last = line.rfind(',');
    const float hour = std::strtof(line.substr(11, 2).c_str(), nullptr);
    const float minute = std::strtof(line.substr(14, 2).c_str(), nullptr);
    channel.day_shares.push_back((hour * 60.0F + minute) / 1440.0F);
    channel.values.push_back(
        std::strtof(line.substr(first + 1, last - first - 1).c_str(), nullptr));
    channel.in_window.push_back(line[last + 1] == '1' ? 1 : 0);
  }
  return channel;
}

std::vector<float> context_at(const Channel& channel, std::size_t row) {
  const std::vector<float>& values = channel.values;
  std::vector<float> features{values[row], values[row] - values[row > 0 ? row - 1 : 0]};
  for (const std::size_t length : {5U, 20U, 50U}) {
    const std::size_t first = row + 1 > length ? row + 1 - length : 0;
    const auto count = static_cast<float>(row + 1 - first);
    float mean = 0.0F;
    float squares = 0.0F;
    for (std::size_t i = first; i <= row; ++i) mean += values[i] / count;
    for (std::size_t i = first; i <= row; ++i) squares += (values[i] - mean) * (values[i] - mean);
    features.push_back(mean);
    features.push_back(std::sqrt(squares / count));
  }
  for (const float turns : {1.0F, 2.0F}) {
    const float angle = turns * 6.2831853F * channel.day_shares[row];
    features.push_back(std::sin(angle));
    features.push_back(std::cos(angle));
  }
  return features;
}

using ScoredFiles = std::array<std::vector<NabFile>, learner::anomaly_scorers.size()>;

void score_channel(const Channel& channel, std::uint64_t seed, ScoredFiles& scored) {
  learner::ModelSettings settings;
  settings.task = learner::Task::anomaly;
  settings.layers = {16, 4, 16};
  settings.learn.seed = seed;
  settings.learn_normal = nab_probation(channel.values.size());
  auto model = learner::OnlineModel::create(settings, 12).value();
  for (std::vector<NabFile>& files : scored) files.push_back({channel.in_window, {}});
  for (std::size_t row = 0; row < channel.values.size(); ++row) {
    const learner::Prediction answer = model.observe(context_at(channel, row), {});
    for (std::size_t s = 0; s < scored.size(); ++s)
      scored[s].back().scores.push_back(answer.scores.values[s]);
  }
}

/// The best score any one threshold for all files gives.
double best_nab_score(const std::vector<NabFile>& files) {
  std::vector<float> all;
  for (const NabFile& file : files) all.insert(all.end(), file.scores.begin(), file.scores.end());
  std::ranges::sort(all);
  double best = 0.0;
  for (double share = 0.1; share > 5e-5; share *= 0.98) {
    const auto index = static_cast<std::size_t>((1.0 - share) * static_cast<double>(all.size()));
    best = std::max(best, nab_score(files, all[index], refractory_rows));
  }
  return best;
}

ordered_json bench_nab(const std::string& data) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(data + "/nab"))
    if (entry.path().extension() == ".csv") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::array<double, learner::anomaly_scorers.size()> sums{};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    ScoredFiles scored;
    for (const std::filesystem::path& path : paths) score_channel(read_nab(path), seed, scored);
    for (std::size_t s = 0; s < scored.size(); ++s) sums[s] += best_nab_score(scored[s]);
  }
  std::printf("nab, %zu files, %d seeds\n", paths.size(), static_cast<int>(seeds));
  ordered_json json;
  for (std::size_t s = 0; s < sums.size(); ++s) {
    const std::string name(to_string(learner::anomaly_scorers[s]));
    json[name] = sums[s] / static_cast<double>(seeds);
    std::printf("  %-16s %8.1f\n", name.c_str(), sums[s] / static_cast<double>(seeds));
  }
  return json;
}

int run(const std::string& data, const std::string& json_file) {
  ordered_json json{{"seeds", seeds}};
  json["skab"] = bench_skab(data);
  json["nab"] = bench_nab(data);
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const char* set = std::getenv("HALTERE_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string data = set != nullptr ? set : "../shared/data";
  const std::string json_file = argc == 3 && std::string(argv[1]) == "--json" ? argv[2] : "";
  if (!std::filesystem::exists(data + "/skab/skab.csv")) {
    std::printf("SKIPPED: no recordings in %s; set HALTERE_DATA\n", data.c_str());
    if (!json_file.empty()) std::ofstream(json_file) << "{\"skipped\": true}\n";
    return 0;
  }
  return haltere::bench::run(data, json_file);
}
