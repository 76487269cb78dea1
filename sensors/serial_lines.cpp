// A board that prints its measurements as lines of text, CSV or JSON, over a serial port.

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "sensors/drivers.hpp"
#include "sensors/line_parser.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::sensors {
namespace {

using config::Setting;
using config::Type;

constexpr std::size_t read_bytes = 4096;
constexpr int max_reads = 16;  // per wake-up, so that one flooding board cannot starve a bus thread

constexpr std::array<std::string_view, 3> formats{"auto", "csv", "json"};
constexpr std::array<std::string_view, 2> clocks{"board", "host"};

constexpr std::array settings{
    Setting{.key = "device",
            .type = Type::text,
            .description = "serial port, pseudo-terminal or tcp://HOST:PORT; /dev/serial/by-id/ "
                           "names stay the same when replugged",
            .required = true},
    Setting{.key = "baud",
            .type = Type::integer,
            .description = "speed of the line; ignored where there is no wire",
            .min = 300,
            .max = 12'000'000,
            .default_text = "115200"},
    Setting{.key = "format",
            .type = Type::choice,
            .description = "how each line is written; auto takes a line that starts with { as JSON",
            .default_text = "auto",
            .choices = formats},
    Setting{.key = "columns",
            .type = Type::texts,
            .description =
                "name:unit of each column (of each key, for JSON); unit segment, label or "
                "skip for columns that are no channel, t:s for the board's own time",
            .required = true},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "lines per second, if they come regularly",
            .dimension = config::Dimension::frequency,
            .min = 0.0001,
            .max = 100'000},
    Setting{.key = "clock",
            .type = Type::choice,
            .description = "Of the samples' times, where the lines carry the board's own: as they "
                           "are; or mapped to this host's clock by when they arrive, to go with "
                           "other sensors",
            .default_text = "board",
            .choices = clocks},
};

double rate_of(const config::Section& section) {
  return section.has("rate") ? section.number("rate") : 0.0;
}

LineFormat format_of(const config::Section& section) {
  if (section.text("format") == "csv") return LineFormat::csv;
  return section.text("format") == "json" ? LineFormat::json : LineFormat::automatic;
}

class SerialLines final : public Sensor {
 public:
  SerialLines(std::unique_ptr<SerialPort> port, Layout layout, LineParser parser)
      : port_(std::move(port)), layout_(std::move(layout)), parser_(std::move(parser)) {
    if (port_->joins_mid_stream()) parser_.join_mid_line();
  }

  [[nodiscard]] const Layout& layout() const override { return layout_; }
  [[nodiscard]] Wake wake() const override { return {.fd = port_->fd()}; }
  [[nodiscard]] const SensorCounters& counters() const override { return parser_.counters(); }
  [[nodiscard]] std::string_view last_rejection() const override {
    return parser_.last_rejection();
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    std::array<std::uint8_t, read_bytes> bytes;
    for (int i = 0; i < max_reads; ++i) {
      const Result<std::size_t> got = port_->read(bytes);
      if (!got) return got.error();
      if (*got == 0) break;
      parser_.feed(std::span(bytes).first(*got), now_ns, samples);
    }
    return {};
  }

 private:
  std::unique_ptr<SerialPort> port_;
  Layout layout_;
  LineParser parser_;
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<Column> columns = parse_columns(section, diagnostics);
  const bool has_time =
      std::ranges::find(columns, ColumnRole::time, &Column::role) != columns.end();
  if (section.text("clock") == "host" && !has_time) {
    diagnostics.push_back({section.position("clock"),
                           "there is no column 't:s' with the board's own time to map; without one "
                           "the times are the host's anyway"});
  }
  return layout_of(columns, rate_of(section));
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& /*buses*/) {
  std::vector<config::Diagnostic> diagnostics;
  const std::vector<Column> columns = parse_columns(section, diagnostics);
  if (!diagnostics.empty()) return Error{ErrorKind::invalid, diagnostics.front().message};
  Result<std::unique_ptr<SerialPort>> port =
      open_serial_port(section.text("device"), static_cast<int>(section.integer("baud")));
  if (!port) return port.error();
  return std::unique_ptr<Sensor>(
      std::make_unique<SerialLines>(std::move(*port), layout_of(columns, rate_of(section)),
                                    LineParser(columns, format_of(section), rate_of(section))));
}

}  // namespace

Driver serial_lines_driver() {
  return {
      {"sensors", "serial_lines", "lines of CSV or JSON from a board on a serial port", settings},
      layout,
      open};
}

}  // namespace haltere::sensors
