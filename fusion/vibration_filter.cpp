// Platform `vibration`: velocity, zone and crest factor of a machine, by derived/vibration.hpp.

#include "fusion/vibration_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "fusion/derived/vibration.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using derived::Machine;
using derived::Vibration;
using derived::VibrationOutput;
using sensors::Quantity;

constexpr double least_rate_hz = 100.0;
constexpr std::size_t values_per_axis = 4;

// In the order of Machine.
constexpr std::array<std::string_view, 8> machines{
    "class_1",       "class_2",          "class_3",       "class_4",
    "group_1_rigid", "group_1_flexible", "group_2_rigid", "group_2_flexible"};

constexpr std::array vibration_settings{
    Setting{.key = "acceleration",
            .type = Type::stream,
            .description =
                "Stream of an accelerometer on the machine, one to three axes, best of "
                "4 kHz or more: below, the band of 10 to 1000 Hz ends at a quarter of it",
            .required = true},
    Setting{.key = "machine",
            .type = Type::choice,
            .description = "Which limits its zone (0 = A to 3 = D) is by: ISO 10816-1 classes "
                           "(1: to 15 kW, 2: to 75 kW, 3: large and rigid, 4: large and soft), ISO "
                           "20816-3 groups (1: above 300 kW, 2: above 15 kW)",
            .default_text = "class_1",
            .choices = machines},
    Setting{.key = "every",
            .type = Type::number,
            .description = "Time that each row sums up",
            .dimension = Dimension::time,
            .min = 0.1,
            .max = 60.0,
            .default_text = "1s"},
};

std::vector<StreamName> vibration_inputs(const Section& section) {
  return {{section.text("acceleration"), section.position("acceleration")}};
}

sensors::Layout vibration_output(const Section& section, std::span<const sensors::Layout> inputs,
                                 std::vector<config::Diagnostic>& diagnostics) {
  const sensors::Layout& input = inputs[0];
  const auto complain = [&](const std::string& what) {
    diagnostics.push_back(
        {section.position("acceleration"), "'" + section.text("acceleration") + "' " + what});
  };
  const auto is_acceleration = [](const sensors::Channel& channel) {
    return channel.quantity == Quantity::acceleration;
  };
  const bool fits =
      input.channels.size() <= 3 && std::ranges::all_of(input.channels, is_acceleration);
  if (!fits) complain("should be one to three axes of acceleration");
  if (input.rate_hz < least_rate_hz) complain("needs a fixed rate of 100 Hz or more");
  sensors::Layout layout{.channels = {{"zone", Quantity::number}},
                         .rate_hz = 1.0 / section.number("every")};
  for (const sensors::Channel& axis : input.channels) {
    layout.channels.push_back({"velocity_mmps." + axis.name, Quantity::number});
    layout.channels.push_back({"rms." + axis.name, Quantity::acceleration});
    layout.channels.push_back({"peak." + axis.name, Quantity::acceleration});
    layout.channels.push_back({"crest_factor." + axis.name, Quantity::number});
  }
  return layout;
}

// The zone is that of the axis that vibrates most.
class VibrationFilter final : public Filter {
 public:
  VibrationFilter(double rate_hz, double every_s, std::size_t axes, Machine machine)
      : axes_(axes, Vibration(static_cast<float>(rate_hz))),
        machine_(machine),
        window_(static_cast<std::size_t>(std::max(1.0, std::round(rate_hz * every_s)))),
        settling_(static_cast<std::size_t>(static_cast<double>(Vibration::settling_s) * rate_hz)),
        output_(1 + values_per_axis * axes) {}

  bool update(sensors::TimeNs /*time_ns*/, bool starts_segment,
              std::span<const float> row) override {
    if (starts_segment) restart();
    for (std::size_t i = 0; i < axes_.size(); ++i) axes_[i].add(row[i]);
    ++count_;
    if (to_settle_ > 0) {
      if (--to_settle_ == 0) {
        for (Vibration& axis : axes_) static_cast<void>(axis.take());
        count_ = 0;
      }
      return false;
    }
    if (count_ < window_) return false;
    count_ = 0;
    write_output();
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  void restart() {
    for (Vibration& axis : axes_) axis.reset();
    count_ = 0;
    to_settle_ = settling_;
  }

  void write_output() {
    float fastest_mmps = 0.0F;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      const VibrationOutput axis = axes_[i].take();
      fastest_mmps = std::max(fastest_mmps, axis.velocity_mmps);
      const std::size_t at = 1 + values_per_axis * i;
      output_[at] = axis.velocity_mmps;
      output_[at + 1] = axis.acceleration_mps2;
      output_[at + 2] = axis.peak_mps2;
      output_[at + 3] = axis.crest_factor;
    }
    output_[0] = static_cast<float>(derived::zone_of(fastest_mmps, machine_));
  }

  std::vector<Vibration> axes_;
  Machine machine_;
  std::size_t window_;
  std::size_t settling_;
  std::size_t to_settle_ = 0;
  std::size_t count_ = 0;
  std::vector<float> output_;
};

std::unique_ptr<Filter> make_vibration(const Section& section,
                                       std::span<const sensors::Layout> inputs) {
  const auto machine = std::ranges::find(machines, section.text("machine")) - machines.begin();
  return std::make_unique<VibrationFilter>(inputs[0].rate_hz, section.number("every"),
                                           inputs[0].channels.size(),
                                           static_cast<Machine>(machine));
}

}  // namespace

const FilterType vibration_type{
    .component = {.kind = "fusion",
                  .platform = "vibration",
                  .description = "A machine's vibration: velocity (mm/s RMS, 10 to 1000 Hz), its "
                                 "zone by ISO 10816 or 20816, acceleration, peak, crest factor",
                  .settings = vibration_settings},
    .inputs = vibration_inputs,
    .output = vibration_output,
    .make = make_vibration,
};

}  // namespace haltere::fusion
