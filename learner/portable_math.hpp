#pragma once

#include <bit>
#include <cstdint>

namespace haltere::learner {

/// ln 2, and its parts for range reduction: the first has few enough bits that k * ln2_high is
/// exact.
inline constexpr double ln2 = 0.693147180559945309417;
inline constexpr double ln2_high = 0x1.62e42fee00000p-1;
inline constexpr double ln2_low = 0x1.a39ef35793c76p-33;

/// Natural logarithm of a normal `x` > 0 to about 1e-15, by + - * / alone: the same bits on every
/// machine, which the C library does not promise. What decides anything uses this.
inline double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>((bits >> 52U) & 0x7ffU) - 1023;
  auto mantissa = std::bit_cast<double>((bits & 0xfffffffffffffU) | 0x3ff0000000000000U);
  if (mantissa > 1.41421356237309515) {
    mantissa *= 0.5;
    ++exponent;
  }
  const double t = (mantissa - 1.0) / (mantissa + 1.0);
  const double square = t * t;
  double sum = 0.0;  // 2 * (t + t^3 / 3 + t^5 / 5 + ...), |t| < 0.172
  for (int power = 23; power >= 1; power -= 2) sum = sum * square + 2.0 / power;
  return exponent * ln2_high + (exponent * ln2_low + t * sum);
}

/// e^x for x in -700..700 to about 1e-15 of the value, likewise; beyond, the nearer limit's.
inline double portable_exp(double x) {
  if (x > 700.0) x = 700.0;
  if (x < -700.0) x = -700.0;
  const double scaled = x / ln2;
  const auto k = static_cast<int>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
  const double rest = (x - k * ln2_high) - k * ln2_low;
  double sum = 1.0;  // Taylor, |rest| < 0.35
  for (int n = 15; n >= 1; --n) sum = 1.0 + sum * rest / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52U);
}

}  // namespace haltere::learner
