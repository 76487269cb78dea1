#include "agent/cli/fuse/fuse_command.hpp"

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <span>
#include <string>

#include <spdlog/spdlog.h>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/fuse/align_command.hpp"
#include "agent/cli/fuse/altitude_command.hpp"
#include "agent/cli/fuse/position_command.hpp"
#include "agent/cli/fuse/window_command.hpp"
#include "agent/fuse/motion_table.hpp"
#include "agent/fuse/motion_trials.hpp"
#include "agent/fuse/orientation_plot.hpp"
#include "agent/fuse/orientation_run.hpp"
#include "agent/store/atomic_file.hpp"
#include "config/json.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string file;
  std::string data;
  std::string out;
  std::string plot;
  std::string mode = "9d";
  std::string filter = "ours";
  std::string rate;
  std::string gyroscope_latency;
  std::string accelerometer_latency;
  std::string magnetometer_latency;
  std::string gyroscope_range;
  std::string accelerometer_range;
  std::string magnetometer_range;
  bool offline = false;
  bool json = false;
};

const std::map<std::string, OrientationMethod>& methods() {
  static const std::map<std::string, OrientationMethod> by_name{
      {"ours", OrientationMethod::ours},
      {"madgwick", OrientationMethod::madgwick},
      {"mahony", OrientationMethod::mahony},
      {"complementary", OrientationMethod::complementary}};
  return by_name;
}

Status set_latency(const std::string& text, const char* option, float& latency_s) {
  if (text.empty()) return {};
  const auto read = config::parse_quantity(text, config::Dimension::time);
  if (!read) return Error{read.error().kind, std::string(option) + ": " + read.error().message};
  if (!(*read >= 0.0 && *read <= 0.04)) {
    return Error{ErrorKind::invalid, std::string(option) + ": should be between 0 and 40 ms"};
  }
  latency_s = static_cast<float>(*read);
  return {};
}

Status set_range(const std::string& text, const char* option, config::Dimension dimension,
                 float& range) {
  if (text.empty()) return {};
  const auto read = config::parse_quantity(text, dimension);
  if (!read) return Error{read.error().kind, std::string(option) + ": " + read.error().message};
  if (!(*read > 0.0)) return Error{ErrorKind::invalid, std::string(option) + ": should be above 0"};
  range = static_cast<float>(*read);
  return {};
}

Status set_ranges(const Arguments& arguments, fusion::ahrs::SensorSettings& sensor) {
  using config::Dimension;
  for (Status set : {set_range(arguments.gyroscope_range, "--gyroscope-range",
                               Dimension::angular_rate, sensor.gyroscope_range_radps),
                     set_range(arguments.accelerometer_range, "--accelerometer-range",
                               Dimension::acceleration, sensor.accelerometer_range_mps2),
                     set_range(arguments.magnetometer_range, "--magnetometer-range",
                               Dimension::magnetic_field, sensor.magnetometer_range_ut)}) {
    if (!set) return set;
  }
  return {};
}

Result<OrientationRequest> request_of(const Arguments& arguments) {
  OrientationRequest request;
  request.method = methods().at(arguments.filter);
  request.without_magnetometer = arguments.mode == "6d";
  if (arguments.offline) {
    if (request.method != OrientationMethod::ours) {
      return Error{ErrorKind::invalid, "--offline: only the filter 'ours' can see the future"};
    }
    request.method = OrientationMethod::offline;
  }
  auto& sensor = request.settings.sensor;
  for (const Status& set :
       {set_latency(arguments.gyroscope_latency, "--gyroscope-latency", sensor.gyroscope_latency_s),
        set_latency(arguments.accelerometer_latency, "--accelerometer-latency",
                    sensor.accelerometer_latency_s),
        set_latency(arguments.magnetometer_latency, "--magnetometer-latency",
                    sensor.magnetometer_latency_s)}) {
    if (!set) return set.error();
  }
  if (!arguments.magnetometer_latency.empty()) sensor.magnetometer_latency_sigma_s = 0.0F;
  if (const Status set = set_ranges(arguments, sensor); !set) return set.error();
  return request;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Samples of the gyroscope at which an axis of each sensor was at the end of its range.
ordered_json saturated(const OrientationResult& result) {
  std::size_t gyroscope = 0;
  std::size_t accelerometer = 0;
  std::size_t magnetometer = 0;
  for (const fusion::ahrs::Output& row : result.rows) {
    if (row.saturated.gyroscope != 0) ++gyroscope;
    if (row.saturated.accelerometer != 0) ++accelerometer;
    if (row.saturated.magnetometer != 0) ++magnetometer;
  }
  return {
      {"gyroscope", gyroscope}, {"accelerometer", accelerometer}, {"magnetometer", magnetometer}};
}

ordered_json report_of(const OrientationResult& result) {
  const auto list = [](const fusion::ahrs::Vec3& v) { return ordered_json{v.x, v.y, v.z}; };
  ordered_json report{{"samples", result.rows.size()}, {"refused", result.counts.refused},
                      {"late", result.counts.late},    {"gaps", result.counts.gaps},
                      {"lost", result.counts.lost},    {"saturated", saturated(result)}};
  if (result.rows.empty()) return report;
  const fusion::ahrs::Output& last = result.rows.back();
  report["gyro_bias_radps"] = list(last.gyro_bias_radps);
  report["hard_iron_ut"] = list(last.hard_iron_ut);
  report["magnetometer_latency_s"] = last.magnetometer_latency_s;
  return report;
}

int fail(const Error& error) {
  print_error(error.message);
  return error.kind == ErrorKind::invalid ? exit_usage : exit_failed;
}

int fuse_file(const Arguments& arguments, const OrientationRequest& request) {
  double rate_hz = 0.0;
  if (!arguments.rate.empty()) {
    const auto read = config::parse_quantity(arguments.rate, config::Dimension::frequency);
    if (!read) return fail({read.error().kind, "--rate: " + read.error().message});
    rate_hz = *read;
  }
  const auto table = read_motion_table(arguments.file, rate_hz);
  if (!table) return fail(table.error());
  if (table->out_of_order > 0) {
    spdlog::warn("{}: {} samples stand before an earlier one; passed over", arguments.file,
                 table->out_of_order);
  }
  const OrientationResult result = run_orientation(table->recording, request);
  const std::string csv = orientation_csv(table->recording, result);
  if (arguments.out == "-") {
    std::cout << csv;
  } else if (const Status written = write_file_atomically(arguments.out, bytes_of(csv)); !written) {
    return fail(written.error());
  }
  if (!arguments.plot.empty()) {
    const std::string svg = orientation_svg(table->recording, result);
    const Status written = write_file_atomically(arguments.plot, bytes_of(svg));
    if (!written) return fail(written.error());
  }
  if (arguments.json && arguments.out != "-") std::cout << report_of(result).dump(2) << "\n";
  return exit_done;
}

int fuse_folder(const Arguments& arguments, const OrientationRequest& request) {
  const auto trials = read_motion_trials(arguments.data);
  if (!trials) return fail(trials.error());
  ordered_json report;
  for (const MotionTrial& trial : trials->trials) {
    const auto recording = read_motion_trial(*trials, trial);
    if (!recording) return fail(recording.error());
    const OrientationResult result = run_orientation(*recording, request);
    std::vector<fusion::ahrs::Quat> rows;
    rows.reserve(result.rows.size());
    for (const fusion::ahrs::Output& row : result.rows) rows.push_back(row.orientation);
    const std::filesystem::path path = std::filesystem::path(arguments.out) / (trial.id + ".f32");
    if (const Status written = write_file_atomically(path, to_bytes(rows)); !written) {
      return fail(written.error());
    }
    spdlog::info("{}: {} samples", trial.id, rows.size());
    report[trial.id] = report_of(result);
  }
  if (arguments.json) std::cout << report.dump(2) << "\n";
  return exit_done;
}

int fuse_orientation(const Arguments& arguments) {
  const auto request = request_of(arguments);
  if (!request) return fail(request.error());
  if (arguments.file.empty() == arguments.data.empty()) {
    return fail({ErrorKind::invalid, "fuse orientation: give either a FILE or --data DIR"});
  }
  if (!arguments.data.empty() && !(arguments.plot.empty() && arguments.rate.empty())) {
    return fail({ErrorKind::invalid, "--plot and --rate go with a FILE"});
  }
  return arguments.data.empty() ? fuse_file(arguments, *request) : fuse_folder(arguments, *request);
}

void add_orientation_options(Command command, Arguments& arguments) {
  command.add_option("file", arguments.file,
                     "CSV file: time t and axes gx gy gz, ax ay az, mx my mz, with units");
  command.add_option("--data", arguments.data,
                     "Instead: folder of recordings with trials.json and ID.imu.f32");
  command
      .add_option("-o,--output", arguments.out,
                  "CSV file to write (- = standard output); with --data a folder for ID.f32")
      .required();
  command.add_option("--mode", arguments.mode, "With the magnetometer (9d) or without (6d)")
      .one_of({"9d", "6d"})
      .capture_default_str();
  command.add_option("--filter", arguments.filter, "Which filter")
      .one_of({"ours", "madgwick", "mahony", "complementary"})
      .capture_default_str();
  command.add_flag("--offline", arguments.offline, "Use the whole recording for every moment");
  command.add_option("--rate", arguments.rate, "Rows a second, for a file without times");
  command.add_option("--gyroscope-latency", arguments.gyroscope_latency,
                     "Stamp less time of the motion; by default 2.4ms");
  command.add_option("--accelerometer-latency", arguments.accelerometer_latency,
                     "Likewise; by default 2.4ms");
  command.add_option("--magnetometer-latency", arguments.magnetometer_latency,
                     "Likewise; by default 12ms at first, then as estimated");
  command.add_option("--gyroscope-range", arguments.gyroscope_range,
                     "Where its range ends, as 500dps; by default found out where it clips");
  command.add_option("--accelerometer-range", arguments.accelerometer_range, "Likewise, as 4g");
  command.add_option("--magnetometer-range", arguments.magnetometer_range, "Likewise, as 400uT");
  command.add_option("--plot", arguments.plot, "Also draw the orientation over time, as SVG");
  command.add_flag("--json", arguments.json, "Print what was estimated of the sensors as JSON");
}

}  // namespace

void add_fuse_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command fuse = app.add_subcommand("fuse", "Run a fusion algorithm alone, over a recording");
  fuse.require_subcommand();
  Command orientation = fuse.add_subcommand(
      "orientation", "Orientation from gyroscope, accelerometer and magnetometer");
  add_orientation_options(orientation, *arguments);
  orientation.callback([arguments, &exit_code] { exit_code = fuse_orientation(*arguments); });
  add_fuse_align(fuse, exit_code);
  add_fuse_altitude(fuse, exit_code);
  add_fuse_position(fuse, exit_code);
  add_fuse_window(fuse, exit_code);
}

}  // namespace haltere::agent
