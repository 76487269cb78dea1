// Platform `position`: how the filter in navigator.hpp is fed from rows and what it adds to the
// streams.

#include "fusion/navigation/position_filter.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

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
constexpr std::array possible{Input{"accelerometer", Quantity::acceleration},
                              Input{"gyroscope", Quantity::angular_rate},
                              Input{"position", Quantity::length},
                              Input{"magnetometer", Quantity::magnetic_field},
                              Input{"velocity", Quantity::number},
                              Input{"position_sigma", Quantity::length}};

/// The receiver's velocity may come without up.
bool is_flat(const char* key, const sensors::Layout& input) {
  return key == std::string_view("velocity") && input.channels.size() == 2;
}

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
    check_axes(inputs[i], input.quantity, is_flat(input.key, inputs[i]) ? 2 : 3, streams[i],
               diagnostics);
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

/// Where an input's values are in the rows, and whether they are new: a slower sensor's stand in
/// every row until the next.
class HeldInput {
 public:
  HeldInput() = default;
  HeldInput(std::size_t at, std::size_t axes) : at_(at), axes_(axes) {}

  void note() { noted_ = fresh_ = true; }
  void forget() { newest_ = {}; }

  [[nodiscard]] Vec3 value(std::span<const float> row) const {
    Vec3 value;
    for (std::size_t i = 0; i < axes_; ++i) value[i] = static_cast<double>(row[at_ + i]);
    return value;
  }

  /// Where nobody notes what is new, it is what differs.
  bool is_new(std::span<const float> row) {
    const Vec3 now = value(row);
    const bool differs = !(std::exchange(newest_, now) == now);
    const bool fresh = std::exchange(fresh_, false);
    return axes_ > 0 && (noted_ ? fresh : differs);
  }

 private:
  std::size_t at_ = 0;  ///< in a row
  std::size_t axes_ = 0;
  Vec3 newest_;
  bool noted_ = false;
  bool fresh_ = false;
};

class PositionFilter final : public Filter {
 public:
  PositionFilter(const navigation::NavigatorSettings& settings, const config::Section& section,
                 std::span<const sensors::Layout> inputs)
      : navigator_(settings) {
    std::size_t at = 0;
    std::size_t index = 0;
    for (std::size_t i = 0; i < possible.size(); ++i) {
      if (!section.has(possible[i].key)) continue;
      const std::size_t axes = inputs[index].channels.size();
      inputs_[i] = {at, axes};
      kinds_[index++] = i;
      at += axes;
    }
    write_output();
  }

  void input_is_new(std::size_t input) override { inputs_[kinds_[input]].note(); }

  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override {
    if (starts_segment || navigation::is_another_clock(time_ns_, time_ns)) {
      navigator_.reset();
      for (HeldInput& input : inputs_) input.forget();
      time_ns_ = time_ns;
    }
    time_ns_ = std::max(time_ns_, time_ns);
    auto& [accelerometer, gyroscope, fix, field, velocity, sigma] = inputs_;
    navigator_.inertial(time_ns, accelerometer.value(row), gyroscope.value(row));
    if (field.is_new(row)) navigator_.magnetometer(time_ns, field.value(row));
    if (velocity.is_new(row)) navigator_.velocity(time_ns, velocity.value(row));
    if (fix.is_new(row)) navigator_.fix(time_ns, fix.value(row), sigma.value(row));
    write_output();
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
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
  std::array<HeldInput, possible.size()> inputs_;     ///< as in `possible`
  std::array<std::size_t, possible.size()> kinds_{};  ///< of each input that there is
  sensors::TimeNs time_ns_ = 0;
  std::array<float, outputs> output_{};
};

std::unique_ptr<Filter> make_position(const config::Section& section,
                                      std::span<const sensors::Layout> inputs) {
  navigation::NavigatorSettings settings = read_position_settings(section);
  std::size_t i = 0;
  for (const Input& input : possible) {
    if (!section.has(input.key)) continue;
    if (is_flat(input.key, inputs[i++])) settings.position.velocity_has_up = false;
  }
  return std::make_unique<PositionFilter>(settings, section, inputs);
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
