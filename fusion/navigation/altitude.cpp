#include "fusion/navigation/altitude.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr double max_acceleration_mps2 = 4000.0;
constexpr double min_pressure_pa = 1e3;
constexpr double max_pressure_pa = 2e5;
constexpr double start_speed_sigma_mps = 1.0;
constexpr double gap_s = 0.25;           // in the acceleration
constexpr double unknown_density = 4.0;  // (m/s²)²/Hz, of what moves about in a gap
constexpr double longest_gap_s = 60.0;   // after which nothing is known
constexpr double longest_delay_s = 0.5;
constexpr double missing_s = 2.0;
constexpr TimeNs furthest_ns = TimeNs{1} << 61;  // differences of any two stamps fit

double seconds(TimeNs ns) { return 1e-9 * static_cast<double>(ns); }
bool sensible(TimeNs time_ns) { return time_ns > -furthest_ns && time_ns < furthest_ns; }
double square(double v) { return v * v; }

}  // namespace

Altitude::Altitude(const AltitudeSettings& settings) : settings_(settings) { reset(); }

void Altitude::reset() {
  const AltitudeCounts counts = state_.counts;
  state_ = {};
  state_.counts = counts;
  state_.reference_pa = settings_.sea_level_pa;
  state_.covariance[8] = square(settings_.bias_sigma_mps2);
}

bool Altitude::acceleration(TimeNs time_ns, double up_mps2) {
  AltitudeState& s = state_;
  if (!sensible(time_ns) || !(std::abs(up_mps2) <= max_acceleration_mps2)) {
    ++s.counts.refused;
    return false;
  }
  if (s.has_acceleration && time_ns <= s.time_ns) {
    ++s.counts.late;
    return false;
  }
  const double dt_s = s.has_acceleration ? seconds(time_ns - s.time_ns) : 0.0;
  if (dt_s > longest_gap_s) reset();
  if (dt_s > gap_s) ++s.counts.gaps;
  if (s.has_pressure && dt_s > gap_s) {
    bridge(dt_s);
  } else if (s.has_pressure) {
    // The mean of the samples at both ends of the step.
    predict(0.5 * (s.acceleration_mps2 + up_mps2), dt_s);
  }
  s.acceleration_mps2 = up_mps2;
  s.time_ns = time_ns;
  s.has_acceleration = true;
  return true;
}

// x' = F x, F = [1 dt -dt²/2; 0 1 -dt; 0 0 1], P' = F P F^T + Q.
void Altitude::predict(double up_mps2, double dt_s) {
  auto& x = state_.mean;
  auto& p = state_.covariance;
  const double a = up_mps2 - x[2];
  x[0] += dt_s * (x[1] + 0.5 * dt_s * a);
  x[1] += dt_s * a;
  const double half = 0.5 * dt_s * dt_s;
  for (std::size_t i = 0; i < 3; ++i) {  // rows
    p[i] += dt_s * p[3 + i] - half * p[6 + i];
    p[3 + i] -= dt_s * p[6 + i];
  }
  for (std::size_t i = 0; i < 9; i += 3) {  // columns
    p[i] += dt_s * p[i + 1] - half * p[i + 2];
    p[i + 1] -= dt_s * p[i + 2];
  }
  spread(dt_s, square(settings_.acceleration_sigma_mps2));
}

// What happened in a gap is not known, only that it stopped somewhere.
void Altitude::bridge(double dt_s) {
  predict(state_.mean[2], dt_s);
  spread(dt_s, unknown_density);
}

// White noise of the acceleration, of `density` (m/s²)²/Hz, and the bias that wanders.
void Altitude::spread(double dt_s, double density) {
  auto& p = state_.covariance;
  p[0] += density * dt_s * dt_s * dt_s / 3.0;
  p[1] += 0.5 * density * dt_s * dt_s;
  p[3] = p[1];
  p[4] += density * dt_s;
  p[6] = p[2];
  p[7] = p[5];
  p[8] += square(settings_.bias_wander_mps2) * dt_s;
}

bool Altitude::pressure(TimeNs time_ns, double pressure_pa) {
  AltitudeState& s = state_;
  if (!sensible(time_ns) || !(pressure_pa >= min_pressure_pa && pressure_pa <= max_pressure_pa)) {
    ++s.counts.refused;
    return false;
  }
  const double ahead_s = s.has_acceleration ? seconds(s.time_ns - time_ns) : 2.0 * longest_delay_s;
  const bool in_order = !s.has_pressure || time_ns > s.pressure_ns;
  if (!in_order || !(std::abs(ahead_s) <= longest_delay_s)) {
    ++s.counts.late;
    return false;
  }
  s.pressure_ns = time_ns;
  if (!s.has_pressure && settings_.from_start) s.reference_pa = pressure_pa;
  const double height_m = height_of_pressure(pressure_pa, s.reference_pa);
  const double variance =
      square(settings_.pressure_sigma_pa * metres_per_pascal(pressure_pa, s.reference_pa));
  if (!s.has_pressure) {
    start(height_m, variance);
    return true;
  }
  return correct(height_m, variance, ahead_s + settings_.pressure_latency_s);
}

// Also when what was thought proved wrong: of the bias only what is plausible is kept.
void Altitude::start(double height_m, double variance_m2) {
  AltitudeState& s = state_;
  const double furthest_mps2 = 2.0 * settings_.bias_sigma_mps2;
  s.mean = {height_m, 0.0, std::clamp(s.mean[2], -furthest_mps2, furthest_mps2)};
  s.covariance = {};
  s.covariance[0] = variance_m2;
  s.covariance[4] = square(start_speed_sigma_mps);
  s.covariance[8] = square(settings_.bias_sigma_mps2);
  s.has_pressure = true;
  s.used_ns = s.pressure_ns;
}

// The pressure shows where the sensor was `delay_s` ago: z = h - d v + d²/2 (a - b).
bool Altitude::correct(double height_m, double variance_m2, double delay_s) {
  AltitudeState& s = state_;
  auto& x = s.mean;
  auto& p = s.covariance;
  const double half = 0.5 * delay_s * delay_s;
  const std::array<double, 3> row{1.0, -delay_s, -half};
  std::array<double, 3> cross{};  // P H^T
  for (std::size_t i = 0; i < 3; ++i) {
    cross[i] = p[3 * i] * row[0] + p[3 * i + 1] * row[1] + p[3 * i + 2] * row[2];
  }
  const double variance = row[0] * cross[0] + row[1] * cross[1] + row[2] * cross[2] + variance_m2;
  const double innovation =
      height_m - (x[0] - delay_s * x[1] + half * (s.acceleration_mps2 - x[2]));
  if (innovation * innovation > square(settings_.gate_sigmas) * variance) {
    s.rejected = true;
    ++s.counts.rejected;
    if (seconds(s.pressure_ns - s.used_ns) <= settings_.gate_duration_s) return false;
    ++s.counts.restarts;
    start(height_m, variance_m2);
    return true;
  }
  for (std::size_t i = 0; i < 3; ++i) x[i] += cross[i] / variance * innovation;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j) {
      p[3 * i + j] -= cross[i] / variance * cross[j];
      p[3 * j + i] = p[3 * i + j];
    }
    p[4 * i] = std::max(p[4 * i], 0.0);
  }
  s.rejected = false;
  s.used_ns = s.pressure_ns;
  return true;
}

AltitudeOutput Altitude::output() const {
  const AltitudeState& s = state_;
  const auto& p = s.covariance;
  return {.height_m = s.mean[0],
          .speed_mps = s.mean[1],
          .acceleration_mps2 = s.acceleration_mps2 - s.mean[2],
          .height_sigma_m = std::sqrt(std::max(p[0], 0.0)),
          .speed_sigma_mps = std::sqrt(std::max(p[4], 0.0)),
          .bias_mps2 = s.mean[2],
          .bias_sigma_mps2 = std::sqrt(std::max(p[8], 0.0)),
          .has_height = s.has_pressure,
          .pressure_rejected = s.rejected,
          .pressure_missing = !s.has_pressure || seconds(s.time_ns - s.used_ns) > missing_s};
}

}  // namespace haltere::fusion::navigation
