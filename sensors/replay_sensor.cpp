// A recording in place of a device: the samples of a CSV file at their own pace, or faster.

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "sensors/doorbell.hpp"
#include "sensors/drivers.hpp"
#include "sensors/replay.hpp"

namespace haltere::sensors {
namespace {

using config::Setting;
using config::Type;

constexpr std::size_t samples_per_read = 256;
constexpr std::chrono::milliseconds pace{5};

constexpr std::array settings{
    Setting{.key = "path", .description = "the CSV file, with a header", .required = true},
    Setting{
        .key = "columns",
        .type = Type::texts,
        .description = "name:unit of the columns to read, found by name; the header's unit wins",
        .required = true},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "samples per second, for files without a column t",
            .dimension = config::Dimension::frequency,
            .min = 0.0001,
            .max = 100'000},
    Setting{.key = "speed",
            .type = Type::text,
            .description = "1 = as recorded, 10 = ten times faster, max = as fast as it goes",
            .default_text = "1"},
};

/// Factor of the setting `speed`; 0 = max.
std::optional<double> parse_speed(std::string_view text) {
  if (text == "max") return 0.0;
  double factor = 0.0;
  const bool number = parse_cell(text, factor) == Cell::number;
  if (!number || factor < 0.001 || factor > 1e6) return std::nullopt;
  return factor;
}

double rate_of(const config::Section& section) {
  return section.has("rate") ? section.number("rate") : 0.0;
}

class ReplaySensor final : public Sensor {
 public:
  ReplaySensor(Recording recording, Layout layout, double speed)
      : recording_(std::move(recording)), layout_(std::move(layout)), speed_(speed) {
    ready_.ring();
  }

  [[nodiscard]] const Layout& layout() const override { return layout_; }
  [[nodiscard]] const SensorCounters& counters() const override { return recording_.counters(); }
  [[nodiscard]] std::string_view last_rejection() const override {
    return recording_.last_rejection();
  }

  /// Always readable at speed max, never once the recording has ended.
  [[nodiscard]] Wake wake() const override {
    if (ended_) return {};
    return speed_ == 0.0 ? Wake{.fd = ready_.fd()} : Wake{.fd = -1, .period = pace};
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    for (std::size_t i = 0; i < samples_per_read && !ended_; ++i) {
      if (!next_) {
        if (Status fetched = fetch(now_ns); !fetched) return fetched;
        if (ended_) break;
      }
      if (!is_due(now_ns)) break;
      samples.push_back(*std::exchange(next_, std::nullopt));
    }
    return {};
  }

 private:
  Status fetch(TimeNs now_ns) {
    Sample sample;
    const Result<bool> got = recording_.next(sample);
    if (!got) return got.error();
    if (!*got) {
      ended_ = true;
      ready_.clear();
      return {};
    }
    if (!started_ || sample.time_ns < first_sample_ns_) {
      started_ = true;
      first_sample_ns_ = sample.time_ns;
      first_host_ns_ = now_ns;
    }
    next_ = sample;
    return {};
  }

  [[nodiscard]] bool is_due(TimeNs now_ns) const {
    if (speed_ == 0.0) return true;
    const auto recorded = static_cast<double>(next_->time_ns - first_sample_ns_);
    return recorded <= static_cast<double>(now_ns - first_host_ns_) * speed_;
  }

  Recording recording_;
  Layout layout_;
  double speed_;
  Doorbell ready_;  // rung until the recording has ended
  std::optional<Sample> next_;
  bool started_ = false;
  bool ended_ = false;
  TimeNs first_sample_ns_ = 0;
  TimeNs first_host_ns_ = 0;
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& diagnostics) {
  if (!parse_speed(section.text("speed"))) {
    diagnostics.push_back(
        {section.position("speed"),
         "'" + section.text("speed") + "' is no speed; write max or a factor, as in 10"});
  }
  return layout_of(parse_columns(section, diagnostics), rate_of(section));
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& /*buses*/) {
  std::vector<config::Diagnostic> diagnostics;
  Layout channels = layout(section, diagnostics);
  const std::vector<Column> columns = parse_columns(section, diagnostics);
  if (!diagnostics.empty()) return Error{ErrorKind::invalid, diagnostics.front().message};
  Result<Recording> recording = Recording::open(section.text("path"), columns, rate_of(section));
  if (!recording) return recording.error();
  return std::unique_ptr<Sensor>(std::make_unique<ReplaySensor>(
      std::move(*recording), std::move(channels), *parse_speed(section.text("speed"))));
}

}  // namespace

Driver replay_driver() {
  return {{"sensors", "replay", "a CSV recording in place of a device", settings}, layout, open};
}

}  // namespace haltere::sensors
