#include "sensors/local_frame.hpp"

#include <cmath>

namespace haltere::sensors {
namespace {

// WGS 84 (NIMA TR 8350.2, table 3.1).
constexpr double semi_major_m = 6'378'137.0;
constexpr double flattening = 1.0 / 298.257223563;
constexpr double eccentricity_squared = flattening * (2.0 - flattening);

/// Earth-centred, earth-fixed (B. Hofmann-Wellenhof, H. Lichtenegger, E. Wasle, "GNSS",
/// section 8.3.1).
std::array<double, 3> earth_centred_m(const Place& place) {
  const double latitude = place.latitude_deg * radian_per_degree;
  const double longitude = place.longitude_deg * radian_per_degree;
  const double sine = std::sin(latitude);
  const double radius_m = semi_major_m / std::sqrt(1.0 - eccentricity_squared * sine * sine);
  const double out_m = (radius_m + place.height_m) * std::cos(latitude);
  return {out_m * std::cos(longitude), out_m * std::sin(longitude),
          (radius_m * (1.0 - eccentricity_squared) + place.height_m) * sine};
}

}  // namespace

LocalFrame::LocalFrame(const Place& origin) : origin_m_(earth_centred_m(origin)), axes_{} {
  const double latitude = origin.latitude_deg * radian_per_degree;
  const double longitude = origin.longitude_deg * radian_per_degree;
  const double sin_lat = std::sin(latitude);
  const double cos_lat = std::cos(latitude);
  const double sin_lon = std::sin(longitude);
  const double cos_lon = std::cos(longitude);
  axes_[0] = {-sin_lon, cos_lon, 0.0};
  axes_[1] = {-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat};
  axes_[2] = {cos_lat * cos_lon, cos_lat * sin_lon, sin_lat};
}

std::array<double, 3> LocalFrame::local_m(const Place& place) const {
  const std::array<double, 3> point_m = earth_centred_m(place);
  std::array<double, 3> local_m{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t i = 0; i < 3; ++i) {
      local_m[axis] += axes_[axis][i] * (point_m[i] - origin_m_[i]);
    }
  }
  return local_m;
}

}  // namespace haltere::sensors
