#include "bench/position_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/position_run.hpp"
#include "tests/fusion/navigation_truth.hpp"

namespace haltere::bench {
namespace {

using agent::PositionResult;
using agent::ReceiverRecording;
using fusion::PositionTruth;
using fusion::navigation::PositionOutput;
using fusion::navigation::Vec3;
using nlohmann::ordered_json;
using sensors::TimeNs;

struct Trial {
  std::string name;
  fusion::MotionRecording recording;
  PositionTruth truth;
};

/// A receiver, and what it is called.
struct Case {
  const char* name;
  fusion::MadeUpReceiver receiver;
};

const std::array cases{
    Case{"rtk_5hz", {.rate_hz = 5.0, .horizontal_sigma_m = 0.014, .vertical_sigma_m = 0.02}},
    Case{"single_5hz", {.rate_hz = 5.0, .horizontal_sigma_m = 2.1, .vertical_sigma_m = 3.5}},
    Case{"single_1hz", {.rate_hz = 1.0, .horizontal_sigma_m = 2.1, .vertical_sigma_m = 3.5}},
};
constexpr std::array<double, 4> outages_s{1.0, 2.0, 5.0, 10.0};
constexpr TimeNs s = 1'000'000'000;
constexpr TimeNs first_outage_ns = 45 * s;  // the receiver has then been seen in motion
constexpr TimeNs outage_every_ns = 20 * s;

std::vector<Trial> read_trials(const std::string& folder) {
  std::vector<Trial> all;
  const auto trials = agent::read_motion_trials(folder);
  if (!trials) return all;
  for (const agent::MotionTrial& trial : trials->trials) {
    const auto recording = agent::read_motion_trial(*trials, trial);
    const auto truth = fusion::read_position_truth(folder, trial.id, trials->rate_hz);
    if (recording && truth) all.push_back({trial.name, *recording, *truth});
  }
  return all;
}

fusion::navigation::NavigatorSettings settings_of(const Case& which) {
  fusion::navigation::NavigatorSettings settings;
  settings.position.fix_horizontal_sigma_m = which.receiver.horizontal_sigma_m;
  settings.position.fix_vertical_sigma_m = which.receiver.vertical_sigma_m;
  settings.position.velocity_sigma_mps = which.receiver.velocity_sigma_mps;
  settings.position.fix_latency_s = which.receiver.latency_s;
  return settings;
}

ReceiverRecording receive(const Trial& trial, const Case& which, std::uint64_t seed) {
  ReceiverRecording received;
  for (const auto& sample : fusion::made_up_receiver(trial.truth, which.receiver, seed)) {
    received.fixes.push_back({sample.time_ns, sample.position_m});
    received.velocities.push_back({sample.time_ns, sample.velocity_mps});
  }
  return received;
}

bool in_outage(TimeNs time_ns, double outage_s) {
  if (time_ns < first_outage_ns) return false;
  return static_cast<double>((time_ns - first_outage_ns) % outage_every_ns) < 1e9 * outage_s;
}

ReceiverRecording with_outages(const ReceiverRecording& whole, double outage_s) {
  ReceiverRecording left;
  const auto there = [&](const agent::ReceiverSample& sample) {
    return !in_outage(sample.time_ns, outage_s);
  };
  std::ranges::copy_if(whole.fixes, std::back_inserter(left.fixes), there);
  std::ranges::copy_if(whole.velocities, std::back_inserter(left.velocities), there);
  return left;
}

double square(double v) { return v * v; }

/// Mean squares and how many.
struct Squares {
  double sum = 0.0;
  double count = 0.0;
  void add(const Vec3& error) {
    sum += dot(error, error);
    count += 1.0;
  }
  [[nodiscard]] double root() const { return count > 0.0 ? std::sqrt(sum / count) : 0.0; }
};

struct Errors {
  Squares position;
  Squares velocity;
  Squares receiver;       ///< its newest fix alone
  double expected = 0.0;  ///< the square of the position's error, by its standard deviations
};

Errors errors_of(const Trial& trial, const PositionResult& result,
                 const ReceiverRecording& received) {
  Errors errors;
  std::size_t next = 0;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    while (next < received.fixes.size() && received.fixes[next].time_ns <= result.time_ns[i])
      ++next;
    if (!trial.truth.scored[i] || next == 0) continue;
    const PositionOutput& row = result.rows[i];
    errors.position.add(row.position_m - trial.truth.position_m[i]);
    errors.velocity.add(row.velocity_mps - trial.truth.velocity_mps[i]);
    errors.receiver.add(received.fixes[next - 1].value - trial.truth.position_m[i]);
    errors.expected += dot(row.position_sigma_m, row.position_sigma_m);
  }
  return errors;
}

// How far the position moved away during outages from where it would have been without: what the
// receiver's own error adds is left out.
double drift_m(const Trial& trial, const PositionResult& whole, const PositionResult& cut,
               double outage_s) {
  Squares drift;
  for (std::size_t i = 1; i < cut.rows.size(); ++i) {
    const TimeNs now = cut.time_ns[i];
    const bool ends = in_outage(cut.time_ns[i - 1], outage_s) && !in_outage(now, outage_s);
    if (ends && trial.truth.scored[i]) {
      drift.add(cut.rows[i].position_m - whole.rows[i].position_m);
    }
  }
  return drift.count > 0.0 ? drift.root() : -1.0;
}

ordered_json measure(const std::vector<Trial>& trials, const Case& which) {
  ordered_json entry{{"position_m", 0.0},
                     {"velocity_mps", 0.0},
                     {"receiver_alone_m", 0.0},
                     {"expected_m", 0.0},
                     {"outage_m", ordered_json::object()}};
  const auto count = static_cast<double>(trials.size());
  const auto add = [&](const char* key, double value) {
    entry[key] = entry[key].get<double>() + value / count;
  };
  std::array<Squares, outages_s.size()> bridged;
  for (std::size_t t = 0; t < trials.size(); ++t) {
    const ReceiverRecording received = receive(trials[t], which, t + 1);
    const auto settings = settings_of(which);
    const PositionResult whole = run_position(trials[t].recording, received, settings);
    const Errors errors = errors_of(trials[t], whole, received);
    add("position_m", errors.position.root());
    add("velocity_mps", errors.velocity.root());
    add("receiver_alone_m", errors.receiver.root());
    add("expected_m", std::sqrt(errors.expected / std::max(errors.position.count, 1.0)));
    for (std::size_t o = 0; o < outages_s.size(); ++o) {
      const PositionResult cut =
          run_position(trials[t].recording, with_outages(received, outages_s[o]), settings);
      const double drift = drift_m(trials[t], whole, cut, outages_s[o]);
      if (drift < 0.0) continue;
      bridged[o].sum += square(drift);
      bridged[o].count += 1.0;
    }
  }
  for (std::size_t o = 0; o < outages_s.size(); ++o) {
    entry["outage_m"][std::to_string(static_cast<int>(outages_s[o])) + "s"] = bridged[o].root();
  }
  return entry;
}

}  // namespace

ordered_json position_table(const std::string& folder) {
  const std::vector<Trial> trials = read_trials(folder);
  ordered_json report;
  if (trials.empty()) return report;
  std::printf(
      "position: %zu recordings, made-up receiver; m, m as it expects, m/s, receiver alone, "
      "then drift after outages of 1, 2, 5, 10 s\n",
      trials.size());
  for (const Case& which : cases) {
    const ordered_json entry = measure(trials, which);
    std::printf("  %-12s %7.3f %7.3f %7.3f %7.3f  |", which.name, entry["position_m"].get<double>(),
                entry["expected_m"].get<double>(), entry["velocity_mps"].get<double>(),
                entry["receiver_alone_m"].get<double>());
    for (const auto& outage : entry["outage_m"]) std::printf(" %7.3f", outage.get<double>());
    std::printf("\n");
    report[which.name] = entry;
  }
  return report;
}

}  // namespace haltere::bench
