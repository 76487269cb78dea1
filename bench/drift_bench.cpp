// Drift detectors on the prequential error of our own online model, on synthetic streams: false
// alarms per 100,000 stationary rows, delay and misses after abrupt and gradual changes, ns per
// value. Every detector has its paper's constants. `--json FILE` writes the same figures.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/options.hpp"
#include "bench/streams_synthetic.hpp"
#include "config/json.hpp"
#include "learner/drift_detector.hpp"
#include "learner/online_model.hpp"

namespace haltere::bench {
namespace {

using learner::DriftDirection;
using learner::DriftKind;
using learner::DriftLevel;
using nlohmann::ordered_json;

constexpr std::array detectors{DriftKind::adwin, DriftKind::page_hinkley, DriftKind::kswin,
                               DriftKind::ddm};
constexpr std::size_t settling_rows = 10'000;  ///< the model learns; detectors see, none counted
constexpr std::size_t stationary_rows = 100'000;
constexpr std::size_t concept_rows = 5'000;
constexpr std::size_t gradual_rows = 1'000;  ///< over which the new concept's share grows to 1
constexpr std::size_t drifts_per_run = 10;
constexpr std::uint64_t seeds = 3;

/// Rows whose answers' errors a detector sees.
class Student {
 public:
  Student(StreamKind kind, std::uint64_t seed)
      : stream_(kind, seed), row_(stream_.inputs()), model_(make(stream_, seed)) {}

  /// 1 when the next row, of one of the two concepts, was answered wrongly.
  double next(std::size_t from, std::size_t to, double share_of_to) {
    const bool is_new = from != to && stream_.uniform() < share_of_to;
    const auto truth = static_cast<int>(stream_.draw(is_new ? to : from, row_));
    return model_.observe(row_, {truth, 0.0F}).label == truth ? 0.0 : 1.0;
  }

 private:
  static learner::OnlineModel make(const SyntheticStream& stream, std::uint64_t seed) {
    learner::ModelSettings settings;
    for (std::size_t c = 0; c < stream.classes(); ++c) settings.labels.push_back(std::to_string(c));
    settings.learn.seed = seed;
    return learner::OnlineModel::create(settings, stream.inputs()).value();
  }

  SyntheticStream stream_;
  std::vector<float> row_;
  learner::OnlineModel model_;
};

/// Errors of one run: `settling_rows` before what counts.
std::vector<double> stationary_errors(StreamKind kind, std::uint64_t seed) {
  Student student(kind, seed);
  std::vector<double> errors;
  for (std::size_t i = 0; i < settling_rows + stationary_rows; ++i)
    errors.push_back(student.next(0, 0, 0.0));
  return errors;
}

/// After settling, `drifts_per_run` changes `concept_rows` apart, the first at settling_rows.
std::vector<double> drifting_errors(StreamKind kind, std::uint64_t seed, bool gradual) {
  Student student(kind, seed);
  std::vector<double> errors;
  for (std::size_t i = 0; i < settling_rows; ++i) errors.push_back(student.next(0, 0, 0.0));
  for (std::size_t change = 0; change < drifts_per_run; ++change) {
    for (std::size_t i = 0; i < concept_rows; ++i) {
      const double share =
          gradual ? static_cast<double>(i) / static_cast<double>(gradual_rows) : 1.0;
      errors.push_back(student.next(change % 4, (change + 1) % 4, share));
    }
  }
  return errors;
}

struct Found {
  std::size_t false_alarms = 0;  ///< on stationary rows, of all seeds
  std::size_t changes = 0;
  std::size_t missed = 0;
  std::size_t extra = 0;  ///< alarms after a change beyond its first
  double delay_sum = 0.0;

  [[nodiscard]] double delay() const {
    return changes > missed ? delay_sum / static_cast<double>(changes - missed) : 0.0;
  }
};

void count_false_alarms(DriftKind kind, const std::vector<double>& errors, Found& found) {
  learner::DriftDetector detector(kind, DriftDirection::rise);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const bool alarm = detector.update(errors[i]) == DriftLevel::drift;
    if (alarm && i >= settling_rows) ++found.false_alarms;
  }
}

void count_delays(DriftKind kind, const std::vector<double>& errors, Found& found) {
  learner::DriftDetector detector(kind, DriftDirection::rise);
  bool awaited = false;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const std::size_t since = i < settling_rows ? i : (i - settling_rows) % concept_rows;
    if (i >= settling_rows && since == 0) {
      found.missed += awaited ? 1U : 0U;
      awaited = true;
      ++found.changes;
    }
    if (detector.update(errors[i]) != DriftLevel::drift || i < settling_rows) continue;
    if (awaited) found.delay_sum += static_cast<double>(since + 1);
    if (!awaited) ++found.extra;
    awaited = false;
  }
  found.missed += awaited ? 1U : 0U;
}

double nanoseconds_per_value(DriftKind kind, const std::vector<double>& errors) {
  learner::DriftDetector detector(kind, DriftDirection::rise);
  const auto start = std::chrono::steady_clock::now();
  for (const double error : errors) detector.update(error);
  const auto took = std::chrono::steady_clock::now() - start;
  return std::chrono::duration<double, std::nano>(took).count() /
         static_cast<double>(errors.size());
}

std::array<Found, detectors.size()> measure(StreamKind kind, bool gradual) {
  std::array<Found, detectors.size()> found{};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::vector<double> errors = drifting_errors(kind, seed, gradual);
    for (std::size_t d = 0; d < detectors.size(); ++d) count_delays(detectors[d], errors, found[d]);
  }
  return found;
}

ordered_json bench_stream(StreamKind kind, std::array<double, detectors.size()>& ns) {
  std::array<Found, detectors.size()> calm{};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::vector<double> errors = stationary_errors(kind, seed);
    for (std::size_t d = 0; d < detectors.size(); ++d) {
      count_false_alarms(detectors[d], errors, calm[d]);
      ns[d] = nanoseconds_per_value(detectors[d], errors);
    }
  }
  const auto abrupt = measure(kind, false);
  const auto gradual = measure(kind, true);
  ordered_json json;
  std::printf("%s\n", std::string(to_string(kind)).c_str());
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    const std::string name(learner::to_string(detectors[d]));
    const double rate = static_cast<double>(calm[d].false_alarms) / static_cast<double>(seeds);
    std::printf("  %-13s %9.1f %10.0f %5zu/%zu %6zu %10.0f %5zu/%zu %6zu\n", name.c_str(), rate,
                abrupt[d].delay(), abrupt[d].missed, abrupt[d].changes, abrupt[d].extra,
                gradual[d].delay(), gradual[d].missed, gradual[d].changes, gradual[d].extra);
    const auto part = [](const Found& found) {
      return ordered_json{{"delay_rows", found.delay()},
                          {"missed", found.missed},
                          {"changes", found.changes},
                          {"extra", found.extra}};
    };
    json[name] = {{"false_alarms_per_100k", rate},
                  {"abrupt", part(abrupt[d])},
                  {"gradual", part(gradual[d])}};
  }
  return json;
}

int run(const std::string& json_file) {
  ordered_json json{{"seeds", seeds},
                    {"stationary_rows", stationary_rows},
                    {"gradual_rows", gradual_rows},
                    {"drifts_per_run", drifts_per_run}};
  std::array<double, detectors.size()> ns{};
  std::printf("%-15s %9s %27s %27s\n", "", "false /", "abrupt: delay, missed, extra",
              "gradual: the same");
  std::printf("%-15s %9s\n", "", "100k rows");
  for (const StreamKind kind : all_streams)
    json["streams"][std::string(to_string(kind))] = bench_stream(kind, ns);
  std::printf("ns per value\n");
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    const std::string name(learner::to_string(detectors[d]));
    std::printf("  %-13s %9.0f\n", name.c_str(), ns[d]);
    json["ns_per_value"][name] = ns[d];
  }
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  return haltere::bench::run(options.json());
}
