#include <gpiod.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sensors/gpio_errors.hpp"
#include "sensors/gpio_line.hpp"

namespace haltere::sensors {
namespace {

TimeNs to_ns(const timespec& time) {
  return static_cast<TimeNs>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

class GpioLineV1 final : public GpioLine {
 public:
  GpioLineV1(std::string name, gpiod_chip* chip, gpiod_line* line)
      : name_(std::move(name)), chip_(chip), line_(line) {}
  ~GpioLineV1() override { gpiod_chip_close(chip_); }  // releases the line, too

  [[nodiscard]] int fd() const override { return gpiod_line_event_get_fd(line_); }

  Result<bool> active() override {
    const int value = gpiod_line_get_value(line_);
    if (value < 0) return gpio_error(name_, errno);
    return value != 0;
  }

  Status read(std::vector<GpioEdge>& edges) override {
    std::array<gpiod_line_event, 16> events{};  // what the kernel keeps per line
    while (true) {
      pollfd wait{.fd = fd(), .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, 0) <= 0 || (wait.revents & POLLIN) == 0) break;
      const int count = gpiod_line_event_read_multiple(line_, events.data(), events.size());
      if (count < 0) return gpio_error(name_, errno);
      for (int i = 0; i < count; ++i) {
        const gpiod_line_event& event = events[static_cast<std::size_t>(i)];
        edges.push_back({to_ns(event.ts), event.event_type == GPIOD_LINE_EVENT_RISING_EDGE});
      }
    }
    return {};
  }

 private:
  std::string name_;
  gpiod_chip* chip_;
  gpiod_line* line_;
};

int flags_of(const GpioLineOptions& options) {
  const int polarity = options.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  switch (options.pull) {
    case GpioPull::as_is: return polarity;
    case GpioPull::none: return polarity | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case GpioPull::up: return polarity | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case GpioPull::down: return polarity | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
  }
  return polarity;
}

}  // namespace

Result<std::unique_ptr<GpioLine>> open_gpio_line(const GpioLineOptions& options) {
  const std::string name = gpio_line_name(options);
  gpiod_chip* chip = gpiod_chip_open_lookup(options.chip.c_str());
  if (chip == nullptr) return gpio_error(name, errno);
  gpiod_line* line = gpiod_chip_get_line(chip, options.line);
  const int wrong = line == nullptr ? errno : 0;
  auto opened = std::make_unique<GpioLineV1>(name, chip, line);
  if (wrong != 0) return gpio_error(name, wrong == EINVAL ? ENOENT : wrong);
  if (gpiod_line_request_both_edges_events_flags(line, "haltere", flags_of(options)) != 0) {
    return gpio_error(name, errno);
  }
  return std::unique_ptr<GpioLine>(std::move(opened));
}

}  // namespace haltere::sensors
