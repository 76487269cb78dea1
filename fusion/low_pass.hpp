#pragma once

#include <array>
#include <cstddef>

namespace haltere::fusion {

/// What one step of a LowPass needs to know of its interval and time constant.
struct LowPassStep {
  double dt_s = 0.0;
  double time_constant_s = 0.0;
  double half_angle = 0.0;  ///< w dt / 2
  double scale = 0.0;

  constexpr LowPassStep() = default;
  constexpr LowPassStep(double interval_s, double constant_s)
      : dt_s(interval_s), time_constant_s(constant_s) {
    constexpr double sqrt_half = 0.70710678118654752440;
    half_angle = sqrt_half * dt_s / time_constant_s;
    scale = 1.0 / (1.0 + 2.0 * sqrt_half * half_angle + half_angle * half_angle);
  }
};

/// Second-order Butterworth low-pass filters of N channels with one time constant, for irregular
/// intervals: y'' + sqrt(2) w y' + w^2 y = w^2 u with w = sqrt(2) / time constant, integrated by
/// the trapezoidal rule. During the first time constant the output is the mean so far. Plain state.
template <std::size_t N>
struct LowPass {
  std::array<double, N> input{};   ///< latest
  std::array<double, N> output{};  ///< latest
  std::array<double, N> slope{};   ///< y' / w
  double age_s = 0.0;              ///< of the mean; at least the time constant = filtering
  double count = 0.0;              ///< samples in the mean

  /// Takes the next sample, `step.dt_s` > 0 after the one before.
  void update(const std::array<double, N>& next, const LowPassStep& step) {
    if (age_s < step.time_constant_s) return average(next, step.dt_s);
    const double h = step.half_angle;
    for (std::size_t i = 0; i < N; ++i) {
      const double slopes =
          (2.0 * slope[i] + h * (input[i] + next[i] - 2.0 * output[i])) * step.scale;
      output[i] += h * slopes;
      slope[i] = slopes - slope[i];
      input[i] = next[i];
    }
  }

 private:
  void average(const std::array<double, N>& next, double dt_s) {
    age_s += dt_s;
    count += 1.0;
    const double weight = 1.0 / count;
    for (std::size_t i = 0; i < N; ++i) {
      output[i] += weight * (next[i] - output[i]);
      input[i] = output[i];
    }
  }
};

}  // namespace haltere::fusion
