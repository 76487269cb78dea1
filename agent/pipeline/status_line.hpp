#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haltere::agent {

/// What the live line shows.
struct StatusFigures {
  struct Model {
    std::string id;
    std::uint64_t windows = 0;
    std::uint64_t learned = 0;
    std::optional<double> accuracy;  ///< classify: prequential, 0..1
    std::string teacher;             ///< how it does beside its student; empty = there is none
  };
  struct Mcu {
    std::string id;
    bool connected = false;
    std::uint32_t model_version = 0;
    std::optional<double> agreement;
  };
  std::uint64_t samples = 0;
  std::uint64_t dropped = 0;
  std::vector<Model> models;
  std::vector<Mcu> mcus;
  std::vector<std::string> silent;  ///< sensors that are not connected
};

/// The live line on stderr: rewritten in place on a terminal, else a plain line every few seconds.
class StatusLine {
 public:
  using Clock = std::chrono::steady_clock;

  StatusLine();

  /// Whether it is time for the next one.
  [[nodiscard]] bool is_due(Clock::time_point now) const { return now >= next_; }
  [[nodiscard]] Clock::time_point next() const { return next_; }
  void show(const StatusFigures& figures, Clock::time_point now);
  /// Leaves the line on a terminal for good.
  void end() const;

 private:
  bool terminal_;
  Clock::time_point next_;
  Clock::time_point shown_;
  std::uint64_t shown_samples_ = 0;
};

/// The line's text; `rate_hz` = samples per second since the last one.
[[nodiscard]] std::string status_text(const StatusFigures& figures, double rate_hz);

}  // namespace haltere::agent
