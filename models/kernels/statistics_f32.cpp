#include "models/kernels/statistics_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/interleaved_sum.hpp"
#include "models/kernels/lanes_f32.hpp"

namespace haltere {
namespace kernels {
float mean_f32(const float* x, size_t n) {
  const float first = x[0];
  const float sum = interleaved_sum(n, [=](size_t i) { return x[i] - first; });
  return first + sum / static_cast<float>(n);
}

namespace {

/// How often x[i] > level changes, and whether some x[i] is neither above nor below it.
struct Changes {
  uint32_t count;
  bool touches;
};

Changes changes_about(const float* x, size_t n, float level) {
  uint32_t count = 0;
  uint32_t between = x[0] > level || x[0] < level ? 0 : 1;
  for (size_t i = 1; i < n; ++i) {
    count += (x[i] > level) != (x[i - 1] > level) ? 1U : 0U;
    between += x[i] > level || x[i] < level ? 0U : 1U;
  }
  return {count, between > 0};
}

}  // namespace

Extremes extremes_f32(const float* x, size_t n) {
  Lanes low = all_lanes(x[0]);
  Lanes high = low;
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Lanes value = load_lanes(x + i);
    low = if_above(low, value, value, low);
    high = if_above(value, high, value, high);
  }
  float lows[lanes];
  float highs[lanes];
  store_lanes(lows, low);
  store_lanes(highs, high);
  Extremes found = {lows[0], highs[0]};
  const auto look_at = [&found](float smallest, float largest) {
    found.min = smallest < found.min ? smallest : found.min;
    found.max = largest > found.max ? largest : found.max;
  };
  for (size_t lane = 1; lane < lanes; ++lane) look_at(lows[lane], highs[lane]);
  for (; i < n; ++i) look_at(x[i], x[i]);
  return {found.min + 0.0f, found.max + 0.0f};
}

size_t mean_crossings_f32(const float* x, size_t n, float mean) {
  if (lanes > 1) {  // a first look that has no branch, worth it where several are looked at at once
    const Changes changes = changes_about(x, n, mean);
    if (!changes.touches) return static_cast<size_t>(changes.count);
  }
  size_t crossings = 0;
  int side = 0;
  for (size_t i = 0; i < n; ++i) {
    const int now = (x[i] > mean ? 1 : 0) - (x[i] < mean ? 1 : 0);
    crossings += now * side < 0 ? 1U : 0U;
    side = now != 0 ? now : side;
  }
  return crossings;
}

}  // namespace kernels
}  // namespace haltere
