#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

/// Sums of consecutive samples x and y [n] of two channels that belong together, as two axes of a
/// sensor do; panes side by side make one, as with `Pane`.
struct PairPane {
  float count;
  float first_x;
  float first_y;
  float offset_x;  ///< mean of x - first_x
  float offset_y;
  float squares_x;  ///< sum((x - mean x)^2)
  float squares_y;
  float products;  ///< sum((x - mean x)(y - mean y))
};

/// Of samples x and y [n], n >= 1.
PairPane pair_pane_of_f32(const float* x, const float* y, size_t n);

/// Makes `pane` that of its own samples and those of `next` right behind them (Pebay 2008,
/// eq. 3.12).
void append_pair_pane(PairPane& pane, const PairPane& next);

/// Pearson's correlation of x and y, -1..1: the products over the root of both sums of squares; 0
/// if one of them does not vary.
float correlation_of(const PairPane& pane);

}  // namespace kernels
}  // namespace haltere
