#pragma once

#include <array>
#include <numbers>
#include <optional>

namespace haltere::sensors {

inline constexpr double radian_per_degree = std::numbers::pi / 180.0;

/// A place on the earth: degrees north and east, m above its ellipsoid (WGS 84).
struct Place {
  double latitude_deg = 0.0;
  double longitude_deg = 0.0;
  double height_m = 0.0;
};

/// Metres east, north and up of an origin, on its tangent plane: up falls by 8 cm in the first
/// kilometre, as the earth curves.
class LocalFrame {
 public:
  explicit LocalFrame(const Place& origin);

  [[nodiscard]] std::array<double, 3> local_m(const Place& place) const;

 private:
  std::array<double, 3> origin_m_;
  std::array<std::array<double, 3>, 3> axes_;  ///< east, north, up, earth-centred
};

/// Where a receiver's local coordinates start: nowhere yet, or where it was first.
struct LocalOrigin {
  std::optional<LocalFrame> frame;
};

}  // namespace haltere::sensors
