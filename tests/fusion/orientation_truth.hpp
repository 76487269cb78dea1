#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fusion/ahrs/vector.hpp"

namespace haltere::fusion {

/// What cameras saw of a recording: `ID.quat.f32` and `ID.move.u8` beside it.
struct OrientationTruth {
  std::vector<ahrs::Quat> orientation;  ///< NaN where unknown
  std::vector<bool> moving;             ///< scored
};

/// Nothing where the files are missing or do not fit each other.
[[nodiscard]] std::optional<OrientationTruth> read_truth(const std::string& folder,
                                                         const std::string& id);

/// Errors in degrees, as the recordings' README defines them: root mean square over the samples
/// that are scored.
struct OrientationScore {
  double total_deg = 0.0;
  double heading_deg = 0.0;
  double inclination_deg = 0.0;
};

/// Total error of one sample, deg.
[[nodiscard]] double total_error_deg(const ahrs::Quat& estimate, const ahrs::Quat& truth);

[[nodiscard]] OrientationScore score(const std::vector<ahrs::Quat>& estimates,
                                     const OrientationTruth& truth);

}  // namespace haltere::fusion
