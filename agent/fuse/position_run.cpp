#include "agent/fuse/position_run.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "agent/fuse/time_plot.hpp"

namespace haltere::agent {
namespace {

using fusion::navigation::Navigator;
using fusion::navigation::PositionOutput;
using fusion::navigation::Vec3;

Vec3 wide(const fusion::ahrs::Vec3& v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)};
}

// Samples of one sensor, in the order of their times.
template <typename Sample, typename Take>
void hand_over(const std::vector<Sample>& samples, std::size_t& next, std::int64_t until_ns,
               Take take) {
  for (; next < samples.size() && samples[next].time_ns < until_ns; ++next) take(samples[next]);
}

void append(std::string& text, const Vec3& v) {
  std::array<char, 96> cell{};
  for (const double value : v.axes) {
    std::snprintf(cell.data(), cell.size(), ",%.4f", value);
    text += cell.data();
  }
}

}  // namespace

PositionResult run_position(const fusion::MotionRecording& recording,
                            const ReceiverRecording& receiver,
                            const fusion::navigation::NavigatorSettings& settings) {
  Navigator navigator(settings);
  PositionResult result;
  const auto& gyro = recording.gyroscope;
  const auto& accelerometer = recording.accelerometer;
  std::size_t a = 0;
  std::size_t m = 0;
  std::size_t f = 0;
  std::size_t v = 0;
  for (std::size_t i = 0; i < gyro.size(); ++i) {
    // The accelerometer's newest sample stands for that of the gyroscope's time.
    while (a + 1 < accelerometer.size() && accelerometer[a + 1].time_ns <= gyro[i].time_ns) ++a;
    if (accelerometer.empty()) break;
    const std::int64_t until_ns = i + 1 < gyro.size() ? gyro[i + 1].time_ns : INT64_MAX;
    navigator.inertial(gyro[i].time_ns, wide(accelerometer[a].value), wide(gyro[i].value));
    hand_over(recording.magnetometer, m, until_ns,
              [&](const auto& s) { navigator.magnetometer(s.time_ns, wide(s.value)); });
    hand_over(receiver.velocities, v, until_ns,
              [&](const auto& s) { navigator.velocity(s.time_ns, s.value); });
    hand_over(receiver.fixes, f, until_ns,
              [&](const auto& s) { navigator.fix(s.time_ns, s.value); });
    result.time_ns.push_back(gyro[i].time_ns);
    result.rows.push_back(navigator.output());
  }
  result.counts = navigator.counts();
  return result;
}

std::string position_csv(const PositionResult& result) {
  std::string text =
      "t:s,east:m,north:m,up:m,ve,vn,vu,east_sd:m,north_sd:m,up_sd:m,ve_sd,vn_sd,vu_sd,"
      "heading_sd:rad,aligned,fix_rejected,outage,qw,qx,qy,qz\n";
  std::array<char, 160> cells{};
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const PositionOutput& row = result.rows[i];
    std::snprintf(cells.data(), cells.size(), "%.6f",
                  1e-9 * static_cast<double>(result.time_ns[i]));
    text += cells.data();
    append(text, row.position_m);
    append(text, row.velocity_mps);
    append(text, row.position_sigma_m);
    append(text, row.velocity_sigma_mps);
    const auto& q = row.orientation;
    const double sign = q.w < 0.0 ? -1.0 : 1.0;
    std::snprintf(cells.data(), cells.size(), ",%.5f,%d,%d,%d,%.7f,%.7f,%.7f,%.7f\n",
                  row.heading_sigma_rad, row.aligned ? 1 : 0, row.fix_rejected ? 1 : 0,
                  row.outage ? 1 : 0, sign * q.w, sign * q.x, sign * q.y, sign * q.z);
    text += cells.data();
  }
  return text;
}

std::string position_svg(const PositionResult& result) {
  TimePlot plot{.title = "Position", .time_ns = result.time_ns, .panels = {}};
  constexpr std::array<const char*, 3> titles{"east, m", "north, m", "up, m"};
  constexpr std::array<const char*, 3> colours{"#0969da", "#1a7f37", "#8250df"};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    TimePanel& panel = plot.panels.emplace_back();
    panel.title = titles[axis];
    panel.colour = colours[axis];
    for (const PositionOutput& row : result.rows) {
      panel.values.push_back(row.has_fix ? row.position_m[axis] : std::nan(""));
    }
  }
  TimePanel& speed = plot.panels.emplace_back();
  speed.title = "speed, m/s";
  speed.colour = "#bc4c00";
  for (const PositionOutput& row : result.rows) {
    speed.values.push_back(row.aligned ? length(row.velocity_mps) : std::nan(""));
  }
  return time_svg(plot);
}

}  // namespace haltere::agent
