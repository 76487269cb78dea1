#include "agent/fuse/altitude_run.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "agent/fuse/time_plot.hpp"
#include "agent/fuse/timed_table.hpp"
#include "fusion/ahrs/ahrs.hpp"

namespace haltere::agent {
namespace {

using fusion::navigation::Altitude;
using fusion::navigation::AltitudeOutput;
using fusion::navigation::Vec3;

Vec3 wide(const fusion::ahrs::Vec3& v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)};
}

void add_new(std::vector<PressureSample>& samples, const PressureSample& sample) {
  const bool held = !samples.empty() && samples.back().pressure_pa == sample.pressure_pa;
  if (!std::isnan(sample.pressure_pa) && !held) samples.push_back(sample);
}

}  // namespace

Result<std::vector<PressureSample>> read_pressures(const std::string& path, double rate_hz) {
  auto table = TimedTable::open(path, rate_hz);
  if (!table) return table.error();
  constexpr std::array<std::string_view, 3> names{"pressure", "p", "barometer"};
  const auto column = table->find(names, config::Dimension::pressure);
  if (!column) return column.error();
  if (!column->found()) return table->wrong("has no column 'pressure'");
  std::vector<PressureSample> samples;
  while (true) {
    const auto more = table->next();
    if (!more) return more.error();
    if (!*more) return samples;
    const auto pressure_pa = table->number(*column);
    if (!pressure_pa) return pressure_pa.error();
    if (table->has_time()) add_new(samples, {table->time_ns(), *pressure_pa});
  }
}

AltitudeResult run_altitude(const fusion::MotionRecording& recording,
                            const std::vector<PressureSample>& pressures,
                            const fusion::navigation::AltitudeSettings& settings) {
  fusion::ahrs::Ahrs orientation;
  Altitude altitude(settings);
  AltitudeResult result;
  const auto& gyro = recording.gyroscope;
  std::size_t next = 0;
  fusion::play(recording, orientation, [&](std::size_t i) {
    const fusion::ahrs::Output pose = orientation.output();
    altitude.acceleration(
        gyro[i].time_ns,
        fusion::navigation::upward(wide(pose.gravity_mps2), wide(pose.linear_acceleration_mps2)));
    const sensors::TimeNs until = i + 1 < gyro.size() ? gyro[i + 1].time_ns : INT64_MAX;
    for (; next < pressures.size() && pressures[next].time_ns < until; ++next) {
      altitude.pressure(pressures[next].time_ns, pressures[next].pressure_pa);
    }
    result.time_ns.push_back(gyro[i].time_ns);
    result.rows.push_back(altitude.output());
  });
  result.counts = altitude.counts();
  return result;
}

std::string altitude_csv(const AltitudeResult& result) {
  std::string text =
      "t:s,height:m,vertical_speed,vertical_acceleration:m/s2,height_sd:m,vertical_speed_sd,"
      "bias:m/s2,bias_sd:m/s2,has_height,pressure_rejected,pressure_missing\n";
  std::array<char, 256> cells{};
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const AltitudeOutput& row = result.rows[i];
    std::snprintf(cells.data(), cells.size(), "%.6f,%.4f,%.4f,%.4f,%.4f,%.4f,%.5f,%.5f,%d,%d,%d\n",
                  1e-9 * static_cast<double>(result.time_ns[i]), row.height_m, row.speed_mps,
                  row.acceleration_mps2, row.height_sigma_m, row.speed_sigma_mps, row.bias_mps2,
                  row.bias_sigma_mps2, row.has_height ? 1 : 0, row.pressure_rejected ? 1 : 0,
                  row.pressure_missing ? 1 : 0);
    text += cells.data();
  }
  return text;
}

std::string altitude_svg(const AltitudeResult& result) {
  TimePlot plot{.title = "Altitude", .time_ns = result.time_ns, .panels = {}};
  TimePanel height{.title = "height, m", .colour = "#0969da", .values = {}};
  TimePanel speed{.title = "vertical speed, m/s", .colour = "#1a7f37", .values = {}};
  for (const AltitudeOutput& row : result.rows) {
    height.values.push_back(row.has_height ? row.height_m : std::nan(""));
    speed.values.push_back(row.has_height ? row.speed_mps : std::nan(""));
  }
  plot.panels = {height, speed};
  return time_svg(plot);
}

}  // namespace haltere::agent
