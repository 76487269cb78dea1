#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sensors/sample.hpp"

namespace haltere::fusion {

/// How a remote clock is followed.
struct ClockMapSettings {
  double window_s = 128.0;       ///< of the past that the line is fitted to
  double largest_skew = 500e-6;  ///< of any crystal; the fit goes no further
  double least_delay_s = 0.0;    ///< of the way here, which no arrival tells from an offset
  double jump_s = 1.0;  ///< later than this than expected, or before: the clock was set anew
};

/// Maps a remote board's time stamps to the host's clock, from pairs of stamp and arrival.
///
/// Delays on the way only ever add, so the line host - remote = offset + skew remote lies below all
/// pairs, and close to those that were fastest. It is the line below them with the least sum of
/// distances: the edge of the lower convex hull over the mean stamp (S. Moon, P. Skelly, D.
/// Towsley, "Estimation and removal of clock skew from network delay measurements", INFOCOM 1999),
/// its slope then fitted by least squares to the pairs close above it, where there are many.
/// Delays may be of any distribution; what the fastest took is part of the offset, also where a
/// poll timer beats with the samples so that none is ever fast. The window is kept as the fastest
/// pair of each of 64 parts. Reads no clock, allocates nothing.
class ClockMap {
 public:
  explicit ClockMap(const ClockMapSettings& settings = {});

  /// Takes a sample stamped `remote_ns` that arrived at `arrival_ns`; returns the host's time of
  /// the stamp: never after its arrival, never before what was returned for an earlier stamp.
  sensors::TimeNs stamp(sensors::TimeNs remote_ns, sensors::TimeNs arrival_ns);

  /// The host's time of `remote_ns` by the newest line; `remote_ns` itself before any sample.
  [[nodiscard]] sensors::TimeNs map(sensors::TimeNs remote_ns) const;

  [[nodiscard]] double skew() const { return skew_; }  ///< host seconds per remote second, less 1
  [[nodiscard]] std::uint64_t restarts() const { return restarts_; }  ///< the clock was set anew

 private:
  static constexpr std::size_t parts = 64;
  struct Pair {
    double x_s = 0.0;  ///< remote, since the first
    double y_s = 0.0;  ///< host - remote, less the first
  };

  [[nodiscard]] bool jumped(sensors::TimeNs remote_ns, sensors::TimeNs arrival_ns) const;
  void start(sensors::TimeNs remote_ns, sensors::TimeNs arrival_ns);
  void keep(const Pair& pair);
  void fit();
  [[nodiscard]] std::size_t lower_hull(std::array<Pair, parts>& hull) const;
  [[nodiscard]] static double level_below(std::span<const Pair> hull, double slope);
  [[nodiscard]] double slope_of_fast(double slope, double level_s, double mean_s) const;

  ClockMapSettings settings_;
  sensors::TimeNs first_remote_ns_ = 0;
  sensors::TimeNs first_offset_ns_ = 0;
  sensors::TimeNs newest_remote_ns_ = 0;
  sensors::TimeNs newest_host_ns_ = 0;
  bool started_ = false;
  std::array<Pair, parts> fastest_{};  ///< ring, oldest first from `oldest_`
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
  double part_end_s_ = 0.0;
  double offset_s_ = 0.0;
  double skew_ = 0.0;
  std::uint64_t restarts_ = 0;
};

}  // namespace haltere::fusion
