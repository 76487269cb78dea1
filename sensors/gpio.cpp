// A button, switch or contact on a GPIO line.
// Channels: state (0 or 1).

#include "sensors/gpio.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sensors/debouncer.hpp"
#include "sensors/drivers.hpp"

namespace haltere::sensors {
namespace {

using config::Setting;
using config::Type;

constexpr std::array<std::string_view, 4> pulls{"as_is", "none", "up", "down"};

constexpr std::array settings{
    Setting{.key = "chip",
            .description = "name (gpiochip0), label or path; a label survives replugging",
            .required = true},
    Setting{.key = "line",
            .type = Type::integer,
            .description = "offset of the line on the chip",
            .min = 0,
            .max = 65535,
            .required = true},
    Setting{.key = "debounce",
            .type = Type::number,
            .description = "a change counts once it has lasted this long",
            .dimension = config::Dimension::time,
            .min = 0,
            .max = 10,
            .default_text = "20ms"},
    Setting{.key = "active_low",
            .type = Type::flag,
            .description = "state 1 when the line is low, as a button to ground is when pressed",
            .default_text = "false"},
    Setting{.key = "pull",
            .type = Type::choice,
            .description = "resistor inside the chip",
            .default_text = "as_is",
            .choices = pulls},
};

const Layout& gpio_layout() {
  static const Layout layout{.channels = {{"state", Quantity::state}}, .rate_hz = 0.0};
  return layout;
}

class GpioSensor final : public Sensor {
 public:
  GpioSensor(std::unique_ptr<GpioLine> line, bool active, std::chrono::nanoseconds debounce)
      : line_(std::move(line)), debounce_(debounce), debouncer_(active, debounce.count()) {}

  [[nodiscard]] const Layout& layout() const override { return gpio_layout(); }
  [[nodiscard]] const SensorCounters& counters() const override { return counters_; }
  [[nodiscard]] Wake wake() const override {
    const bool waits = debouncer_.pending();
    return {.fd = line_->fd(), .period = waits ? debounce_ : std::chrono::nanoseconds{0}};
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    if (counters_.samples == 0) append(GpioEdge{now_ns, debouncer_.active()}, samples);
    edges_.clear();
    Status got = line_->read(edges_);
    for (const GpioEdge& edge : edges_) append(debouncer_.take(edge), samples);
    if (!got) return got;
    // Edges get lost when the kernel's buffer is full; the level does not lie.
    const Result<bool> active = line_->active();
    if (!active) return active.error();
    if (*active != (debouncer_.pending() ? !debouncer_.active() : debouncer_.active())) {
      append(debouncer_.take({.time_ns = now_ns, .active = *active}), samples);
    }
    append(debouncer_.settle(now_ns), samples);
    return {};
  }

 private:
  void append(std::optional<GpioEdge> change, std::vector<Sample>& samples) {
    if (!change) return;
    Sample& sample = samples.emplace_back();
    sample.time_ns = change->time_ns;
    sample.count = 1;
    sample.starts_segment = counters_.samples++ == 0;
    sample.values[0] = change->active ? 1.0f : 0.0f;
  }

  std::unique_ptr<GpioLine> line_;
  std::chrono::nanoseconds debounce_;
  Debouncer debouncer_;
  std::vector<GpioEdge> edges_;
  SensorCounters counters_;
};

Layout layout(const config::Section& /*section*/, std::vector<config::Diagnostic>& /*problems*/) {
  return gpio_layout();
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& /*buses*/) {
  const auto pull = std::ranges::find(pulls, section.text("pull")) - pulls.begin();
  Result<std::unique_ptr<GpioLine>> line =
      open_gpio_line({.chip = section.text("chip"),
                      .line = static_cast<unsigned>(section.integer("line")),
                      .active_low = section.flag("active_low"),
                      .pull = static_cast<GpioPull>(pull)});
  if (!line) return line.error();
  return make_gpio_sensor(std::move(*line), section.duration("debounce"));
}

}  // namespace

Result<std::unique_ptr<Sensor>> make_gpio_sensor(std::unique_ptr<GpioLine> line,
                                                 std::chrono::nanoseconds debounce) {
  const Result<bool> active = line->active();
  if (!active) return active.error();
  return std::unique_ptr<Sensor>(std::make_unique<GpioSensor>(std::move(line), *active, debounce));
}

Driver gpio_driver() {
  return {{"sensors", "gpio", "a button or switch on a GPIO line", settings}, layout, open};
}

}  // namespace haltere::sensors
