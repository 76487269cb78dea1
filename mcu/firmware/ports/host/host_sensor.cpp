#include "mcu/firmware/ports/host/host_sensor.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "mcu/firmware/wave.hpp"

namespace haltere::firmware {
namespace {

constexpr float most_hz = 20'000.0F;
constexpr std::uint64_t ticks_per_ms = 1'000'000;

std::uint64_t now_ticks() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

bool HostSensor::open(const std::string& source, std::string& reason) {
  if (source != "wave") return read_table(source, reason);
  channels_.assign(wave_channel_names(), wave_channel_names() + wave_channels);
  return true;
}

bool HostSensor::read_table(const std::string& path, std::string& reason) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return reason = "cannot read it", false;
  std::istringstream header(line);
  while (std::getline(header, line, ',')) names_.push_back(line);
  if (names_.size() > link::max_sensor_channels) return reason = "more than 16 columns", false;
  std::vector<float> values;
  while (std::getline(file, line)) {
    if (!read_row(line, values)) return reason = "'" + line + "' is no row of numbers", false;
  }
  if (values.empty()) return reason = "no rows", false;
  scale(values);
  return true;
}

bool HostSensor::read_row(const std::string& line, std::vector<float>& values) const {
  const char* at = line.c_str();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    char* end = nullptr;
    const float value = std::strtof(at, &end);
    const bool last = i + 1 == names_.size();
    if (end == at || !std::isfinite(value) || *end != (last ? '\0' : ',')) return false;
    values.push_back(value);
    at = end + 1;
  }
  return true;
}

// Each channel uses all of int16.
void HostSensor::scale(const std::vector<float>& values) {
  const std::size_t channels = names_.size();
  rows_.resize(values.size());
  for (std::size_t c = 0; c < channels; ++c) {
    float most = std::numeric_limits<float>::min();
    for (std::size_t i = c; i < values.size(); i += channels) {
      most = std::max(most, std::abs(values[i]));
    }
    const float count = most / 32767.0F;
    for (std::size_t i = c; i < values.size(); i += channels) {
      rows_[i] = static_cast<std::int16_t>(std::lround(values[i] / count));
    }
    channels_.push_back({names_[c].c_str(), count});
  }
}

Sensor HostSensor::sensor() {
  Sensor sensor;
  sensor.channels = static_cast<std::uint8_t>(channels_.size());
  sensor.most_hz = most_hz;
  sensor.channel = channels_.data();
  sensor.context = this;
  sensor.start = [](void* self, float rate_hz) {
    return static_cast<HostSensor*>(self)->start(rate_hz);
  };
  sensor.stop = [](void* self) { static_cast<HostSensor*>(self)->running_ = false; };
  sensor.read = [](void* self, std::int16_t* sample, std::uint32_t& number) {
    return static_cast<HostSensor*>(self)->read(sample, number);
  };
  return sensor;
}

bool HostSensor::start(float rate_hz) {
  if (!(rate_hz >= 0.1F) || rate_hz > most_hz) return false;
  clock_.start(now_ticks(), static_cast<std::uint64_t>(1e9 / static_cast<double>(rate_hz)));
  return running_ = true;
}

bool HostSensor::read(std::int16_t* sample, std::uint32_t& number) {
  if (!running_ || !clock_.take(now_ticks(), number)) return false;
  if (rows_.empty()) return wave_sample(number, sample), true;
  const std::size_t channels = channels_.size();
  const std::size_t row = number % (rows_.size() / channels);
  std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(row * channels), channels, sample);
  return true;
}

int HostSensor::due_ms(int longest) const {
  if (!running_) return longest;
  const std::uint64_t left = (clock_.ticks_left(now_ticks()) + ticks_per_ms - 1) / ticks_per_ms;
  return static_cast<int>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(longest)));
}

}  // namespace haltere::firmware
