#pragma once

#include "fusion/ahrs/ahrs.hpp"
#include "fusion/navigation/heading_search.hpp"
#include "fusion/navigation/position.hpp"

namespace haltere::fusion::navigation {

struct NavigatorSettings {
  PositionSettings position;
  ahrs::Settings orientation;
  double declination_rad = 0.0;  ///< of magnetic north, to the east of true north
  double compass_sigma_rad = 0.09;
  /// Of the orientation filter's tilt, which takes accelerations that last for one.
  double tilt_sigma_rad = 0.6 * radian_per_degree;
};

/// All that it remembers: copied and restored bit for bit.
struct NavigatorState {
  ahrs::WholeState orientation{};
  PositionState position;
  HeadingSearch search;
  sensors::TimeNs since_ns = 0;  ///< when the orientation started
  sensors::TimeNs compass_ns = 0;
  sensors::TimeNs level_ns = 0;
  bool started = false;
};

/// Position from the first sample on: the orientation filter finds the tilt, and the heading where
/// there is a magnetometer, else velocities against accelerations do. Then Position goes on, with
/// the gyroscope's scale as the orientation filter has found it; tilt and compass are asked again
/// only while it is less sure of itself than they are, as their errors last.
class Navigator {
 public:
  explicit Navigator(const NavigatorSettings& settings = {});
  Navigator(const Navigator&) = delete;
  Navigator& operator=(const Navigator&) = delete;

  /// As in Position, which see; samples in the order of their times.
  void inertial(sensors::TimeNs time_ns, const Vec3& acceleration_mps2, const Vec3& rate_radps);
  void magnetometer(sensors::TimeNs time_ns, const Vec3& field_ut);
  void velocity(sensors::TimeNs time_ns, const Vec3& velocity_mps);
  void fix(sensors::TimeNs time_ns, const Vec3& position_m);
  void fix(sensors::TimeNs time_ns, const Vec3& position_m, const Vec3& sigma_m);

  /// Forgets all.
  void reset();

  /// Until it is aligned with the orientation filter's answer for the orientation.
  [[nodiscard]] PositionOutput output() const;
  [[nodiscard]] const PositionCounts& counts() const { return position_.counts(); }

  [[nodiscard]] NavigatorState state() const;
  void restore(const NavigatorState& state);

 private:
  [[nodiscard]] Vec3 scaled(const Vec3& rate_radps) const;
  [[nodiscard]] Quat orientation() const;
  void align(sensors::TimeNs time_ns);

  NavigatorSettings settings_;
  ahrs::Ahrs orientation_;
  Position position_;
  NavigatorState state_;  ///< its own part
};

}  // namespace haltere::fusion::navigation
