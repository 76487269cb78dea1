#include "models/kernels/vector_f32.hpp"

#include "models/kernels/interleaved_sum.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Values from which the mean is taken away in two steps, each precise.
struct Centered {
  const float* values;
  float first;
  float offset;
  float operator()(size_t i) const { return values[i] - first - offset; }
};

Centered centered(const float* values, size_t n) {
  const float first = values[0];
  const float sum = interleaved_sum(n, [=](size_t i) { return values[i] - first; });
  return {values, first, sum / static_cast<float>(n)};
}

}  // namespace

PairPane pair_pane_of_f32(const float* x, const float* y, size_t n) {
  const Centered dx = centered(x, n);
  const Centered dy = centered(y, n);
  PairPane pane;
  pane.count = static_cast<float>(n);
  pane.first_x = dx.first;
  pane.first_y = dy.first;
  pane.offset_x = dx.offset;
  pane.offset_y = dy.offset;
  pane.squares_x = interleaved_sum(n, [=](size_t i) { return dx(i) * dx(i); });
  pane.squares_y = interleaved_sum(n, [=](size_t i) { return dy(i) * dy(i); });
  pane.products = interleaved_sum(n, [=](size_t i) { return dx(i) * dy(i); });
  return pane;
}

void append_pair_pane(PairPane& pane, const PairPane& next) {
  const float count = pane.count + next.count;
  const float share = next.count / count;
  const float weight = pane.count * share;
  const float apart_x = (next.first_x - pane.first_x) + (next.offset_x - pane.offset_x);
  const float apart_y = (next.first_y - pane.first_y) + (next.offset_y - pane.offset_y);
  pane.squares_x = pane.squares_x + next.squares_x + weight * apart_x * apart_x;
  pane.squares_y = pane.squares_y + next.squares_y + weight * apart_y * apart_y;
  pane.products = pane.products + next.products + weight * apart_x * apart_y;
  pane.offset_x += share * apart_x;
  pane.offset_y += share * apart_y;
  pane.count = count;
}

float correlation_of(const PairPane& pane) {
  const float deviations = square_root_f32(pane.squares_x) * square_root_f32(pane.squares_y);
  if (!(deviations > 0.0f)) return 0.0f;
  const float correlation = pane.products / deviations;
  return correlation > 1.0f ? 1.0f : correlation < -1.0f ? -1.0f : correlation;
}

}  // namespace kernels
}  // namespace haltere
