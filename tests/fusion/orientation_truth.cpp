#include "tests/fusion/orientation_truth.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include "tests/read_file.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Quat;

constexpr double degree = 180.0 / 3.14159265358979323846;

float float_at(const std::uint8_t* bytes) {
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{bytes[i]} << (8 * i);
  return std::bit_cast<float>(bits);
}

// estimate truth*, in the earth frame.
Quat error(const Quat& estimate, const Quat& truth) {
  return estimate * Quat{truth.w, -truth.x, -truth.y, -truth.z};
}

double total_rad(const Quat& e) {
  const double x = static_cast<double>(e.x);
  const double y = static_cast<double>(e.y);
  const double z = static_cast<double>(e.z);
  return 2 * std::atan2(std::sqrt(x * x + y * y + z * z), std::abs(static_cast<double>(e.w)));
}

double heading_rad(const Quat& e) {
  return std::remainder(2 * std::atan2(static_cast<double>(e.z), static_cast<double>(e.w)),
                        2 * 3.14159265358979323846);
}

double inclination_rad(const Quat& e) {
  return 2 * std::atan2(std::hypot(static_cast<double>(e.x), static_cast<double>(e.y)),
                        std::hypot(static_cast<double>(e.w), static_cast<double>(e.z)));
}

}  // namespace

std::optional<OrientationTruth> read_truth(const std::string& folder, const std::string& id) {
  const std::vector<std::uint8_t> quaternions = read_bytes(folder + "/" + id + ".quat.f32");
  const std::vector<std::uint8_t> moves = read_bytes(folder + "/" + id + ".move.u8");
  if (moves.empty() || quaternions.size() != 16 * moves.size()) return std::nullopt;
  OrientationTruth truth;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const std::uint8_t* row = quaternions.data() + 16 * i;
    truth.orientation.push_back(
        {float_at(row), float_at(row + 4), float_at(row + 8), float_at(row + 12)});
    truth.moving.push_back(moves[i] != 0);
  }
  return truth;
}

double total_error_deg(const Quat& estimate, const Quat& truth) {
  return degree * total_rad(error(estimate, truth));
}

OrientationScore score(const std::vector<Quat>& estimates, const OrientationTruth& truth) {
  OrientationScore sum;
  double count = 0.0;
  for (std::size_t i = 0; i < estimates.size() && i < truth.moving.size(); ++i) {
    if (!truth.moving[i] || std::isnan(truth.orientation[i].w)) continue;
    const Quat e = error(estimates[i], truth.orientation[i]);
    sum.total_deg += total_rad(e) * total_rad(e);
    sum.heading_deg += heading_rad(e) * heading_rad(e);
    sum.inclination_deg += inclination_rad(e) * inclination_rad(e);
    count += 1.0;
  }
  const auto rms = [count](double squares) { return degree * std::sqrt(squares / count); };
  return {rms(sum.total_deg), rms(sum.heading_deg), rms(sum.inclination_deg)};
}

}  // namespace haltere::fusion
