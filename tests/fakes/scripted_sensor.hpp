#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "config/result.hpp"
#include "sensors/sensor.hpp"

namespace haltere::fakes {

/// What a ScriptedSensor does; shared, so that a test goes on scripting after it was opened.
struct Script {
  std::chrono::nanoseconds period = std::chrono::milliseconds(10);
  std::deque<Error> failures;  ///< the next reads fail with these
  float value = 0.0F;
};

/// A sensor with one channel that gives one sample per read.
class ScriptedSensor final : public sensors::Sensor {
 public:
  explicit ScriptedSensor(std::shared_ptr<Script> script) : script_(std::move(script)) {
    layout_.channels = {{"value", sensors::Quantity::number}};
  }

  [[nodiscard]] const sensors::Layout& layout() const override { return layout_; }
  [[nodiscard]] sensors::Wake wake() const override {
    return {.fd = -1, .period = script_->period};
  }
  [[nodiscard]] const sensors::SensorCounters& counters() const override { return counters_; }

  Status read(sensors::TimeNs now_ns, std::vector<sensors::Sample>& samples) override {
    if (!script_->failures.empty()) {
      Error error = script_->failures.front();
      script_->failures.pop_front();
      return error;
    }
    sensors::Sample sample;
    sample.time_ns = now_ns;
    sample.count = 1;
    sample.values[0] = script_->value;
    samples.push_back(sample);
    ++counters_.samples;
    return {};
  }

 private:
  std::shared_ptr<Script> script_;
  sensors::Layout layout_;
  sensors::SensorCounters counters_;
};

}  // namespace haltere::fakes
