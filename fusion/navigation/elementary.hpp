#pragma once

#include <cmath>
#include <cstddef>

// Elementary functions in + - * / and square root alone: the C library's differ by a last bit from
// one processor to the next, and a replay must give the same bits everywhere.

namespace haltere::fusion::navigation {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double radian_per_degree = pi / 180.0;

struct SineCosine {
  double sine = 0.0;
  double cosine = 1.0;
};

/// Of an angle in rad, which must be within -1e5..1e5.
inline SineCosine sine_cosine(double angle_rad) {
  constexpr double quarter_high = 0x1.921fb544p0;  // few enough bits for an exact product
  constexpr double quarter_low = 0x1.0b4611a626331p-34;
  const double quarters = std::floor(angle_rad / (0.5 * pi) + 0.5);
  const double a = (angle_rad - quarters * quarter_high) - quarters * quarter_low;
  const double s = a * a;
  double sine = 1.0;
  double cosine = 1.0;
  for (int k = 9; k > 0; --k) {
    sine = 1.0 - sine * s / ((2.0 * k) * (2.0 * k + 1.0));
    cosine = 1.0 - cosine * s / ((2.0 * k - 1.0) * (2.0 * k));
  }
  sine *= a;
  switch (static_cast<int>(quarters) & 3) {
    case 0: return {sine, cosine};
    case 1: return {cosine, -sine};
    case 2: return {-sine, -cosine};
    default: return {-cosine, sine};
  }
}

/// Natural logarithm of a positive, finite number.
inline double natural_log(double value) {
  constexpr double ln2 = 0.69314718055994530942;
  int exponent = 0;
  double mantissa = std::frexp(value, &exponent);  // exact
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2.0;
    --exponent;
  }
  const double t = (mantissa - 1.0) / (mantissa + 1.0);
  const double s = t * t;
  double sum = 0.0;
  for (int k = 12; k >= 0; --k) sum = sum * s + 1.0 / (2.0 * k + 1.0);
  return 2.0 * t * sum + exponent * ln2;
}

/// e to the power of `value`, which must be within -700..700.
inline double exponential(double value) {
  constexpr double ln2_high = 0x1.62e42fefap-1;  // few enough bits for an exact product
  constexpr double ln2_low = 0x1.cf79abc9e3b39p-40;
  const double turns = std::floor(value * 1.44269504088896340736 + 0.5);
  const double r = (value - turns * ln2_high) - turns * ln2_low;
  double sum = 1.0;
  for (int k = 16; k > 0; --k) sum = 1.0 + sum * r / k;
  return std::ldexp(sum, static_cast<int>(turns));
}

}  // namespace haltere::fusion::navigation
