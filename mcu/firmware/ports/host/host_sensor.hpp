#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mcu/firmware/sample_clock.hpp"
#include "mcu/firmware/sensor.hpp"

namespace haltere::firmware {

/// This machine's stand-in for a sensor: a made-up one, or a table that is played again and again.
class HostSensor {
 public:
  /// `source`: `wave`, or a CSV file of numbers below the channels' names. False with a reason.
  bool open(const std::string& source, std::string& reason);

  /// For the firmware; channels 0 unless opened. This object must outlive it.
  Sensor sensor();

  /// Milliseconds until a sample is due, at most `longest`.
  [[nodiscard]] int due_ms(int longest) const;

 private:
  bool read_table(const std::string& path, std::string& reason);
  bool read_row(const std::string& line, std::vector<float>& values) const;
  void scale(const std::vector<float>& values);
  bool start(float rate_hz);
  bool read(std::int16_t* sample, std::uint32_t& number);

  std::vector<std::string> names_;
  std::vector<SensorChannel> channels_;
  std::vector<std::int16_t> rows_;  // [rows][channels]; empty: made up
  SampleClock clock_;
  bool running_ = false;
};

}  // namespace haltere::firmware
