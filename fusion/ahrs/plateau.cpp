#include "fusion/ahrs/plateau.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

constexpr float unknown_resolution = 1e30F;
constexpr float beyond_any = 1e6F;     // sensor: no number perhaps
constexpr float least_change = 4e-6F;  // of the extreme: below 18 bits it is rounding
constexpr float steps_in = 16;
constexpr float share_in = 1 / 256.0F;
constexpr unsigned all_ends = 0x3F;

}  // namespace

void Plateau::clear() {
  *this = Plateau();
  resolution = unknown_resolution;
}

Plateau::Step Plateau::step_to(const Vec3& sample, float least) {
  const Vec3 change = sample - newest;
  Step step{{absolute(change.x), absolute(change.y), absolute(change.z)}, least, false};
  for (size_t i = 0; i < 3; ++i) {
    step.any = step.any || step.change[i] > 0;
    const float most = larger(extreme[0][i], extreme[1][i]);
    if (step.change[i] > least_change * most) resolution = smaller(resolution, step.change[i]);
  }
  return step;
}

bool Plateau::entered(const Step& step, size_t axis, float size) const {
  return size >= step.least && step.change[axis] >= larger(steps_in * resolution, share_in * size);
}

// Samples that an axis was at its extreme, this one of size `size` included.
uint8_t Plateau::count(size_t axis, size_t side, float size, const Step& step) {
  const unsigned bit = 1U << (3 * side + axis);
  float& most = extreme[side][axis];
  if (size < most) return 0;
  if (size > most) known = (known & ~bit) & all_ends;
  most = size;
  if ((known & bit) != 0) return needed;
  if (step.change[axis] != 0) return started && entered(step, axis, size) ? 1 : 0;
  const uint8_t before = samples[axis];
  if (!step.any || before == 0) return before;
  if (before + 1U == needed) known = (known | bit) & all_ends;
  return static_cast<uint8_t>(before + 1U);
}

Clipped Plateau::update(const Vec3& sample, float least) {
  Clipped clipped;
  if (!within(sample, beyond_any)) return clipped;
  const Step step = step_to(sample, least);
  const float now[3] = {sample.x, sample.y, sample.z};
  for (size_t i = 0; i < 3; ++i) {
    const unsigned known_before = known;
    samples[i] = count(i, now[i] < 0 ? 1 : 0, absolute(now[i]), step);
    if (samples[i] < needed) continue;
    clipped.axes = static_cast<uint8_t>(clipped.axes | 1U << i);
    if (known != known_before) clipped.samples = needed;
  }
  newest = sample;
  started = true;
  return clipped;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
