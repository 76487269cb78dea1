#pragma once

#include "fusion/navigation/vector.hpp"

namespace haltere::fusion::navigation {

/// A place on the WGS 84 ellipsoid: rad north and east, m above it.
struct Geodetic {
  double latitude_rad = 0.0;
  double longitude_rad = 0.0;
  double height_m = 0.0;
};

/// Whether it is one: finite, at most a quarter turn north or south, a whole one east or west, and
/// within 1000 km of the ground.
[[nodiscard]] bool is_place(const Geodetic& place);

/// Earth-centred, earth-fixed coordinates, m (B. Hofmann-Wellenhof, H. Lichtenegger, E. Wasle,
/// "GNSS", section 8.3.1).
[[nodiscard]] Vec3 earth_centred(const Geodetic& place);

/// East, north and up of a place, m.
class LocalFrame {
 public:
  explicit LocalFrame(const Geodetic& origin);
  [[nodiscard]] Vec3 local(const Geodetic& place) const;

 private:
  Vec3 origin_m_;
  Mat3 to_local_;
};

}  // namespace haltere::fusion::navigation
