// A microcontroller's own sensor: raw samples over the line that models go down (mcu/link), in the
// unit that its firmware gives them.

#include <array>
#include <cmath>
#include <utility>

#include "sensors/columns.hpp"
#include "sensors/drivers.hpp"
#include "sensors/mcu_feed.hpp"

namespace haltere::sensors {
namespace {

using config::Setting;
using config::Type;

constexpr std::array settings{
    Setting{.key = "mcu",
            .description = "Microcontroller of the list `mcus:` whose sensor it is",
            .required = true},
    Setting{.key = "columns",
            .type = Type::texts,
            .description =
                "Channels as its firmware calls them (`haltere mcu status`), with a unit "
                "only where it gives values in it: they are taken as they are, so that "
                "both ends compute the same features",
            .required = true},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "Samples per second that it is asked for",
            .dimension = config::Dimension::frequency,
            .min = 0.1,
            .max = 20'000,
            .required = true},
};

class McuStream final : public Sensor {
 public:
  McuStream(std::shared_ptr<McuFeed> feed, Layout layout)
      : feed_(std::move(feed)), layout_(std::move(layout)) {}

  [[nodiscard]] const Layout& layout() const override { return layout_; }
  [[nodiscard]] Wake wake() const override { return {.fd = feed_->fd()}; }
  [[nodiscard]] const SensorCounters& counters() const override { return counters_; }

  Status read(TimeNs /*now_ns*/, std::vector<Sample>& samples) override {
    Status alive = feed_->alive();
    entries_.clear();
    feed_->take(entries_);
    for (const McuFeed::Entry& entry : entries_) samples.push_back(sample_of(entry));
    return alive;
  }

 private:
  /// Its time is the microcontroller's: the number by the rate.
  Sample sample_of(const McuFeed::Entry& entry) {
    Sample sample;
    const double seconds = static_cast<double>(entry.number) / layout_.rate_hz;
    sample.time_ns = static_cast<TimeNs>(std::llround(seconds * 1e9));
    sample.count = static_cast<std::uint8_t>(layout_.channels.size());
    sample.values = entry.values;
    const bool follows = !entry.starts && counters_.samples > 0;
    const std::uint64_t gap = follows ? entry.number - next_ : 0;
    counters_.lost += gap;
    sample.starts_segment = entry.starts || gap > 0;
    next_ = entry.number + 1;
    ++counters_.samples;
    return sample;
  }

  std::shared_ptr<McuFeed> feed_;
  Layout layout_;
  SensorCounters counters_;
  std::uint64_t next_ = 0;
  std::vector<McuFeed::Entry> entries_;
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<Column> columns = parse_columns(section, diagnostics);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    if (column.role == ColumnRole::value && column.scale.factor == 1.0 &&
        column.scale.offset == 0.0) {
      continue;
    }
    diagnostics.push_back({section.position("columns", i),
                           "column '" + column.name +
                               "': values are taken as the firmware gives them; leave the unit "
                               "away, or name an SI one if it gives them in that"});
  }
  return layout_of(columns, section.number("rate"));
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& buses) {
  std::vector<config::Diagnostic> diagnostics;
  Layout made = layout(section, diagnostics);
  if (!diagnostics.empty()) return Error{ErrorKind::invalid, diagnostics.front().message};
  auto feed = buses.mcu(section.text("mcu"));
  if (!feed) return feed.error();
  if (const Status alive = (*feed)->alive(); !alive) return alive.error();
  return std::unique_ptr<Sensor>(std::make_unique<McuStream>(std::move(*feed), std::move(made)));
}

}  // namespace

Driver mcu_stream_driver() {
  return {{"sensors", "mcu_stream", "a microcontroller's own sensor, over the line of `mcus:`",
           settings},
          layout,
          open};
}

}  // namespace haltere::sensors
