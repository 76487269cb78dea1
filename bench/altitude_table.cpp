#include "bench/altitude_table.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/orientation_run.hpp"
#include "fusion/navigation/altitude.hpp"
#include "tests/fusion/navigation_truth.hpp"

namespace haltere::bench {
namespace {

using fusion::MadeUpPressure;
using fusion::PositionTruth;
using fusion::navigation::Altitude;
using fusion::navigation::AltitudeOutput;
using nlohmann::ordered_json;

constexpr double rate_window_s = 1.0;

struct Trial {
  std::string name;
  PositionTruth truth;
  std::vector<double> up_mps2;  ///< of the orientation filter, at each of the truth's times
  std::vector<MadeUpPressure> barometer;
};

/// A filter's answer at a time.
struct Answer {
  double height_m = 0.0;
  double speed_mps = 0.0;
};

struct Squares {
  double height = 0.0;
  double drifted = 0.0;  ///< against the true height and the barometer's drift
  double speed = 0.0;
  double count = 0.0;
};

// Ours.
struct Kalman {
  Altitude filter{};
  void acceleration(sensors::TimeNs time_ns, double up) { filter.acceleration(time_ns, up); }
  void pressure(const MadeUpPressure& p) { filter.pressure(p.time_ns, p.pressure_pa); }
  [[nodiscard]] Answer answer() const {
    const AltitudeOutput out = filter.output();
    return {out.height_m, out.speed_mps};
  }
};

// The newest pressure; speed by a straight line through those of the last `window_s`.
struct BarometerAlone {
  double window_s = rate_window_s;
  std::vector<std::array<double, 2>> newest;  // time, height
  void acceleration(sensors::TimeNs, double) {}
  void pressure(const MadeUpPressure& p) {
    const double time_s = 1e-9 * static_cast<double>(p.time_ns);
    newest.push_back({time_s, fusion::navigation::height_of_pressure(
                                  p.pressure_pa, fusion::navigation::standard_pressure_pa)});
    while (newest.front()[0] < time_s - window_s) newest.erase(newest.begin());
  }
  [[nodiscard]] Answer answer() const {
    if (newest.size() < 3) return {};
    double t = 0.0;
    double h = 0.0;
    for (const auto& point : newest) t += point[0], h += point[1];
    t /= static_cast<double>(newest.size());
    h /= static_cast<double>(newest.size());
    double tt = 0.0;
    double th = 0.0;
    for (const auto& point : newest) {
      tt += (point[0] - t) * (point[0] - t);
      th += (point[0] - t) * (point[1] - h);
    }
    return {newest.back()[1], th / tt};
  }
};

// Third order, as autopilots use: gains 3/T, 3/T^2 and 1/T^3 of the barometer's error.
struct Complementary {
  double time_constant_s = 1.0;
  double height = 0.0;
  double speed = 0.0;
  double bias = 0.0;
  double barometer = 0.0;
  bool started = false;
  void acceleration(sensors::TimeNs, double up) {
    constexpr double dt_s = 0.0035;
    if (!started) return;
    const double error = barometer - height;
    const double k = 1.0 / time_constant_s;
    bias += k * k * k * error * dt_s;
    const double a = up + bias;
    height += (speed + 3.0 * k * error) * dt_s;
    speed += (a + 3.0 * k * k * error) * dt_s;
  }
  void pressure(const MadeUpPressure& p) {
    barometer = fusion::navigation::height_of_pressure(p.pressure_pa,
                                                       fusion::navigation::standard_pressure_pa);
    if (!started) height = barometer;
    started = true;
  }
  [[nodiscard]] Answer answer() const { return {height, speed}; }
};

fusion::navigation::Vec3 vector_of(const fusion::ahrs::Vec3& v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)};
}

std::vector<Trial> read_trials(const std::string& folder) {
  std::vector<Trial> all;
  const auto trials = agent::read_motion_trials(folder);
  if (!trials) return all;
  for (const agent::MotionTrial& trial : trials->trials) {
    const auto recording = agent::read_motion_trial(*trials, trial);
    const auto truth = fusion::read_position_truth(folder, trial.id, trials->rate_hz);
    if (!recording || !truth) continue;
    Trial& made = all.emplace_back();
    made.name = trial.name;
    made.truth = *truth;
    made.barometer = fusion::made_up_barometer(*truth, all.size());
    for (const auto& row : agent::run_orientation(*recording, {}).rows) {
      made.up_mps2.push_back(fusion::navigation::upward(vector_of(row.gravity_mps2),
                                                        vector_of(row.linear_acceleration_mps2)));
    }
  }
  return all;
}

template <typename Filter>
Squares run(const Trial& trial, Filter filter) {
  Squares sum;
  std::size_t next = 0;
  double drift_m = 0.0;
  for (std::size_t i = 0; i < trial.truth.time_ns.size(); ++i) {
    const sensors::TimeNs now = trial.truth.time_ns[i];
    filter.acceleration(now, trial.up_mps2[i]);
    for (; next < trial.barometer.size() && trial.barometer[next].time_ns <= now; ++next) {
      filter.pressure(trial.barometer[next]);
      drift_m = trial.barometer[next].drift_m;
    }
    if (!trial.truth.scored[i]) continue;
    const Answer answer = filter.answer();
    const double height = answer.height_m - trial.truth.position_m[i][2];
    const double speed = answer.speed_mps - trial.truth.velocity_mps[i][2];
    sum.height += height * height;
    sum.drifted += (height - drift_m) * (height - drift_m);
    sum.speed += speed * speed;
    sum.count += 1.0;
  }
  return sum;
}

// Root mean squares of each recording, their mean over all.
template <typename Filter>
ordered_json mean_of(const std::vector<Trial>& trials, const Filter& filter) {
  double height = 0.0;
  double drifted = 0.0;
  double speed = 0.0;
  const auto count = static_cast<double>(trials.size());
  for (const Trial& trial : trials) {
    const Squares sum = run(trial, filter);
    height += std::sqrt(sum.height / sum.count) / count;
    drifted += std::sqrt(sum.drifted / sum.count) / count;
    speed += std::sqrt(sum.speed / sum.count) / count;
  }
  return {{"height_m", height}, {"height_without_drift_m", drifted}, {"speed_mps", speed}};
}

void print_line(const char* name, const ordered_json& entry) {
  std::printf("  %-30s %7.3f %7.3f %7.3f\n", name, entry["height_m"].get<double>(),
              entry["height_without_drift_m"].get<double>(), entry["speed_mps"].get<double>());
}

// The variant with the least error of speed: in favour of what we are compared with.
template <typename Filter>
ordered_json best_of(const std::vector<Trial>& trials, double Filter::*setting) {
  ordered_json best;
  for (const double value : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0}) {
    Filter filter;
    filter.*setting = value;
    ordered_json entry = mean_of(trials, filter);
    entry["time_s"] = value;
    if (best.is_null() || entry["speed_mps"].get<double>() < best["speed_mps"].get<double>())
      best = entry;
  }
  return best;
}

}  // namespace

ordered_json altitude_table(const std::string& folder) {
  const std::vector<Trial> trials = read_trials(folder);
  ordered_json report;
  if (trials.empty()) return report;
  std::printf("altitude: %zu recordings, made-up barometer; m, m without its drift, m/s\n",
              trials.size());
  for (const Trial& trial : trials) {
    const std::vector<Trial> one{trial};
    const ordered_json entry = mean_of(one, Kalman{});
    report["recordings"][trial.name] = entry;
    print_line(trial.name.c_str(), entry);
  }
  report["ours"] = mean_of(trials, Kalman{});
  report["barometer_alone"] = best_of(trials, &BarometerAlone::window_s);
  report["complementary"] = best_of(trials, &Complementary::time_constant_s);
  for (const char* name : {"ours", "barometer_alone", "complementary"}) {
    print_line(name, report[name]);
  }
  return report;
}

}  // namespace haltere::bench
