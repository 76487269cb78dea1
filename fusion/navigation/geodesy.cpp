#include "fusion/navigation/geodesy.hpp"

#include <cmath>

namespace haltere::fusion::navigation {
namespace {

// WGS 84 (NIMA TR 8350.2, table 3.1).
constexpr double semi_major_m = 6'378'137.0;
constexpr double flattening = 1.0 / 298.257223563;
constexpr double eccentricity_squared = flattening * (2.0 - flattening);
constexpr double highest_m = 1e6;

}  // namespace

bool is_place(const Geodetic& place) {
  return std::abs(place.latitude_rad) <= 0.5 * pi && std::abs(place.longitude_rad) <= 2.0 * pi &&
         std::abs(place.height_m) <= highest_m;
}

Vec3 earth_centred(const Geodetic& place) {
  const SineCosine lat = sine_cosine(place.latitude_rad);
  const SineCosine lon = sine_cosine(place.longitude_rad);
  const double radius_m =
      semi_major_m / std::sqrt(1.0 - eccentricity_squared * lat.sine * lat.sine);
  const double out_m = (radius_m + place.height_m) * lat.cosine;
  return {out_m * lon.cosine, out_m * lon.sine,
          (radius_m * (1.0 - eccentricity_squared) + place.height_m) * lat.sine};
}

LocalFrame::LocalFrame(const Geodetic& origin) : origin_m_(earth_centred(origin)) {
  const SineCosine lat = sine_cosine(origin.latitude_rad);
  const SineCosine lon = sine_cosine(origin.longitude_rad);
  to_local_ = {{-lon.sine, lon.cosine, 0.0,  //
                -lat.sine * lon.cosine, -lat.sine * lon.sine, lat.cosine, lat.cosine * lon.cosine,
                lat.cosine * lon.sine, lat.sine}};
}

Vec3 LocalFrame::local(const Geodetic& place) const {
  return to_local_ * (earth_centred(place) - origin_m_);
}

}  // namespace haltere::fusion::navigation
