#include "sensors/nmea_channels.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace haltere::sensors {
namespace {

constexpr double standstill_mps = 0.2;
constexpr double vdop_per_hdop = 1.6;  // under open sky, where no GSA tells

/// East and north.
std::array<double, 2> velocity_mps(const NmeaEpoch& fix) {
  if (std::isnan(fix.course_deg) && fix.speed_mps < standstill_mps) return {0.0, 0.0};
  const double course = fix.course_deg * radian_per_degree;
  return {fix.speed_mps * std::sin(course), fix.speed_mps * std::cos(course)};
}

/// East, north and up. The horizontal dilution is of both axes together.
std::array<double, 3> sigma_m(const NmeaEpoch& fix, double range_error_m) {
  const double vdop = std::isnan(fix.vdop) ? vdop_per_hdop * fix.hdop : fix.vdop;
  const double across_m = range_error_m * fix.hdop / std::numbers::sqrt2;
  const auto either = [](double told, double else_m) { return std::isnan(told) ? else_m : told; };
  return {either(fix.sigma_east_m, across_m), either(fix.sigma_north_m, across_m),
          either(fix.sigma_up_m, range_error_m * vdop)};
}

}  // namespace

Layout nmea_layout(double rate_hz) {
  return {.channels = {{"latitude", Quantity::number},
                       {"longitude", Quantity::number},
                       {"altitude", Quantity::length},
                       {"position.e", Quantity::length},
                       {"position.n", Quantity::length},
                       {"position.u", Quantity::length},
                       {"velocity.e", Quantity::number},
                       {"velocity.n", Quantity::number},
                       {"speed", Quantity::number},
                       {"course", Quantity::number},
                       {"satellites", Quantity::number},
                       {"hdop", Quantity::number},
                       {"quality", Quantity::number},
                       {"position_sigma.e", Quantity::length},
                       {"position_sigma.n", Quantity::length},
                       {"position_sigma.u", Quantity::length}},
          .rate_hz = rate_hz};
}

void write_fix(const NmeaEpoch& fix, const LocalFrame& frame, double range_error_m,
               Sample& sample) {
  sample.count = 0;
  const auto put = [&](double value) { sample.values[sample.count++] = static_cast<float>(value); };
  put(fix.place.latitude_deg);
  put(fix.place.longitude_deg);
  put(fix.place.height_m);
  for (const double value : frame.local_m(fix.place)) put(value);
  for (const double value : velocity_mps(fix)) put(value);
  put(fix.speed_mps);
  put(fix.course_deg);
  put(fix.satellites);
  put(fix.hdop);
  put(fix.quality);
  for (const double value : sigma_m(fix, range_error_m)) put(value);
}

}  // namespace haltere::sensors
