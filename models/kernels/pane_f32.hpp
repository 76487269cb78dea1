#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

// Sums of consecutive samples of one channel, n >= 1 of them, such that two panes side by side make
// one. A window is put together of panes in an order that its length and step alone decide
// (window_panes.hpp), so that one that overlaps it may use the same panes again, to the bit.

/// What of a pane is to be computed; its mean always is.
struct PaneNeeds {
  bool variance;
  bool shape;  ///< with variance: cubes and fourths
  bool magnitudes;
  bool extremes;
  bool crossings;
  bool changes;
  bool trend;
};

/// In the channel's unit where nothing else is said; x: the samples, m: their mean. What was not
/// needed is unspecified.
struct Pane {
  float count;       ///< n, exact up to 2^24
  float first;       ///< oldest sample
  float last;        ///< newest
  float offset;      ///< m - first: precise also for small changes on a large offset (air pressure)
  float variance;    ///< sum((x - m)^2) / n
  float cubes;       ///< sum(z^3), z = (x - m) / s, s a power of two with 1 <= variance / s^2 < 4
  float fourths;     ///< sum(z^4); both 0 for a constant
  float magnitudes;  ///< sum(|x|)
  float min;         ///< as extremes_f32
  float max;
  float crossings;   ///< how often x changes its sign, zeros passed over: a count
  float first_sign;  ///< -1, 1, or 0 where all samples are 0: of the first sample that is not 0
  float last_sign;
  float changes;  ///< sum(|x[t] - x[t - 1]|)
  float trend;    ///< sum((t - (n - 1) / 2) (x - m)), t in samples
};

/// Of samples x [n].
Pane pane_of_f32(const float* x, size_t n, const PaneNeeds& needs);

/// Makes `pane` that of its own samples and those of `next` right behind them: moments by Chan,
/// Golub and LeVeque (1979) and Pebay (2008), eq. 1.5, of scaled values, so that no power of a
/// small or large deviation leaves a float's range.
void append_pane(Pane& pane, const Pane& next, const PaneNeeds& needs);

inline float mean_of(const Pane& pane) { return pane.first + pane.offset; }

/// sum(x^2) / n: nothing cancels, as both parts are positive. Needs the variance.
inline float mean_square_of(const Pane& pane) {
  return pane.variance + mean_of(pane) * mean_of(pane);
}

/// m3 / m2^1.5 with m_k = sum((x - m)^k) / n; 0 for a constant. Needs the shape.
float skewness_of(const Pane& pane);

/// m4 / m2^2 - 3: 0 for a normal distribution, and for a constant. Needs the shape.
float kurtosis_of(const Pane& pane);

/// Largest |x| over the root of the mean square; 0 if all are 0. Needs variance and extremes.
float crest_factor_of(const Pane& pane);

/// Of the straight line through x by least squares, per sample; 0 for one sample. Needs the trend.
float slope_of(const Pane& pane);

/// sum(|x[t] - x[t - 1]|) / (n - 1); 0 for one sample. Needs the changes.
float mean_change_of(const Pane& pane);

}  // namespace kernels
}  // namespace haltere
