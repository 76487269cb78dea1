// The noises that scalar::Redundant works with: each sensor's own, and the quantity's unrest.

#include "fusion/ahrs/vector.hpp"
#include "fusion/scalar/redundant.hpp"
#include "fusion/scalar/running_mean.hpp"

namespace haltere {
namespace fusion {
namespace scalar {
namespace {

using ahrs::larger;

constexpr uint32_t noise_ticks = 128;
constexpr float least_share_of_noise = 0.04F;  // no sensor counts for 25 times the mean of all

}  // namespace

void Redundant::measure_noise() {
  for (size_t i = 0; i < count_; ++i) {
    Sensor& a = sensors_[i];
    if (!a.followed || !a.trusted || out_now_[i]) continue;
    average_square(a.changes, 0.5F * square(a.raw - a.before), a.seen, noise_ticks);
    for (size_t k = i + 1; k < count_; ++k) {
      const Sensor& b = sensors_[k];
      if (!b.followed || !b.trusted || out_now_[k]) continue;
      Pair& pair = pairs_[i * max_sensors + k];
      if (pair.count < longest_count) ++pair.count;
      const float step = (a.raw - a.before) - (b.raw - b.before);
      average_square(pair.spread, 0.5F * square(step), pair.count, noise_ticks);
    }
  }
}

void Redundant::solve_noise() {
  // Over the sensors that are trusted: sum over pairs = (n - 1) sum of R.
  float total = 0.0F;
  size_t known = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (!sensors_[i].trusted) continue;
    ++known;
    for (size_t k = i + 1; k < count_; ++k) {
      if (sensors_[k].trusted) total += pairs_[i * max_sensors + k].spread;
    }
  }
  if (known > 1) total /= static_cast<float>(known - 1);
  for (size_t i = 0; i < count_; ++i) {
    if (sensors_[i].trusted && known > 1) sensors_[i].noise2 = solved(i, total, known);
  }
  for (size_t i = 0; i < count_; ++i) {
    // Alone, and never seen beside another: at most what its own changes show.
    Sensor& sensor = sensors_[i];
    if (sensor.noise2 <= 0.0F) sensor.noise2 = sensor.changes;
  }
  limit_noise();
}

float Redundant::solved(size_t index, float total, size_t known) const {
  float own = 0.0F;
  float other_changes = 0.0F;
  for (size_t k = 0; k < count_; ++k) {
    if (k == index || !sensors_[k].trusted) continue;
    own += pairs_[(k < index ? k : index) * max_sensors + (k < index ? index : k)].spread;
    other_changes += sensors_[k].changes;
  }
  if (known > 2) return (own - total) / static_cast<float>(known - 2);
  // Of two the quantity's own changes cancel in the difference of theirs.
  return 0.5F * (own + sensors_[index].changes - other_changes);
}

void Redundant::limit_noise() {
  float mean = 0.0F;
  for (size_t i = 0; i < count_; ++i)
    mean += larger(sensors_[i].noise2, 0.0F) / static_cast<float>(count_);
  for (size_t i = 0; i < count_; ++i) {
    Sensor& sensor = sensors_[i];
    const float rounding = square(sensor.quantum) / 12.0F;
    const float digits = square(1e-7F * sensor.raw);
    const float least = larger(larger(rounding, digits), 1e-30F);
    // One that rests shows no noise, which is no reason to believe it most.
    const float share = sensor.moves < moves_to_judge ? 1.0F : least_share_of_noise;
    sensor.noise2 = larger(sensor.noise2, larger(share * mean, least));
  }
}

// Noise of the mean is in its change over one tick as much as in that over 16; unrest is not.
void Redundant::measure_unrest(float mean, float mean_noise2, uint32_t used) {
  if (used == 0 || used != used_before_) mean_count_ = 0;
  used_before_ = used;
  if (used == 0) return;
  const uint32_t count = mean_count_;
  if (count >= lag) {
    const uint32_t steps = count - lag + 1;
    average_square(step1_, square(mean - means_[(count - 1) % lag]), steps + lag, noise_ticks);
    average_square(step16_, square(mean - means_[count % lag]), steps + lag, noise_ticks);
    unrest_ = larger((step16_ - step1_) / static_cast<float>(lag - 1), 1e-4F * mean_noise2);
  } else if (unrest_ <= 0.0F) {
    unrest_ = mean_noise2;  // nothing is known yet: believe what is measured
  }
  means_[count % lag] = mean;
  if (mean_count_ < longest_count)
    ++mean_count_;
  else
    mean_count_ -= longest_count % lag + lag;
}

}  // namespace scalar
}  // namespace fusion
}  // namespace haltere
