#include "tests/fusion/navigation_truth.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "fusion/navigation/pressure_height.hpp"
#include "tests/read_file.hpp"

namespace haltere::fusion {
namespace {

using navigation::Vec3;
using sensors::TimeNs;

constexpr std::int16_t missing = -32768;
constexpr std::size_t reach = 4;

std::int16_t int16_at(const std::uint8_t* bytes) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8));
}

// Where nothing was seen, a line from the sample before to the one after.
void fill(std::vector<Vec3>& positions, const std::vector<bool>& seen) {
  std::size_t before = seen.size();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) continue;
    const std::size_t from = before < seen.size() ? before : i;
    const auto steps = static_cast<double>(i - from);
    for (std::size_t k = before < seen.size() ? before + 1 : 0; k < i; ++k) {
      const double share = from < i ? static_cast<double>(k - from) / steps : 0.0;
      positions[k] = positions[from] + share * (positions[i] - positions[from]);
    }
    before = i;
  }
  for (std::size_t k = before + 1; k < seen.size(); ++k) positions[k] = positions[before];
}

Vec3 slope(const std::vector<Vec3>& positions, std::size_t at, double rate_hz) {
  Vec3 sum{};
  double squares = 0.0;
  for (std::size_t k = 1; k <= reach; ++k) {
    const auto weight = static_cast<double>(k);
    sum = sum + weight * (positions[at + k] - positions[at - k]);
    squares += 2.0 * weight * weight;
  }
  return rate_hz / squares * sum;
}

Vec3 value_at(const PositionTruth& truth, const std::vector<Vec3>& values, TimeNs time_ns) {
  const auto& times = truth.time_ns;
  const auto after = std::ranges::lower_bound(times, time_ns);
  if (after == times.begin()) return values.front();
  if (after == times.end()) return values.back();
  const auto i = static_cast<std::size_t>(after - times.begin());
  const double share =
      static_cast<double>(time_ns - times[i - 1]) / static_cast<double>(times[i] - times[i - 1]);
  return values[i - 1] + share * (values[i] - values[i - 1]);
}

}  // namespace

std::optional<PositionTruth> read_position_truth(const std::string& folder, const std::string& id,
                                                 double rate_hz) {
  const std::vector<std::uint8_t> positions = read_bytes(folder + "/" + id + ".pos.i16");
  const std::vector<std::uint8_t> moves = read_bytes(folder + "/" + id + ".move.u8");
  if (moves.empty() || positions.size() != 6 * moves.size()) return std::nullopt;
  PositionTruth truth;
  std::vector<bool> seen;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    Vec3 position{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      position[axis] = 1e-4 * int16_at(positions.data() + 6 * i + 2 * axis);
    }
    seen.push_back(int16_at(positions.data() + 6 * i) != missing);
    truth.position_m.push_back(position);
    truth.time_ns.push_back(std::llround(1e9 * static_cast<double>(i) / rate_hz));
  }
  fill(truth.position_m, seen);
  truth.velocity_mps.resize(seen.size());
  truth.scored.resize(seen.size());
  for (std::size_t i = reach; i + reach < seen.size(); ++i) {
    truth.velocity_mps[i] = slope(truth.position_m, i, rate_hz);
    const auto first = seen.begin() + static_cast<std::ptrdiff_t>(i - reach);
    truth.scored[i] = moves[i] != 0 &&
                      std::all_of(first, first + 2 * reach + 1, [](bool there) { return there; });
  }
  return truth;
}

Vec3 position_at(const PositionTruth& truth, TimeNs time_ns) {
  return value_at(truth, truth.position_m, time_ns);
}

Vec3 velocity_at(const PositionTruth& truth, TimeNs time_ns) {
  return value_at(truth, truth.velocity_mps, time_ns);
}

std::vector<MadeUpPressure> made_up_barometer(const PositionTruth& truth, std::uint64_t seed) {
  constexpr TimeNs period_ns = 40'000'000;
  constexpr double noise_pa = 1.3;
  constexpr double step_pa = 0.18;
  constexpr double warming_pa = 1.5;
  constexpr double warming_s = 60.0;
  constexpr double weather_pa_per_s = -50.0 / 3600.0;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0.0, noise_pa);
  std::vector<MadeUpPressure> all;
  for (TimeNs t = period_ns; t <= truth.time_ns.back(); t += period_ns) {
    constexpr int parts = 8;
    double height_m = 0.0;
    for (int i = 0; i < parts; ++i) {
      height_m += position_at(truth, t - period_ns * (2 * i + 1) / (2 * parts))[2] / parts;
    }
    const double time_s = 1e-9 * static_cast<double>(t);
    const double drift_pa =
        warming_pa * (1.0 - std::exp(-time_s / warming_s)) + weather_pa_per_s * time_s;
    const double clean_pa =
        navigation::pressure_of_height(height_m, navigation::standard_pressure_pa);
    const double pressure_pa = clean_pa + drift_pa + noise(random);
    all.push_back(
        {t, step_pa * std::round(pressure_pa / step_pa),
         -drift_pa * navigation::metres_per_pascal(clean_pa, navigation::standard_pressure_pa)});
  }
  return all;
}

std::vector<MadeUpFix> made_up_receiver(const PositionTruth& truth, const MadeUpReceiver& receiver,
                                        std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const auto noise = [&](double across, double up) {
    const double e = normal(random);
    const double n = normal(random);
    return Vec3{across * e, across * n, up * normal(random)};
  };
  const auto period_ns = static_cast<TimeNs>(1e9 / receiver.rate_hz);
  const auto latency_ns = static_cast<TimeNs>(1e9 * receiver.latency_s);
  std::vector<MadeUpFix> all;
  for (TimeNs t = period_ns; t + latency_ns <= truth.time_ns.back(); t += period_ns) {
    const Vec3 error_m = noise(receiver.horizontal_sigma_m, receiver.vertical_sigma_m);
    const Vec3 error_mps = noise(receiver.velocity_sigma_mps, receiver.velocity_sigma_mps);
    all.push_back(
        {t + latency_ns, position_at(truth, t) + error_m, velocity_at(truth, t) + error_mps});
  }
  return all;
}

}  // namespace haltere::fusion
