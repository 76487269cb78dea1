#include "agent/fuse/motion_table.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "config/text.hpp"
#include "config/units.hpp"
#include "sensors/csv.hpp"
#include "sensors/csv_dialect.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using fusion::ahrs::Vec3;
using sensors::Cell;
using sensors::CsvReader;

constexpr double longest_time_s = 4e9;  // nanoseconds and their differences fit in 64 bits

struct Axes {
  const char* what;
  Dimension dimension;
  std::array<const char*, 4> prefixes;  // of x, y and z
  bool required;
};

constexpr std::array sensors_wanted{
    Axes{"gyroscope", Dimension::angular_rate, {"g", "gyro_", "gyroscope_", "angular_rate."}, true},
    Axes{"accelerometer",
         Dimension::acceleration,
         {"a", "acc_", "accelerometer_", "acceleration."},
         true},
    Axes{"magnetometer",
         Dimension::magnetic_field,
         {"m", "mag_", "magnetometer_", "magnetic_field."},
         false},
};

struct Column {
  int index = -1;
  config::UnitScale scale;
};

using Columns = std::array<Column, 3>;

Error wrong(const std::string& path, const std::string& what) {
  return {ErrorKind::invalid, path + ": " + what};
}

Result<Column> settle(const CsvReader& csv, const std::string& path, int index,
                      Dimension dimension) {
  const sensors::CsvColumn& column = csv.header()[static_cast<std::size_t>(index)];
  const bool fits = column.unit.empty() || column.scale.dimension == dimension;
  if (fits) return Column{index, column.scale};
  return wrong(path, "column " + config::in_quotes(column.text) + " should be of " +
                         std::string(config::dimension_name(dimension)));
}

// The columns of a sensor under the first prefix that has all three; not found: index -1.
Result<Columns> find_axes(const CsvReader& csv, const std::string& path, const Axes& wanted) {
  for (const char* prefix : wanted.prefixes) {
    std::array<int, 3> found{};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = prefix + std::string(1, static_cast<char>('x' + i));
      found[i] = sensors::find_csv_column(csv.header(), name);
    }
    if (found[0] < 0 || found[1] < 0 || found[2] < 0) continue;
    Columns columns;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto column = settle(csv, path, found[i], wanted.dimension);
      if (!column) return column.error();
      columns[i] = *column;
    }
    return columns;
  }
  if (!wanted.required) return Columns{};
  const std::string letter = wanted.prefixes[0];
  return wrong(path, "has no columns " + letter + "x, " + letter + "y, " + letter + "z of the " +
                         wanted.what);
}

Result<Column> find_time(const CsvReader& csv, const std::string& path) {
  for (const char* name : {"t", "time", "timestamp"}) {
    const int index = sensors::find_csv_column(csv.header(), name);
    if (index >= 0) return settle(csv, path, index, Dimension::time);
  }
  return Column{};
}

class TableRead {
 public:
  TableRead(CsvReader csv, std::string path, double rate_hz)
      : csv_(std::move(csv)), path_(std::move(path)), rate_hz_(rate_hz) {}

  Result<MotionTable> run() {
    if (const Status found = find_columns(); !found) return found.error();
    sensors::CsvRow row;
    while (true) {
      const Result<bool> more = csv_.next(row);
      if (!more) return more.error();
      if (!*more) return std::move(table_);
      if (const Status taken = take(row); !taken) return taken.error();
    }
  }

 private:
  Status find_columns() {
    const auto time = find_time(csv_, path_);
    if (!time) return time.error();
    time_ = *time;
    if (time_.index < 0 && !(rate_hz_ > 0.0)) {
      return wrong(path_, "has no column 't'; --rate says how many rows are a second");
    }
    for (std::size_t i = 0; i < sensors_wanted.size(); ++i) {
      const auto axes = find_axes(csv_, path_, sensors_wanted[i]);
      if (!axes) return axes.error();
      axes_[i] = *axes;
    }
    return {};
  }

  // The cell in SI; not a number where it is blank.
  Result<double> number(const sensors::CsvRow& row, const Column& column) {
    const auto field = static_cast<std::size_t>(column.index);
    double value = 0.0;
    const Cell cell = csv_.dialect().decimal_mark == ','
                          ? sensors::parse_comma_cell(row[field], value)
                          : sensors::parse_cell(row[field], value);
    if (cell == Cell::text) {
      return csv_.error_at(row.column(field), config::in_quotes(row[field]) + " is not a number");
    }
    return value * column.scale.factor + column.scale.offset;
  }

  Status take(const sensors::CsvRow& row) {
    double time_s = static_cast<double>(table_.rows++) / (rate_hz_ > 0.0 ? rate_hz_ : 1.0);
    if (time_.index >= 0) {
      const auto read = number(row, time_);
      if (!read) return read.error();
      time_s = *read;
    }
    if (!(std::abs(time_s) < longest_time_s)) {
      ++table_.out_of_order;
      return {};
    }
    const std::array parts{&table_.recording.gyroscope, &table_.recording.accelerometer,
                           &table_.recording.magnetometer};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (axes_[i][0].index < 0) continue;
      if (Status taken = take(row, axes_[i], time_s, *parts[i]); !taken) return taken;
    }
    return {};
  }

  Status take(const sensors::CsvRow& row, const Columns& columns, double time_s,
              std::vector<fusion::TimedVector>& samples) {
    std::array<double, 3> v{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto read = number(row, columns[i]);
      if (!read) return read.error();
      v[i] = *read;
    }
    if (std::isnan(v[0]) && std::isnan(v[1]) && std::isnan(v[2])) return {};
    const auto time_ns = static_cast<std::int64_t>(std::llround(1e9 * time_s));
    if (!samples.empty() && time_ns <= samples.back().time_ns) {
      ++table_.out_of_order;
      return {};
    }
    samples.push_back(
        {time_ns, {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])}});
    return {};
  }

  CsvReader csv_;
  std::string path_;
  double rate_hz_;
  Column time_;
  std::array<Columns, sensors_wanted.size()> axes_;
  MotionTable table_;
};

void append(std::string& text, const Vec3& v) {
  std::array<char, 96> cells{};
  std::snprintf(cells.data(), cells.size(), ",%.6g,%.6g,%.6g", static_cast<double>(v.x),
                static_cast<double>(v.y), static_cast<double>(v.z));
  text += cells.data();
}

}  // namespace

Result<MotionTable> read_motion_table(const std::string& path, double rate_hz) {
  auto csv = CsvReader::open(path, sensors::guess_dialect_of_file(path));
  if (!csv) return csv.error();
  return TableRead(std::move(csv).value(), path, rate_hz).run();
}

std::string orientation_csv(const fusion::MotionRecording& recording,
                            const OrientationResult& result) {
  std::string text =
      "t:s,gravity_x:m/s2,gravity_y:m/s2,gravity_z:m/s2,linear_x:m/s2,linear_y:m/s2,"
      "linear_z:m/s2,heading:deg,bias_x:rad/s,bias_y:rad/s,bias_z:rad/s,bias_sd_x:rad/s,"
      "bias_sd_y:rad/s,bias_sd_z:rad/s,hard_iron_x:uT,hard_iron_y:uT,hard_iron_z:uT,at_rest,"
      "has_heading,field_disturbed,qw,qx,qy,qz\n";
  std::array<char, 128> cells{};
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const fusion::ahrs::Output& row = result.rows[i];
    const double time_s = 1e-9 * static_cast<double>(recording.gyroscope[i].time_ns);
    std::snprintf(cells.data(), cells.size(), "%.6f", time_s);
    text += cells.data();
    append(text, row.gravity_mps2);
    append(text, row.linear_acceleration_mps2);
    const float heading_deg = row.heading_rad / fusion::ahrs::radian_per_degree;
    std::snprintf(cells.data(), cells.size(), ",%.4f", static_cast<double>(heading_deg));
    text += cells.data();
    append(text, row.gyro_bias_radps);
    append(text, row.gyro_bias_sigma_radps);
    append(text, row.hard_iron_ut);
    const fusion::ahrs::Quat& q = row.orientation;
    std::snprintf(cells.data(), cells.size(), ",%d,%d,%d,%.7f,%.7f,%.7f,%.7f\n",
                  row.at_rest ? 1 : 0, row.has_heading ? 1 : 0, row.field_disturbed ? 1 : 0,
                  static_cast<double>(q.w), static_cast<double>(q.x), static_cast<double>(q.y),
                  static_cast<double>(q.z));
    text += cells.data();
  }
  return text;
}

}  // namespace haltere::agent
