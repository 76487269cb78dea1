// Platform `orientation`: how the filter in ahrs/ is configured and what it adds to the streams.

#include "fusion/orientation_filter.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "config/settings.hpp"
#include "fusion/ahrs/ahrs.hpp"
#include "fusion/axes_check.hpp"
#include "fusion/motion_streams.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;
using sensors::Quantity;

constexpr std::array orientation_settings{
    accelerometer_setting,
    gyroscope_setting,
    Setting{.key = "magnetometer",
            .type = Type::stream,
            .description = "Stream of the magnetometer's three axes, in the same frame; without "
                           "one the heading starts at north and drifts"},
    Setting{.key = "time_constant",
            .type = Type::number,
            .description = "Motion faster than this is the gyroscope's, slower the accelerometer's",
            .dimension = Dimension::time,
            .min = 0.1,
            .max = 60.0,
            .default_text = "4s"},
    Setting{.key = "magnetometer_time_constant",
            .type = Type::number,
            .description = "The same for the heading, by the magnetometer",
            .dimension = Dimension::time,
            .min = 0.1,
            .max = 600.0,
            .default_text = "12s"},
    Setting{.key = "gyroscope_latency",
            .type = Type::number,
            .description = "By how much the gyroscope's samples are later than the motion",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 0.02,
            .default_text = "2.4ms"},
    Setting{.key = "accelerometer_latency",
            .type = Type::number,
            .description = "The same of the accelerometer",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 0.02,
            .default_text = "2.4ms"},
    Setting{.key = "magnetometer_latency",
            .type = Type::number,
            .description = "The same of the magnetometer, where its estimate starts",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 0.025,
            .default_text = "12ms"},
    Setting{.key = "gyroscope_range",
            .type = Type::number,
            .description = "Where the gyroscope's range ends, either way: beyond it a part of the "
                           "turn is not seen; by default as the sensor is set up, where its driver "
                           "knows, else found out, once an axis stayed at its largest value for "
                           "four samples",
            .dimension = Dimension::angular_rate,
            .min = 0.1,
            .max = 200.0},
    Setting{.key = "accelerometer_range",
            .type = Type::number,
            .description = "The same of the accelerometer",
            .dimension = Dimension::acceleration,
            .min = 5.0,
            .max = 4000.0},
    Setting{.key = "magnetometer_range",
            .type = Type::number,
            .description = "The same of the magnetometer, whose clipped samples count for nothing",
            .dimension = Dimension::magnetic_field,
            .min = 10.0,
            .max = 10000.0},
};

std::vector<StreamName> orientation_inputs(const config::Section& section) {
  return streams_of(section, {"accelerometer", "gyroscope", "magnetometer"});
}

constexpr std::size_t outputs = 23;

sensors::Layout orientation_output(const config::Section& section,
                                   std::span<const sensors::Layout> inputs,
                                   std::vector<config::Diagnostic>& diagnostics) {
  constexpr std::array quantities{Quantity::acceleration, Quantity::angular_rate,
                                  Quantity::magnetic_field};
  const std::vector<StreamName> streams = orientation_inputs(section);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_axes(inputs[i], quantities[i], 3, streams[i], diagnostics);
  }
  return {.channels = {{"quaternion.w", Quantity::number},
                       {"quaternion.x", Quantity::number},
                       {"quaternion.y", Quantity::number},
                       {"quaternion.z", Quantity::number},
                       {"gravity.x", Quantity::acceleration},
                       {"gravity.y", Quantity::acceleration},
                       {"gravity.z", Quantity::acceleration},
                       {"linear_acceleration.x", Quantity::acceleration},
                       {"linear_acceleration.y", Quantity::acceleration},
                       {"linear_acceleration.z", Quantity::acceleration},
                       {"heading", Quantity::number},
                       {"gyro_bias.x", Quantity::angular_rate},
                       {"gyro_bias.y", Quantity::angular_rate},
                       {"gyro_bias.z", Quantity::angular_rate},
                       {"gyro_bias_sigma.x", Quantity::angular_rate},
                       {"gyro_bias_sigma.y", Quantity::angular_rate},
                       {"gyro_bias_sigma.z", Quantity::angular_rate},
                       {"at_rest", Quantity::state},
                       {"field_disturbed", Quantity::state},
                       {"gyroscope_saturated", Quantity::state},
                       {"accelerometer_saturated", Quantity::state},
                       {"magnetometer_saturated", Quantity::state},
                       {"lost", Quantity::number}},
          .rate_hz = inputs[0].rate_hz};
}

// The filter over rows with time stamps. Rows it cannot use (not a number, no time gone by) leave
// the output as it was; a new segment, or another clock, makes it start anew.
class OrientationFilter final : public Filter {
 public:
  OrientationFilter(const ahrs::Settings& settings, bool has_magnetometer)
      : ahrs_(settings), has_magnetometer_(has_magnetometer) {
    write_output();
  }

  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override {
    if (starts_segment || jumped(time_ns)) {
      ahrs_.reset();
      field_ut_ = {};
      time_ns_ = time_ns;
    }
    if (time_ns > time_ns_) time_ns_ = time_ns;
    ahrs_.gyroscope(time_ns, axes(row.subspan<3, 3>()));
    ahrs_.accelerometer(time_ns, axes(row.first<3>()));
    if (has_magnetometer_) take_field(time_ns, axes(row.subspan<6, 3>()));
    write_output();
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  static ahrs::Vec3 axes(std::span<const float, 3> values) {
    return {values[0], values[1], values[2]};
  }

  // Not a row out of order, nor a gap after which the calibration still holds: another clock.
  [[nodiscard]] bool jumped(sensors::TimeNs time_ns) const {
    constexpr std::uint64_t back_ns = 500'000'000;
    constexpr std::uint64_t ahead_ns = 3'600'000'000'000;
    // Unsigned, because the difference of any two times fits and never overflows.
    const auto now = static_cast<std::uint64_t>(time_ns);
    const auto before = static_cast<std::uint64_t>(time_ns_);
    return time_ns < time_ns_ ? before - now > back_ns : now - before > ahead_ns;
  }

  // A slower sensor's value stands in every row until the next: only what is new is a sample.
  void take_field(sensors::TimeNs time_ns, const ahrs::Vec3& field_ut) {
    const bool held =
        field_ut.x == field_ut_.x && field_ut.y == field_ut_.y && field_ut.z == field_ut_.z;
    if (held) return;
    field_ut_ = field_ut;
    ahrs_.magnetometer(time_ns, field_ut);
  }

  void write_output() {
    const ahrs::Output out = ahrs_.output();
    const ahrs::Quat& q = out.orientation;
    const ahrs::Vec3& gravity = out.gravity_mps2;
    const ahrs::Vec3& linear = out.linear_acceleration_mps2;
    const ahrs::Vec3& bias = out.gyro_bias_radps;
    const ahrs::Vec3& sigma = out.gyro_bias_sigma_radps;
    output_ = {q.w,
               q.x,
               q.y,
               q.z,
               gravity.x,
               gravity.y,
               gravity.z,
               linear.x,
               linear.y,
               linear.z,
               out.heading_rad,
               bias.x,
               bias.y,
               bias.z,
               sigma.x,
               sigma.y,
               sigma.z,
               out.at_rest ? 1.0F : 0.0F,
               out.field_disturbed ? 1.0F : 0.0F,
               out.saturated.gyroscope != 0 ? 1.0F : 0.0F,
               out.saturated.accelerometer != 0 ? 1.0F : 0.0F,
               out.saturated.magnetometer != 0 ? 1.0F : 0.0F,
               static_cast<float>(ahrs_.counts().lost)};
  }

  ahrs::Ahrs ahrs_;
  bool has_magnetometer_;
  sensors::TimeNs time_ns_ = 0;
  ahrs::Vec3 field_ut_{};
  std::array<float, outputs> output_{};
};

/// Where the range of `input` ends: as the setting `key` says, or else the sensor; 0 = unknown.
float range_of(const config::Section& section, const char* key, const sensors::Layout& input) {
  if (section.has(key)) return static_cast<float>(section.number(key));
  return std::ranges::min(input.channels, {}, &sensors::Channel::full_scale).full_scale;
}

std::unique_ptr<Filter> make_orientation(const config::Section& section,
                                         std::span<const sensors::Layout> inputs) {
  ahrs::Settings settings;
  const auto number = [&section](const char* key) {
    return static_cast<float>(section.number(key));
  };
  settings.motion.accelerometer_time_constant_s = number("time_constant");
  settings.motion.magnetometer_time_constant_s = number("magnetometer_time_constant");
  settings.sensor.gyroscope_latency_s = number("gyroscope_latency");
  settings.sensor.accelerometer_latency_s = number("accelerometer_latency");
  settings.sensor.magnetometer_latency_s = number("magnetometer_latency");
  settings.sensor.accelerometer_range_mps2 = range_of(section, "accelerometer_range", inputs[0]);
  settings.sensor.gyroscope_range_radps = range_of(section, "gyroscope_range", inputs[1]);
  const bool has_magnetometer = section.has("magnetometer");
  if (has_magnetometer)
    settings.sensor.magnetometer_range_ut = range_of(section, "magnetometer_range", inputs[2]);
  return std::make_unique<OrientationFilter>(settings, has_magnetometer);
}

}  // namespace

const FilterType orientation_type{
    .component = {.kind = "fusion",
                  .platform = "orientation",
                  .description =
                      "Orientation, gravity, linear acceleration and heading from accelerometer, "
                      "gyroscope and, where there is one, magnetometer",
                  .settings = orientation_settings},
    .inputs = orientation_inputs,
    .output = orientation_output,
    .make = make_orientation,
};

}  // namespace haltere::fusion
