#include "agent/cli/fuse/altitude_command.hpp"

#include <memory>
#include <string>

#include "agent/cli/commands.hpp"
#include "agent/cli/fuse/options.hpp"
#include "agent/fuse/altitude_run.hpp"
#include "agent/fuse/motion_table.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;

struct Arguments {
  FuseFiles files;
  std::string sea_level;
  std::string pressure_noise;
  std::string pressure_latency;
  std::string acceleration_noise;
};

Status read_settings(const Arguments& arguments, fusion::navigation::AltitudeSettings& settings) {
  settings.from_start = arguments.sea_level == "start";
  const std::string sea_level = settings.from_start ? "" : arguments.sea_level;
  for (const Status& set :
       {set_quantity(sea_level, {"--sea-level-pressure", Dimension::pressure, 50e3, 120e3},
                     settings.sea_level_pa),
        set_quantity(arguments.pressure_noise, {"--pressure-noise", Dimension::pressure, 0.01, 1e3},
                     settings.pressure_sigma_pa),
        set_quantity(arguments.pressure_latency, {"--pressure-latency", Dimension::time, 0.0, 0.5},
                     settings.pressure_latency_s),
        set_quantity(arguments.acceleration_noise,
                     {"--acceleration-noise", Dimension::acceleration, 1e-4, 10.0},
                     settings.acceleration_sigma_mps2)}) {
    if (!set) return set;
  }
  return {};
}

Status fuse(const Arguments& arguments) {
  fusion::navigation::AltitudeSettings settings;
  if (Status read = read_settings(arguments, settings); !read) return read;
  const auto rate_hz = rate_of(arguments.files);
  if (!rate_hz) return rate_hz.error();
  const auto table = read_motion_table(arguments.files.file, *rate_hz);
  if (!table) return table.error();
  const auto pressures = read_pressures(arguments.files.file, *rate_hz);
  if (!pressures) return pressures.error();
  const AltitudeResult result = run_altitude(table->recording, *pressures, settings);
  if (Status written = write_text(arguments.files.out, altitude_csv(result)); !written) {
    return written;
  }
  if (arguments.files.plot.empty()) return {};
  return write_text(arguments.files.plot, altitude_svg(result));
}

}  // namespace

void add_fuse_altitude(Command fuse_command, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = fuse_command.add_subcommand(
      "altitude", "Height and vertical speed from barometer, gyroscope and accelerometer");
  add_fuse_files(command, arguments->files,
                 "time t, axes gx gy gz, ax ay az, and pressure, with units");
  command.add_option("--sea-level-pressure", arguments->sea_level,
                     "Where height is 0, as 1013.25hPa, which is the default; start: where the "
                     "first pressure was measured");
  command.add_option("--pressure-noise", arguments->pressure_noise,
                     "Standard deviation of a pressure; by default 1.3Pa");
  command.add_option("--pressure-latency", arguments->pressure_latency,
                     "Its stamp less time of the height; by default 20ms");
  command.add_option("--acceleration-noise", arguments->acceleration_noise,
                     "Standard deviation of its mean over a second; by default 0.05m/s2");
  command.callback([arguments, &exit_code] {
    const Status done = fuse(*arguments);
    exit_code = done ? exit_done : fail_with(done.error());
  });
}

}  // namespace haltere::agent
