// A satellite receiver on a serial line, by NMEA 0183. Channels: nmea_channels.hpp.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sensors/drivers.hpp"
#include "sensors/local_frame.hpp"
#include "sensors/nmea_channels.hpp"
#include "sensors/nmea_reader.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::sensors {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;

constexpr std::size_t read_bytes = 4096;
constexpr int max_reads = 16;  // per wake-up, so that one flooding board cannot starve a bus thread
constexpr std::int64_t ms_per_day = 86'400'000;
constexpr std::int64_t longest_apart_ms = 10'000;
constexpr TimeNs ns_per_ms = 1'000'000;

constexpr std::array origin_settings{
    Setting{.key = "latitude",
            .type = Type::number,
            .description = "North of the equator, as in 48.13743deg",
            .dimension = Dimension::angle,
            .min = -1.5708,
            .max = 1.5708,
            .required = true},
    Setting{.key = "longitude",
            .type = Type::number,
            .description = "East of Greenwich",
            .dimension = Dimension::angle,
            .min = -3.1416,
            .max = 3.1416,
            .required = true},
    Setting{.key = "altitude",
            .type = Type::number,
            .description = "Above mean sea level",
            .dimension = Dimension::length,
            .min = -12'000.0,
            .max = 1e6,
            .required = true},
};

constexpr std::array settings{
    Setting{.key = "device",
            .description = "serial port, pseudo-terminal or tcp://HOST:PORT; /dev/serial/by-id/ "
                           "names stay the same when replugged",
            .required = true},
    Setting{.key = "baud",
            .type = Type::integer,
            .description = "speed of the line; receivers leave the factory with 9600 or 38400",
            .min = 300,
            .max = 12'000'000,
            .default_text = "9600"},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "fixes per second, if they come regularly",
            .dimension = Dimension::frequency,
            .min = 0.0001,
            .max = 100},
    Setting{.key = "origin",
            .type = Type::section,
            .description = "where position.e .n .u are zero; by default the first fix of each run",
            .children = origin_settings},
    Setting{.key = "range_error",
            .type = Type::number,
            .description = "standard deviation of a distance to a satellite: times the dilution "
                           "of precision it is the deviation of a fix that comes without GST",
            .dimension = Dimension::length,
            .min = 0.001,
            .max = 1000.0,
            .default_text = "3m"},
};

double rate_of(const config::Section& section) {
  return section.has("rate") ? section.number("rate") : 0.0;
}

std::optional<Place> origin_of(const config::Section& section) {
  if (!section.has("origin")) return std::nullopt;
  const config::Section& origin = section.section("origin");
  return Place{origin.number("latitude") / radian_per_degree,
               origin.number("longitude") / radian_per_degree, origin.number("altitude")};
}

class Nmea final : public Sensor {
 public:
  Nmea(std::unique_ptr<SerialPort> port, Layout layout, std::shared_ptr<LocalOrigin> origin,
       double range_error_m)
      : port_(std::move(port)),
        layout_(std::move(layout)),
        origin_(std::move(origin)),
        range_error_m_(range_error_m) {}

  [[nodiscard]] const Layout& layout() const override { return layout_; }
  [[nodiscard]] const SensorCounters& counters() const override { return reader_.counters(); }
  [[nodiscard]] std::string_view last_rejection() const override {
    return reader_.last_rejection();
  }
  [[nodiscard]] Wake wake() const override {
    const TimeNs period_ns = reader_.waiting() != nullptr ? NmeaReader::silence_ns : 0;
    return {.fd = port_->fd(), .period = std::chrono::nanoseconds(period_ns)};
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    fixes_.clear();
    Status status = read_port(now_ns);
    spread();
    for (const NmeaEpoch& fix : fixes_) samples.push_back(sample_of(fix));
    return status;
  }

 private:
  Status read_port(TimeNs now_ns) {
    std::array<std::uint8_t, read_bytes> bytes;
    for (int i = 0; i < max_reads; ++i) {
      const Result<std::size_t> got = port_->read(bytes);
      if (!got) return got.error();
      reader_.feed(std::span(bytes).first(*got), now_ns, fixes_);
      if (*got == 0) break;
    }
    return {};
  }

  /// Moments that waited together arrived one after the other, by the receiver's clock.
  void spread() {
    const NmeaEpoch* after = reader_.waiting();
    for (std::size_t i = fixes_.size(); i > 0; --i) {
      NmeaEpoch& fix = fixes_[i - 1];
      const bool together = after != nullptr && after->arrival_ns <= fix.arrival_ns;
      const std::int64_t apart_ms =
          together ? (after->utc_ms - fix.utc_ms + ms_per_day) % ms_per_day : 0;
      if (together && apart_ms < longest_apart_ms) {
        fix.arrival_ns = after->arrival_ns - apart_ms * ns_per_ms;
      }
      after = &fix;
    }
  }

  Sample sample_of(const NmeaEpoch& fix) {
    if (!origin_->frame) origin_->frame.emplace(fix.place);
    Sample sample;
    sample.time_ns = started_ ? std::max(fix.arrival_ns, last_ns_ + 1) : fix.arrival_ns;
    sample.starts_segment = !std::exchange(started_, true);
    last_ns_ = sample.time_ns;
    write_fix(fix, *origin_->frame, range_error_m_, sample);
    return sample;
  }

  std::unique_ptr<SerialPort> port_;
  Layout layout_;
  std::shared_ptr<LocalOrigin> origin_;
  double range_error_m_;
  NmeaReader reader_;
  std::vector<NmeaEpoch> fixes_;
  TimeNs last_ns_ = 0;
  bool started_ = false;
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& /*diagnostics*/) {
  return nmea_layout(rate_of(section));
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& buses) {
  const std::string& device = section.text("device");
  Result<std::unique_ptr<SerialPort>> port =
      open_serial_port(device, static_cast<int>(section.integer("baud")));
  if (!port) return port.error();
  std::shared_ptr<LocalOrigin> origin = buses.origin(device);
  if (const std::optional<Place> place = origin_of(section)) origin->frame.emplace(*place);
  return std::unique_ptr<Sensor>(
      std::make_unique<Nmea>(std::move(*port), nmea_layout(rate_of(section)), std::move(origin),
                             section.number("range_error")));
}

}  // namespace

Driver nmea_driver() {
  return {{"sensors", "nmea", "a satellite receiver (GNSS, GPS) on a serial port, by NMEA 0183",
           settings},
          layout,
          open};
}

}  // namespace haltere::sensors
