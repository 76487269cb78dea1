#include "fusion/navigation/position_settings.hpp"

#include <array>

#include "fusion/motion_streams.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;

constexpr std::array table{
    accelerometer_setting,
    gyroscope_setting,
    Setting{.key = "magnetometer",
            .type = Type::stream,
            .description =
                "Stream of the magnetometer's three axes, in the same frame; without one "
                "`velocity` must show where north is"},
    Setting{.key = "position",
            .type = Type::stream,
            .description = "Stream of the receiver's fixes: three channels of length, east, north "
                           "and up of a fixed place",
            .required = true},
    Setting{.key = "velocity",
            .type = Type::stream,
            .description =
                "Stream of its velocity, m/s: three channels, east, north and up, or two "
                "without up"},
    Setting{.key = "position_sigma",
            .type = Type::stream,
            .description = "Stream of the fixes' standard deviations, three channels likewise, in "
                           "place of position_noise and height_noise"},
    Setting{.key = "position_noise",
            .type = Type::number,
            .description = "Standard deviation of a fix's east and north: the data sheet's CEP / "
                           "1.18",
            .dimension = Dimension::length,
            .min = 0.001,
            .max = 1000.0,
            .default_text = "2.1m"},
    Setting{.key = "height_noise",
            .type = Type::number,
            .description = "Standard deviation of a fix's height",
            .dimension = Dimension::length,
            .min = 0.001,
            .max = 1000.0,
            .default_text = "3.5m"},
    Setting{.key = "velocity_noise",
            .type = Type::number,
            .description = "Standard deviation of each axis of the velocity, m/s",
            .min = 0.001,
            .max = 100.0,
            .default_text = "0.1"},
    Setting{.key = "position_latency",
            .type = Type::number,
            .description = "By how much fixes and velocities arrive later than they were true",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 0.9,
            .default_text = "100ms"},
    Setting{.key = "declination",
            .type = Type::number,
            .description = "Magnetic north is this far east of true north",
            .dimension = Dimension::angle,
            .min = -3.1416,
            .max = 3.1416,
            .default_text = "0deg"},
    Setting{.key = "scale_error",
            .type = Type::number,
            .description = "Of gyroscope and accelerometer in motion, from the data sheet",
            .dimension = Dimension::ratio,
            .min = 0.0,
            .max = 0.2,
            .default_text = "0.5%"},
    Setting{.key = "tilt_noise",
            .type = Type::number,
            .description = "Standard deviation of the tilt by gravity; more where accelerations "
                           "last, as 10deg in a vehicle that turns",
            .dimension = Dimension::angle,
            .min = 0.001,
            .max = 1.6,
            .default_text = "0.6deg"},
    Setting{.key = "gate",
            .type = Type::number,
            .description =
                "Fixes with a normalised innovation squared beyond this are passed over, "
                "for at most 5 s; 0.1 % of good ones have",
            .min = 1.0,
            .max = 1e6,
            .default_text = "16.27"},
};

}  // namespace

std::span<const Setting> position_settings() { return table; }

navigation::NavigatorSettings read_position_settings(const config::Section& section) {
  navigation::NavigatorSettings settings;
  navigation::PositionSettings& position = settings.position;
  position.fix_horizontal_sigma_m = section.number("position_noise");
  position.fix_vertical_sigma_m = section.number("height_noise");
  position.velocity_sigma_mps = section.number("velocity_noise");
  position.fix_latency_s = section.number("position_latency");
  position.scale_sigma = section.number("scale_error");
  position.gate = section.number("gate");
  settings.tilt_sigma_rad = section.number("tilt_noise");
  settings.declination_rad = section.number("declination");
  return settings;
}

}  // namespace haltere::fusion
