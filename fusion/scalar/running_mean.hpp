#pragma once

#include <stdint.h>

namespace haltere {
namespace fusion {
namespace scalar {

constexpr float square(float v) { return v * v; }

/// Moves `mean` towards `value`, by one part in `most` once there were so many.
inline void average(float& mean, float value, uint32_t count, uint32_t most) {
  mean += (value - mean) / static_cast<float>(count < most ? count : most);
}

/// The same for squares, of which a wild one counts for no more than 16 of the usual.
inline void average_square(float& mean, float value, uint32_t count, uint32_t most) {
  constexpr float clip = 16.0F;
  const float limit = clip * mean;
  const bool wild = count > 16 && limit > 0.0F && value > limit;
  average(mean, wild ? limit : value, count, most);
}

}  // namespace scalar
}  // namespace fusion
}  // namespace haltere
