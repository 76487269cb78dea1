#pragma once

#include "sensors/local_frame.hpp"
#include "sensors/nmea_epoch.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// The channels of a satellite receiver: `latitude` and `longitude` (degrees; 32 bits resolve 0.9 m
/// at worst), `altitude` (m above mean sea level), `position.e .n .u` (m from the origin),
/// `velocity.e .n` and `speed` (m/s), `course` (degrees from true north to the east), `satellites`
/// in use, `hdop`, `quality` (of GGA), `position_sigma.e .n .u` (m).
[[nodiscard]] Layout nmea_layout(double rate_hz);

/// Writes the values of `fix`, NaN where the receiver did not tell. At rest it knows no course, but
/// its velocity is zero. Deviations are what GST says, else `range_error_m` times the dilution of
/// precision.
void write_fix(const NmeaEpoch& fix, const LocalFrame& frame, double range_error_m, Sample& sample);

}  // namespace haltere::sensors
