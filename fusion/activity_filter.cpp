// Platform `activity`: rest, free fall, steps and taps, by activity/activity.hpp.

#include "fusion/activity_filter.hpp"

#include <array>
#include <string>

#include "fusion/activity/activity.hpp"
#include "fusion/axes_check.hpp"
#include "fusion/motion_streams.hpp"

namespace haltere::fusion {
namespace {

using activity::Activity;
using activity::ActivityFilter;
using activity::ActivitySettings;
using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using sensors::Quantity;

constexpr double least_rate_hz = 20.0;
constexpr std::size_t outputs = 8;

constexpr std::array activity_settings{
    accelerometer_setting,
    Setting{.key = "gyroscope",
            .type = Type::stream,
            .description = "Stream of the gyroscope's three axes, of the same sensor: rest is then "
                           "told from slow turns"},
    Setting{.key = "rest_acceleration",
            .type = Type::number,
            .description = "At rest each axis stays this near its mean",
            .dimension = Dimension::acceleration,
            .min = 0.01,
            .max = 20.0,
            .default_text = "0.5m/s2"},
    Setting{.key = "rest_rate",
            .type = Type::number,
            .description = "And the gyroscope's this near its own",
            .dimension = Dimension::angular_rate,
            .min = 0.001,
            .max = 10.0,
            .default_text = "2dps"},
    Setting{.key = "rest_after",
            .type = Type::number,
            .description = "For so long, until it is called rest",
            .dimension = Dimension::time,
            .min = 0.1,
            .max = 600.0,
            .default_text = "1.5s"},
    Setting{.key = "fall_below",
            .type = Type::number,
            .description = "In free fall the acceleration is less than this",
            .dimension = Dimension::acceleration,
            .min = 0.1,
            .max = 9.0,
            .default_text = "3.5m/s2"},
    Setting{.key = "fall_after",
            .type = Type::number,
            .description = "For so long, until it is called free fall",
            .dimension = Dimension::time,
            .min = 0.01,
            .max = 1.0,
            .default_text = "60ms"},
    Setting{.key = "step_swing",
            .type = Type::number,
            .description = "Least swing of the acceleration that steps are looked for in",
            .dimension = Dimension::acceleration,
            .min = 0.1,
            .max = 50.0,
            .default_text = "1.5m/s2"},
    Setting{.key = "tap",
            .type = Type::number,
            .description = "Least sudden change of the acceleration that is a tap",
            .dimension = Dimension::acceleration,
            .min = 0.5,
            .max = 200.0,
            .default_text = "12m/s2"},
};

std::vector<StreamName> activity_inputs(const Section& section) {
  return streams_of(section, {"accelerometer", "gyroscope"});
}

sensors::Layout activity_output(const Section& section, std::span<const sensors::Layout> inputs,
                                std::vector<config::Diagnostic>& diagnostics) {
  constexpr std::array quantities{Quantity::acceleration, Quantity::angular_rate};
  const std::vector<StreamName> names = activity_inputs(section);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    check_axes(inputs[i], quantities[i], 3, names[i], diagnostics);
  if (inputs[0].rate_hz < least_rate_hz) {
    diagnostics.push_back(
        {names[0].position, "'" + names[0].name + "' needs a fixed rate of 20 Hz or more"});
  }
  return {.channels = {{"at_rest", Quantity::state},
                       {"moving", Quantity::state},
                       {"free_fall", Quantity::state},
                       {"walking", Quantity::state},
                       {"step", Quantity::state},
                       {"tap", Quantity::state},
                       {"steps", Quantity::number},
                       {"taps", Quantity::number}},
          .rate_hz = inputs[0].rate_hz};
}

class ActivityNode final : public Filter {
 public:
  explicit ActivityNode(const ActivitySettings& settings)
      : filter_(settings), has_gyroscope_(settings.has_gyroscope) {}

  bool update(sensors::TimeNs /*time_ns*/, bool starts_segment,
              std::span<const float> row) override {
    if (starts_segment) filter_.restart();
    const ahrs::Vec3 rate =
        has_gyroscope_ ? ahrs::Vec3{row[3], row[4], row[5]} : ahrs::Vec3{0.0F, 0.0F, 0.0F};
    filter_.update({row[0], row[1], row[2]}, rate);
    const Activity& out = filter_.output();
    const auto state = [](bool value) { return value ? 1.0F : 0.0F; };
    output_ = {state(out.at_rest),
               state(!out.at_rest),
               state(out.free_fall),
               state(out.walking),
               state(out.step),
               state(out.tap),
               static_cast<float>(out.steps),
               static_cast<float>(out.taps)};
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  ActivityFilter filter_;
  bool has_gyroscope_;
  std::array<float, outputs> output_{};
};

std::unique_ptr<Filter> make_activity(const Section& section,
                                      std::span<const sensors::Layout> inputs) {
  const auto number = [&section](const char* key) {
    return static_cast<float>(section.number(key));
  };
  return std::make_unique<ActivityNode>(
      ActivitySettings{.rate_hz = static_cast<float>(inputs[0].rate_hz),
                       .has_gyroscope = section.has("gyroscope"),
                       .rest_acceleration_mps2 = number("rest_acceleration"),
                       .rest_angular_rate_radps = number("rest_rate"),
                       .rest_after_s = number("rest_after"),
                       .fall_below_mps2 = number("fall_below"),
                       .fall_after_s = number("fall_after"),
                       .step_swing_mps2 = number("step_swing"),
                       .tap_mps2 = number("tap")});
}

}  // namespace

const FilterType activity_type{
    .component = {.kind = "fusion",
                  .platform = "activity",
                  .description = "Rest, free fall, steps and taps, to learn or record by",
                  .settings = activity_settings},
    .inputs = activity_inputs,
    .output = activity_output,
    .make = make_activity,
};

}  // namespace haltere::fusion
