#include "agent/fuse/motion_table.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/fuse/timed_table.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using fusion::ahrs::Vec3;

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

using Columns = std::array<TableColumn, 3>;

// The columns of a sensor under the first prefix that has all three; not found: index -1.
Result<Columns> find_axes(const TimedTable& table, const Axes& wanted) {
  for (const char* prefix : wanted.prefixes) {
    Columns columns;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = prefix + std::string(1, static_cast<char>('x' + i));
      const std::array<std::string_view, 1> names{name};
      const auto column = table.find(names, wanted.dimension);
      if (!column) return column.error();
      columns[i] = *column;
    }
    if (columns[0].found() && columns[1].found() && columns[2].found()) return columns;
  }
  if (!wanted.required) return Columns{};
  const std::string letter = wanted.prefixes[0];
  return table.wrong("has no columns " + letter + "x, " + letter + "y, " + letter + "z of the " +
                     wanted.what);
}

class TableRead {
 public:
  explicit TableRead(TimedTable rows) : rows_(std::move(rows)) {}

  Result<MotionTable> run() {
    for (std::size_t i = 0; i < sensors_wanted.size(); ++i) {
      const auto axes = find_axes(rows_, sensors_wanted[i]);
      if (!axes) return axes.error();
      axes_[i] = *axes;
    }
    while (true) {
      const Result<bool> more = rows_.next();
      if (!more) return more.error();
      if (!*more) break;
      if (const Status taken = take_row(); !taken) return taken.error();
    }
    table_.rows = rows_.rows();
    return std::move(table_);
  }

 private:
  Status take_row() {
    if (!rows_.has_time()) {
      ++table_.out_of_order;
      return {};
    }
    const std::array parts{&table_.recording.gyroscope, &table_.recording.accelerometer,
                           &table_.recording.magnetometer};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!axes_[i][0].found()) continue;
      if (Status taken = take(axes_[i], *parts[i]); !taken) return taken;
    }
    return {};
  }

  Status take(const Columns& columns, std::vector<fusion::TimedVector>& samples) {
    std::array<double, 3> v{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto read = rows_.number(columns[i]);
      if (!read) return read.error();
      v[i] = *read;
    }
    if (std::isnan(v[0]) && std::isnan(v[1]) && std::isnan(v[2])) return {};
    if (!samples.empty() && rows_.time_ns() <= samples.back().time_ns) {
      ++table_.out_of_order;
      return {};
    }
    samples.push_back(
        {rows_.time_ns(),
         {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])}});
    return {};
  }

  TimedTable rows_;
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
  auto table = TimedTable::open(path, rate_hz);
  if (!table) return table.error();
  return TableRead(std::move(table).value()).run();
}

std::string orientation_csv(const fusion::MotionRecording& recording,
                            const OrientationResult& result) {
  std::string text =
      "t:s,gravity_x:m/s2,gravity_y:m/s2,gravity_z:m/s2,linear_x:m/s2,linear_y:m/s2,"
      "linear_z:m/s2,heading:deg,bias_x:rad/s,bias_y:rad/s,bias_z:rad/s,bias_sd_x:rad/s,"
      "bias_sd_y:rad/s,bias_sd_z:rad/s,hard_iron_x:uT,hard_iron_y:uT,hard_iron_z:uT,at_rest,"
      "has_heading,field_disturbed,gyroscope_saturated,accelerometer_saturated,"
      "magnetometer_saturated,qw,qx,qy,qz\n";
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
    for (const bool flag :
         {row.at_rest, row.has_heading, row.field_disturbed, row.saturated.gyroscope != 0,
          row.saturated.accelerometer != 0, row.saturated.magnetometer != 0})
      text += flag ? ",1" : ",0";
    const fusion::ahrs::Quat& q = row.orientation;
    std::snprintf(cells.data(), cells.size(), ",%.7f,%.7f,%.7f,%.7f\n", static_cast<double>(q.w),
                  static_cast<double>(q.x), static_cast<double>(q.y), static_cast<double>(q.z));
    text += cells.data();
  }
  return text;
}

}  // namespace haltere::agent
