// Platform `orientation`: how the filter is configured and what it adds to the streams.

#include <array>
#include <string>

#include "config/settings.hpp"
#include "fusion/orientation.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;
using sensors::Quantity;

constexpr std::array orientation_settings{
    Setting{.key = "accelerometer",
            .type = Type::stream,
            .description = "Stream of the accelerometer's three axes",
            .required = true},
    Setting{.key = "gyroscope",
            .type = Type::stream,
            .description = "Stream of the gyroscope's three axes, of the same sensor",
            .required = true},
    Setting{.key = "time_constant",
            .type = Type::number,
            .description = "Motion faster than this is the gyroscope's, slower the accelerometer's",
            .dimension = Dimension::time,
            .min = 0.1,
            .max = 60.0,
            .default_text = "3s"},
};

std::vector<StreamName> orientation_inputs(const config::Section& section) {
  return {{section.text("accelerometer"), section.position("accelerometer")},
          {section.text("gyroscope"), section.position("gyroscope")}};
}

// Adds a diagnostic unless `input` has three axes of `quantity`.
void check_axes(const sensors::Layout& input, Quantity quantity, const StreamName& stream,
                std::vector<config::Diagnostic>& diagnostics) {
  bool sound = input.channels.size() == 3;
  for (const sensors::Channel& channel : input.channels) {
    sound = sound && channel.quantity == quantity;
  }
  if (sound) return;
  const std::string wanted(sensors::to_string(quantity));
  diagnostics.push_back({stream.position, "'" + stream.name + "' does not have three axes of " +
                                              wanted + ", as a stream 'SENSOR." + wanted +
                                              "' would"});
}

sensors::Layout orientation_output(const config::Section& section,
                                   std::span<const sensors::Layout> inputs,
                                   std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<StreamName> streams = orientation_inputs(section);
  check_axes(inputs[0], Quantity::acceleration, streams[0], diagnostics);
  check_axes(inputs[1], Quantity::angular_rate, streams[1], diagnostics);
  return {.channels = {{"quaternion.w", Quantity::number},
                       {"quaternion.x", Quantity::number},
                       {"quaternion.y", Quantity::number},
                       {"quaternion.z", Quantity::number},
                       {"gravity.x", Quantity::acceleration},
                       {"gravity.y", Quantity::acceleration},
                       {"gravity.z", Quantity::acceleration},
                       {"linear_acceleration.x", Quantity::acceleration},
                       {"linear_acceleration.y", Quantity::acceleration},
                       {"linear_acceleration.z", Quantity::acceleration}},
          .rate_hz = inputs[0].rate_hz};
}

// The filter over rows with time stamps. Rows it cannot use (not a number, no time gone by) repeat
// the output, and the next interval spans them; where time jumps it starts anew.
class OrientationFilter final : public Filter {
 public:
  OrientationFilter(const OrientationSettings& settings, double rate_hz)
      : orientation_(settings), first_interval_s_(rate_hz > 1.0 ? 1.0 / rate_hz : 0.01) {
    write_output({});
  }

  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override {
    // Unsigned, because the difference of any two times fits and never overflows.
    const auto passed_ns =
        static_cast<std::uint64_t>(time_ns) - static_cast<std::uint64_t>(time_ns_);
    const bool jumped = time_ns < time_ns_ || passed_ns > max_gap_ns;
    if (starts_segment || !started_ || jumped) start();
    const double dt_s = started_ ? 1e-9 * static_cast<double>(passed_ns) : first_interval_s_;
    const Vector3 acceleration_mps2 = axes(row.first<3>());
    if (orientation_.update(axes(row.subspan<3, 3>()), acceleration_mps2, dt_s)) {
      started_ = true;
      time_ns_ = time_ns;
      write_output(acceleration_mps2);
    }
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  static constexpr std::uint64_t max_gap_ns = 1'000'000'000;

  static Vector3 axes(std::span<const float, 3> values) {
    return {static_cast<double>(values[0]), static_cast<double>(values[1]),
            static_cast<double>(values[2])};
  }

  void start() {
    orientation_.reset();
    started_ = false;
    write_output({});
  }

  void write_output(const Vector3& acceleration_mps2) {
    const Quaternion q = orientation_.quaternion();
    const Vector3 gravity = orientation_.gravity_mps2();
    const Vector3 linear = started_ ? difference(acceleration_mps2, gravity) : Vector3{};
    const std::array values{q.w,        q.x,        q.y,       q.z,       gravity[0],
                            gravity[1], gravity[2], linear[0], linear[1], linear[2]};
    for (std::size_t i = 0; i < values.size(); ++i) output_[i] = static_cast<float>(values[i]);
  }

  Orientation orientation_;
  double first_interval_s_;
  sensors::TimeNs time_ns_ = 0;
  bool started_ = false;
  std::array<float, 10> output_{};
};

std::unique_ptr<Filter> make_orientation(const config::Section& section,
                                         std::span<const sensors::Layout> inputs) {
  OrientationSettings settings;
  settings.accelerometer_time_constant_s = section.number("time_constant");
  return std::make_unique<OrientationFilter>(settings, inputs[0].rate_hz);
}

}  // namespace

const FilterType orientation_type{
    .component =
        {.kind = "fusion",
         .platform = "orientation",
         .description =
             "Orientation, gravity and linear acceleration from accelerometer and gyroscope",
         .settings = orientation_settings},
    .inputs = orientation_inputs,
    .output = orientation_output,
    .make = make_orientation,
};

}  // namespace haltere::fusion
