// Platform `position`: how the filter in navigator.hpp is fed from rows and what it adds to the
// streams.

#include "fusion/navigation/position_filter.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "fusion/axes_check.hpp"
#include "fusion/navigation/navigator.hpp"
#include "fusion/navigation/position_settings.hpp"
#include "fusion/navigation/time_jump.hpp"

namespace haltere::fusion {
namespace {

using navigation::Navigator;
using navigation::Vec3;
using sensors::Quantity;

struct Input {
  const char* key;
  Quantity quantity;
};
constexpr std::array possible{
    Input{"accelerometer", Quantity::acceleration}, Input{"gyroscope", Quantity::angular_rate},
    Input{"position", Quantity::length}, Input{"magnetometer", Quantity::magnetic_field},
    Input{"velocity", Quantity::number}};

std::vector<StreamName> position_inputs(const config::Section& section) {
  std::vector<StreamName> inputs;
  for (const Input& input : possible) {
    if (section.has(input.key)) {
      inputs.push_back({section.text(input.key), section.position(input.key)});
    }
  }
  return inputs;
}

void add_axes(sensors::Layout& layout, const std::string& name, Quantity quantity,
              std::string_view axes) {
  for (const char axis : axes) layout.channels.push_back({name + "." + axis, quantity});
}

sensors::Layout position_output(const config::Section& section,
                                std::span<const sensors::Layout> inputs,
                                std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<StreamName> streams = position_inputs(section);
  std::size_t i = 0;
  for (const Input& input : possible) {
    if (!section.has(input.key)) continue;
    check_axes(inputs[i], input.quantity, 3, streams[i], diagnostics);
    ++i;
  }
  if (!section.has("magnetometer") && !section.has("velocity")) {
    diagnostics.push_back(
        {section.position(), "a position needs a magnetometer or a velocity to find north"});
  }
  sensors::Layout layout{.channels = {}, .rate_hz = inputs[0].rate_hz};
  add_axes(layout, "position", Quantity::length, "enu");
  add_axes(layout, "velocity", Quantity::number, "enu");
  add_axes(layout, "quaternion", Quantity::number, "wxyz");
  add_axes(layout, "position_sigma", Quantity::length, "enu");
  add_axes(layout, "velocity_sigma", Quantity::number, "enu");
  layout.channels.push_back({"heading_sigma", Quantity::number});
  add_axes(layout, "accelerometer_bias", Quantity::acceleration, "xyz");
  add_axes(layout, "gyro_bias", Quantity::angular_rate, "xyz");
  for (const char* flag : {"aligned", "fix_rejected", "outage"}) {
    layout.channels.push_back({flag, Quantity::state});
  }
  return layout;
}

constexpr std::size_t outputs = 26;

class PositionFilter final : public Filter {
 public:
  PositionFilter(const navigation::NavigatorSettings& settings, bool has_magnetometer,
                 bool has_velocity)
      : navigator_(settings) {
    constexpr std::size_t behind_position = 9;
    if (has_magnetometer) field_at_ = behind_position;
    if (has_velocity) velocity_at_ = behind_position + (has_magnetometer ? 3U : 0U);
    write_output();
  }

  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override {
    if (starts_segment || navigation::is_another_clock(time_ns_, time_ns)) {
      navigator_.reset();
      fix_ = field_ = velocity_ = {};
      time_ns_ = time_ns;
    }
    time_ns_ = std::max(time_ns_, time_ns);
    navigator_.inertial(time_ns, axes(row, 0), axes(row, 3));
    if (is_new(row, field_at_, field_)) navigator_.magnetometer(time_ns, field_);
    if (is_new(row, velocity_at_, velocity_)) navigator_.velocity(time_ns, velocity_);
    if (is_new(row, 6, fix_)) navigator_.fix(time_ns, fix_);
    write_output();
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  static Vec3 axes(std::span<const float> row, std::size_t at) {
    return {static_cast<double>(row[at]), static_cast<double>(row[at + 1]),
            static_cast<double>(row[at + 2])};
  }

  // A slower sensor's values stand in every row until the next: only what is new is a sample.
  static bool is_new(std::span<const float> row, std::size_t at, Vec3& newest) {
    if (at == nowhere || axes(row, at) == newest) return false;
    newest = axes(row, at);
    return true;
  }

  void write_output() {
    const navigation::PositionOutput out = navigator_.output();
    std::size_t next = 0;
    const auto put = [&](double value) { output_[next++] = static_cast<float>(value); };
    const auto put_axes = [&](const Vec3& v) { std::ranges::for_each(v.axes, put); };
    put_axes(out.position_m);
    put_axes(out.velocity_mps);
    const navigation::Quat& q = out.orientation;
    const double sign = q.w < 0.0 ? -1.0 : 1.0;
    for (const double part : {q.w, q.x, q.y, q.z}) put(sign * part);
    put_axes(out.position_sigma_m);
    put_axes(out.velocity_sigma_mps);
    put(out.heading_sigma_rad);
    put_axes(out.accelerometer_bias_mps2);
    put_axes(out.gyro_bias_radps);
    for (const bool flag : {out.aligned, out.fix_rejected, out.outage}) put(flag ? 1.0 : 0.0);
  }

  Navigator navigator_;
  std::size_t field_at_ = nowhere;  ///< in a row
  std::size_t velocity_at_ = nowhere;
  sensors::TimeNs time_ns_ = 0;
  Vec3 fix_;
  Vec3 field_;
  Vec3 velocity_;
  std::array<float, outputs> output_{};
};

std::unique_ptr<Filter> make_position(const config::Section& section,
                                      std::span<const sensors::Layout> /*inputs*/) {
  return std::make_unique<PositionFilter>(read_position_settings(section),
                                          section.has("magnetometer"), section.has("velocity"));
}

}  // namespace

const FilterType position_type{
    .component = {.kind = "fusion",
                  .platform = "position",
                  .description = "Position, velocity and orientation from a satellite receiver and "
                                 "an inertial sensor, also through outages",
                  .settings = position_settings()},
    .inputs = position_inputs,
    .output = position_output,
    .make = make_position,
};

}  // namespace haltere::fusion
