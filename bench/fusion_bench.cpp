// Orientation filters on the recordings with optical truth in $HALTERE_DATA/orientation (default
// ../shared/data): error in degrees, mean over the recordings, and time of one update of all
// sensors, the orientation read after each. All filters are compiled alike and timed in turns in
// one run. `--json FILE` writes the same figures, and beside it FILE.svg: our error over time in
// the recording where it is largest.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/orientation_run.hpp"
#include "bench/altitude_table.hpp"
#include "bench/error_plot.hpp"
#include "bench/options.hpp"
#include "bench/position_table.hpp"
#include "config/json.hpp"
#include "fusion/known/complementary.hpp"
#include "fusion/known/madgwick.hpp"
#include "fusion/known/mahony.hpp"
#include "tests/environment.hpp"
#include "tests/fusion/orientation_truth.hpp"

namespace haltere::bench {
namespace {

using agent::OrientationMethod;
using fusion::MotionRecording;
using fusion::OrientationScore;
using fusion::OrientationTruth;
using fusion::ahrs::Quat;
using nlohmann::ordered_json;

struct Trial {
  std::string id;
  std::string name;
  MotionRecording recording;
  OrientationTruth truth;
};

struct Case {
  const char* name;
  OrientationMethod method;
  bool without_magnetometer;
};

constexpr Case cases[] = {
    {"ours", OrientationMethod::ours, false},
    {"ours_offline", OrientationMethod::offline, false},
    {"ours_6d", OrientationMethod::ours, true},
    {"ours_6d_offline", OrientationMethod::offline, true},
    {"madgwick", OrientationMethod::madgwick, false},
    {"mahony", OrientationMethod::mahony, false},
    {"complementary", OrientationMethod::complementary, false},
};

std::vector<Trial> read_trials(const std::string& folder) {
  std::vector<Trial> all;
  const auto trials = agent::read_motion_trials(folder);
  if (!trials) return all;
  for (const agent::MotionTrial& trial : trials->trials) {
    auto recording = agent::read_motion_trial(*trials, trial);
    auto truth = fusion::read_truth(folder, trial.id);
    if (recording && truth) all.push_back({trial.id, trial.name, *recording, *truth});
  }
  return all;
}

std::vector<Quat> estimate(const Trial& trial, const Case& which) {
  const agent::OrientationRequest request{
      .method = which.method, .without_magnetometer = which.without_magnetometer, .settings = {}};
  std::vector<Quat> rows;
  for (const auto& row : agent::run_orientation(trial.recording, request).rows) {
    rows.push_back(row.orientation);
  }
  return rows;
}

// One update of everything for row `i`; the recordings have all sensors in step.
struct Ours {
  fusion::ahrs::Ahrs filter;
  bool with_magnetometer = true;
  Quat operator()(const MotionRecording& r, std::size_t i) {
    filter.gyroscope(r.gyroscope[i].time_ns, r.gyroscope[i].value);
    filter.accelerometer(r.accelerometer[i].time_ns, r.accelerometer[i].value);
    if (with_magnetometer) filter.magnetometer(r.magnetometer[i].time_ns, r.magnetometer[i].value);
    return filter.orientation();
  }
};
struct OursWithoutMagnetometer : Ours {
  OursWithoutMagnetometer() { with_magnetometer = false; }
};
template <typename Filter>
struct Known {
  Filter filter;
  Quat operator()(const MotionRecording& r, std::size_t i) {
    filter.update(r.gyroscope[i].value, r.accelerometer[i].value, r.magnetometer[i].value, 0.0035F);
    return filter.q;
  }
};

// Of the processor, so that other work on the machine counts for little.
double thread_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

template <typename Update>
double time_ns(const std::vector<Trial>& trials) {
  double nanoseconds = 0.0;
  double updates = 0.0;
  float sink = 0.0F;
  for (const Trial& trial : trials) {
    Update update;
    const double start = thread_time_ns();
    const std::size_t rows = trial.recording.gyroscope.size();
    for (std::size_t i = 0; i < rows; ++i) sink += update(trial.recording, i).w;
    nanoseconds += thread_time_ns() - start;
    updates += static_cast<double>(rows);
  }
  if (std::isnan(sink)) std::printf("an estimate is not a number\n");
  return nanoseconds / updates;
}

// Best of several turns, each filter once in each: whatever else the machine does strikes all.
std::map<std::string_view, double> time_all(const std::vector<Trial>& trials) {
  constexpr int turns = 7;
  std::map<std::string_view, double> best;
  const auto keep = [&](std::string_view name, double nanoseconds) {
    const auto [entry, added] = best.try_emplace(name, nanoseconds);
    if (!added) entry->second = std::min(entry->second, nanoseconds);
  };
  for (int turn = 0; turn < turns; ++turn) {
    keep("ours", time_ns<Ours>(trials));
    keep("ours_6d", time_ns<OursWithoutMagnetometer>(trials));
    keep("madgwick", time_ns<Known<fusion::known::Madgwick>>(trials));
    keep("mahony", time_ns<Known<fusion::known::Mahony>>(trials));
    keep("complementary", time_ns<Known<fusion::known::Complementary>>(trials));
  }
  return best;
}

struct Worst {
  const Trial* trial = nullptr;
  double total_deg = 0.0;
  std::vector<Quat> estimates;
};

OrientationScore mean_score(const std::vector<Trial>& trials, const Case& which, Worst* worst) {
  OrientationScore mean;
  const auto count = static_cast<double>(trials.size());
  for (const Trial& trial : trials) {
    const std::vector<Quat> estimates = estimate(trial, which);
    const OrientationScore score = fusion::score(estimates, trial.truth);
    mean.total_deg += score.total_deg / count;
    mean.heading_deg += score.heading_deg / count;
    mean.inclination_deg += score.inclination_deg / count;
    if (worst == nullptr) continue;
    std::printf("  %-44s %7.3f %7.3f %7.3f\n", trial.name.c_str(), score.total_deg,
                score.heading_deg, score.inclination_deg);
    if (score.total_deg > worst->total_deg) *worst = {&trial, score.total_deg, estimates};
  }
  return mean;
}

void print_line(const Case& which, const OrientationScore& score, const ordered_json& entry) {
  std::printf("  %-16s", which.name);
  if (which.without_magnetometer) {
    std::printf("       -       - %7.3f", score.inclination_deg);
  } else {
    std::printf(" %7.3f %7.3f %7.3f", score.total_deg, score.heading_deg, score.inclination_deg);
  }
  if (entry.contains("ns_per_update")) {
    std::printf(" %8.1f ns %6.2f x madgwick", entry["ns_per_update"].get<double>(),
                entry["times_madgwick"].get<double>());
  }
  std::printf("\n");
}

std::vector<ErrorPoint> error_of(const Worst& worst) {
  std::vector<ErrorPoint> points;
  for (std::size_t i = 0; i < worst.estimates.size(); ++i) {
    const Quat& truth = worst.trial->truth.orientation[i];
    if (std::isnan(truth.w)) continue;
    const double time_s = 1e-9 * static_cast<double>(worst.trial->recording.gyroscope[i].time_ns);
    points.push_back(
        {time_s, fusion::total_error_deg(worst.estimates[i], truth), worst.trial->truth.moving[i]});
  }
  return points;
}

int run(const std::string& json_path) {
  const std::string folder = recordings_folder() / "orientation";
  const std::vector<Trial> trials = read_trials(folder);
  if (trials.empty()) {
    std::printf("SKIPPED: no recordings in %s; set HALTERE_DATA\n", folder.c_str());
    return 0;
  }
  std::printf("orientation: %zu recordings; deg: total, heading, inclination\n", trials.size());
  const auto times = time_all(trials);
  ordered_json report;
  Worst worst;
  for (const Case& which : cases) {
    const bool first = std::string_view(which.name) == "ours";
    const OrientationScore score = mean_score(trials, which, first ? &worst : nullptr);
    ordered_json& entry = report["orientation"][which.name];
    if (!which.without_magnetometer) {
      entry["total_deg"] = score.total_deg;
      entry["heading_deg"] = score.heading_deg;
    }
    entry["inclination_deg"] = score.inclination_deg;
    if (const auto timed = times.find(which.name); timed != times.end()) {
      entry["ns_per_update"] = timed->second;
      entry["times_madgwick"] = timed->second / times.at("madgwick");
    }
    print_line(which, score, entry);
  }
  report["altitude"] = altitude_table(folder);
  report["position"] = position_table(folder);
  if (json_path.empty()) return 0;
  std::ofstream(json_path) << report.dump(2) << "\n";
  const std::string title =
      "Error of our causal filter in the worst recording, " + worst.trial->name;
  std::ofstream(json_path + ".svg") << error_svg(title, error_of(worst));
  std::printf("  drawn: %s.svg\n", json_path.c_str());
  return 0;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  return haltere::bench::run(options.json());
}
