#pragma once

#include <stdint.h>

#include "mcu/firmware/sensor.hpp"

namespace haltere {
namespace firmware {

constexpr uint8_t wave_channels = 6;
constexpr uint32_t wave_activity_samples = 1024;
constexpr uint8_t wave_activities = 4;

/// What the made-up sensor's channels are called: ax .. gz, in g and degrees per second.
const SensorChannel* wave_channel_names();

/// Sample [wave_channels] `number` of a made-up inertial sensor: four movements take turns, each
/// for 1,024 samples. The same on every machine.
void wave_sample(uint32_t number, int16_t* sample);

}  // namespace firmware
}  // namespace haltere
