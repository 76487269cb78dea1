#include "agent/cli/fuse/position_command.hpp"

#include <memory>
#include <string>

#include "agent/cli/commands.hpp"
#include "agent/cli/fuse/options.hpp"
#include "agent/fuse/motion_table.hpp"
#include "agent/fuse/position_run.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;

struct Arguments {
  FuseFiles files;
  std::string position_noise;
  std::string height_noise;
  std::string velocity_noise;
  std::string latency;
  std::string declination;
  std::string tilt_noise;
};

Status read_settings(const Arguments& arguments, fusion::navigation::NavigatorSettings& settings) {
  fusion::navigation::PositionSettings& position = settings.position;
  for (const Status& set :
       {set_quantity(arguments.position_noise, {"--position-noise", Dimension::length, 1e-3, 1e3},
                     position.fix_horizontal_sigma_m),
        set_quantity(arguments.height_noise, {"--height-noise", Dimension::length, 1e-3, 1e3},
                     position.fix_vertical_sigma_m),
        set_quantity(arguments.velocity_noise, {"--velocity-noise", Dimension::none, 1e-3, 100.0},
                     position.velocity_sigma_mps),
        set_quantity(arguments.latency, {"--position-latency", Dimension::time, 0.0, 0.9},
                     position.fix_latency_s),
        set_quantity(arguments.declination, {"--declination", Dimension::angle, -3.1416, 3.1416},
                     settings.declination_rad),
        set_quantity(arguments.tilt_noise, {"--tilt-noise", Dimension::angle, 0.001, 1.6},
                     settings.tilt_sigma_rad)}) {
    if (!set) return set;
  }
  return {};
}

Status fuse(const Arguments& arguments) {
  fusion::navigation::NavigatorSettings settings;
  if (Status read = read_settings(arguments, settings); !read) return read;
  const auto rate_hz = rate_of(arguments.files);
  if (!rate_hz) return rate_hz.error();
  const auto table = read_motion_table(arguments.files.file, *rate_hz);
  if (!table) return table.error();
  const auto receiver = read_receiver(arguments.files.file, *rate_hz);
  if (!receiver) return receiver.error();
  const PositionResult result = run_position(table->recording, *receiver, settings);
  if (Status written = write_text(arguments.files.out, position_csv(result)); !written) {
    return written;
  }
  if (arguments.files.plot.empty()) return {};
  return write_text(arguments.files.plot, position_svg(result));
}

}  // namespace

void add_fuse_position(Command fuse_command, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = fuse_command.add_subcommand(
      "position", "Position and velocity from a satellite receiver and an inertial sensor");
  add_fuse_files(command, arguments->files,
                 "time t, axes gx gy gz, ax ay az, mx my mz, then lat lon height or east north up, "
                 "and velocity ve vn vu in m/s");
  command.add_option("--position-noise", arguments->position_noise,
                     "Standard deviation of a fix's east and north; by default 2.1m");
  command.add_option("--height-noise", arguments->height_noise,
                     "Likewise of its height; by default 3.5m");
  command.add_option("--velocity-noise", arguments->velocity_noise,
                     "Likewise of each axis of a velocity, m/s; by default 0.1");
  command.add_option("--position-latency", arguments->latency,
                     "Its stamp less time of the position; by default 100ms");
  command.add_option("--declination", arguments->declination,
                     "Magnetic north is this far east of true north; by default 0deg");
  command.add_option("--tilt-noise", arguments->tilt_noise,
                     "Standard deviation of the tilt by gravity; by default 0.6deg; more where "
                     "accelerations last, as 10deg in a vehicle that turns");
  command.callback([arguments, &exit_code] {
    const Status done = fuse(*arguments);
    exit_code = done ? exit_done : fail_with(done.error());
  });
}

}  // namespace haltere::agent
