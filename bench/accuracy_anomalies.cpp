// Anomalies as `haltere learn --task anomaly` finds them with its defaults: skab, each run learned
// from its first 400 rows and answered on the rest; nab, every file judged while it is learned.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/learn/learn_run.hpp"
#include "agent/learn/test_scores.hpp"
#include "agent/table/rows.hpp"
#include "bench/accuracy_report.hpp"
#include "bench/nab_score.hpp"
#include "learner/ranking.hpp"

namespace haltere::bench {
namespace {

using agent::LearnRequest;
using learner::AnomalyScorer;

constexpr std::size_t scorers = learner::anomaly_scorers.size();
constexpr std::size_t learned_rows = 400;
constexpr std::size_t refractory_rows = 50;

/// A folder that is gone when this is.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / "haltere_accuracy_bench") {
    std::filesystem::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

LearnRequest request_for(const std::string& table, std::uint64_t seed) {
  LearnRequest request;
  request.table = table;
  request.model_id = "bench";
  request.model.task = learner::Task::anomaly;
  request.model.layers = learner::anomaly_layers;
  request.model.learn.seed = seed;
  return request;
}

/// Parts skab into two tables for each run: the rows to learn and the rows to answer.
std::vector<std::pair<std::string, std::string>> part_runs(const std::string& data,
                                                           const Scratch& scratch) {
  std::vector<std::pair<std::string, std::string>> parts;
  std::ifstream file(data + "/skab/skab.csv");
  std::string header;
  std::getline(file, header);
  std::string line;
  std::string run;
  std::size_t row = 0;
  std::ofstream out;
  while (std::getline(file, line)) {
    const std::string name = line.substr(0, line.find(','));
    if (name.starts_with("anomaly-free")) continue;
    if (name != run) row = 0;
    if (row == 0) {
      const std::string number = std::to_string(parts.size());
      parts.emplace_back(scratch.file(number + ".a.csv"), scratch.file(number + ".b.csv"));
    }
    run = name;
    if (row == 0 || row == learned_rows) {
      out = std::ofstream(row == 0 ? parts.back().first : parts.back().second);
      out << header << '\n';
    }
    out << line << '\n';
    ++row;
  }
  return parts;
}

/// Counts over all runs, and the runs' areas under the curve.
struct Tally {
  learner::Confusion answers{2};
  double auc_sum = 0.0;
  double runs = 0.0;

  void add(const agent::TestScores& scores) {
    for (std::size_t truth = 0; truth < 2; ++truth)
      for (std::size_t answer = 0; answer < 2; ++answer)
        answers.add(truth, answer, scores.answers.count(truth, answer));
    auc_sum += learner::roc_auc(scores.scores, scores.abnormal);
    runs += 1.0;
  }
  [[nodiscard]] double f1() const {
    const double hits = answers.count(1, 1);
    return 2.0 * hits / (2.0 * hits + answers.count(0, 1) + answers.count(1, 0));
  }
};

/// Of each scorer, and of the int8 model last.
using Tallies = std::array<Tally, scorers + 1>;

Status add_run(const std::pair<std::string, std::string>& tables, std::uint64_t seed,
               Tallies& tallies) {
  LearnRequest request = request_for(tables.first, seed);
  request.tests = {tables.second};
  request.target = "anomaly";
  request.reading.leave_out = {"file", "changepoint"};
  const Result<agent::LearnResult> result = agent::run_learn(request);
  if (!result) return result.error();
  const agent::TestResult& test = result->tests.front();
  for (std::size_t s = 0; s < scorers; ++s) tallies[s].add(test.by_scorer[s]);
  tallies.back().add(test.as_int8);
  return {};
}

const char* name_of(std::size_t index) {
  return index < scorers ? to_string(learner::anomaly_scorers[index]).data() : "int8";
}

ordered_json print_tallies(const std::array<std::vector<Tally>, scorers + 1>& by_seed) {
  ordered_json json;
  std::printf("  %-16s %17s %17s %9s %9s\n", "", "mean AUC of runs", "F1", "false", "missed");
  for (std::size_t s = 0; s < by_seed.size(); ++s) {
    Runs auc;
    Runs f1;
    Runs false_alarms;
    Runs missed;
    for (const Tally& tally : by_seed[s]) {
      auc.add(tally.auc_sum / tally.runs);
      f1.add(tally.f1());
      false_alarms.add(1.0 - tally.answers.recall(0));
      missed.add(1.0 - tally.answers.recall(1));
    }
    std::printf("  %-16s %8.4f +- %.4f %8.4f +- %.4f %7.1f %% %7.1f %%\n", name_of(s), auc.mean(),
                auc.spread(), f1.mean(), f1.spread(), 100.0 * false_alarms.mean(),
                100.0 * missed.mean());
    json[name_of(s)] = {{"roc_auc", auc.json()},
                        {"f1", f1.json()},
                        {"false_alarm_rate", false_alarms.json()},
                        {"missed_rate", missed.json()}};
  }
  return json;
}

Result<ordered_json> bench_skab(const std::string& data) {
  const Scratch scratch;
  const auto runs = part_runs(data, scratch);
  std::array<std::vector<Tally>, scorers + 1> by_seed;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    Tallies tallies;
    for (const auto& run : runs)
      if (const Status added = add_run(run, seed, tallies); !added) return added.error();
    for (std::size_t s = 0; s < tallies.size(); ++s) by_seed[s].push_back(tallies[s]);
  }
  std::printf("skab, %zu runs (an alarm at every row has F1 0.698)\n", runs.size());
  return print_tallies(by_seed);
}

/// Every row's score by every scorer, and whether the model called it abnormal, as last entry.
using ScoredFiles = std::array<std::vector<NabFile>, scorers + 1>;

/// Judges each row of a file while learning it; the truth is read for the benchmark's score alone.
Status score_file(const std::string& path, std::uint64_t seed, ScoredFiles& scored) {
  LearnRequest request = request_for(path, seed);
  request.reading.columns = {"value"};
  Result<agent::TablePlan> plan = agent::plan_table(path, request.model.task, "", request.reading);
  if (!plan) return plan.error();
  Result<agent::TableRows> rows = agent::TableRows::open(path, *plan, std::nullopt);
  if (!rows) return rows.error();
  Result<learner::OnlineModel> model = agent::create_learner(request, *plan, rows->names());
  if (!model) return model.error();
  const Result<std::size_t> truth = rows->reader().header().find(path, "in_anomaly_window");
  if (!truth) return truth.error();
  for (std::vector<NabFile>& files : scored) files.emplace_back();
  std::vector<float> features(rows->names().size());
  learner::Target target;
  while (true) {
    const Result<bool> more = rows->next(features, target);
    if (!more) return more.error();
    if (!*more) return {};
    const learner::Prediction answer = model->observe(features, {});
    const std::uint8_t in_window = rows->reader().cell(*truth) == "1" ? 1 : 0;
    for (std::size_t s = 0; s < scored.size(); ++s) {
      scored[s].back().in_window.push_back(in_window);
      scored[s].back().scores.push_back(s < scorers       ? answer.scores.values[s]
                                        : answer.abnormal ? 1.0F
                                                          : 0.0F);
    }
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

Result<ordered_json> bench_nab(const std::string& data) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(data + "/nab"))
    if (entry.path().extension() == ".csv") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::array<Runs, scorers + 1> scores;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    ScoredFiles scored;
    for (const std::string& path : paths)
      if (const Status done = score_file(path, seed, scored); !done) return done.error();
    for (std::size_t s = 0; s < scorers; ++s) scores[s].add(best_nab_score(scored[s]));
    scores[scorers].add(nab_score(scored[scorers], 0.5F, refractory_rows));
  }
  std::printf("nab, %zu files, alarms %zu rows apart, one threshold: the best for these files\n",
              paths.size(), refractory_rows);
  ordered_json json;
  for (std::size_t s = 0; s < scores.size(); ++s) {
    const char* name = s < scorers ? name_of(s) : "decisions as given";
    std::printf("  %-34s %8.1f +- %.1f\n", name, scores[s].mean(), scores[s].spread());
    json[name] = scores[s].json();
  }
  return json;
}

}  // namespace

Result<ordered_json> bench_anomalies(const std::string& data) {
  Result<ordered_json> skab = bench_skab(data);
  if (!skab) return skab;
  Result<ordered_json> nab = bench_nab(data);
  if (!nab) return nab;
  return ordered_json{{"skab", *skab}, {"nab", *nab}};
}

}  // namespace haltere::bench
