#include <gpiod.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "sensors/gpio_errors.hpp"
#include "sensors/gpio_line.hpp"

namespace haltere::sensors {
namespace {

constexpr std::size_t kernel_events = 64;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
using Chip = std::unique_ptr<gpiod_chip, Free<gpiod_chip_close>>;
using ChipInfo = std::unique_ptr<gpiod_chip_info, Free<gpiod_chip_info_free>>;
using LineSettings = std::unique_ptr<gpiod_line_settings, Free<gpiod_line_settings_free>>;
using LineConfig = std::unique_ptr<gpiod_line_config, Free<gpiod_line_config_free>>;
using RequestConfig = std::unique_ptr<gpiod_request_config, Free<gpiod_request_config_free>>;
using Request = std::unique_ptr<gpiod_line_request, Free<gpiod_line_request_release>>;
using Events = std::unique_ptr<gpiod_edge_event_buffer, Free<gpiod_edge_event_buffer_free>>;

class GpioLineV2 final : public GpioLine {
 public:
  GpioLineV2(std::string name, unsigned offset, Request request)
      : name_(std::move(name)),
        offset_(offset),
        request_(std::move(request)),
        events_(gpiod_edge_event_buffer_new(kernel_events)) {}

  [[nodiscard]] int fd() const override { return gpiod_line_request_get_fd(request_.get()); }

  Result<bool> active() override {
    const gpiod_line_value value = gpiod_line_request_get_value(request_.get(), offset_);
    if (value == GPIOD_LINE_VALUE_ERROR) return gpio_error(name_, errno);
    return value == GPIOD_LINE_VALUE_ACTIVE;
  }

  Status read(std::vector<GpioEdge>& edges) override {
    while (true) {
      pollfd wait{.fd = fd(), .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, 0) <= 0 || (wait.revents & POLLIN) == 0) return {};
      const int count =
          gpiod_line_request_read_edge_events(request_.get(), events_.get(), kernel_events);
      if (count < 0) return gpio_error(name_, errno);
      for (int i = 0; i < count; ++i) {
        gpiod_edge_event* event =
            gpiod_edge_event_buffer_get_event(events_.get(), static_cast<unsigned long>(i));
        edges.push_back({static_cast<TimeNs>(gpiod_edge_event_get_timestamp_ns(event)),
                         gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE});
      }
    }
  }

 private:
  std::string name_;
  unsigned offset_;
  Request request_;
  Events events_;
};

/// Whether `chip` is what the user wrote: its name or its label.
bool is_called(gpiod_chip* chip, const std::string& wanted) {
  const ChipInfo info(gpiod_chip_get_info(chip));
  return info != nullptr && (wanted == gpiod_chip_info_get_name(info.get()) ||
                             wanted == gpiod_chip_info_get_label(info.get()));
}

Chip find_chip(const std::string& wanted) {
  if (wanted.starts_with('/')) return Chip(gpiod_chip_open(wanted.c_str()));
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    if (!gpiod_is_gpiochip_device(entry.path().c_str())) continue;
    Chip chip(gpiod_chip_open(entry.path().c_str()));
    if (chip != nullptr && is_called(chip.get(), wanted)) return chip;
  }
  errno = ENOENT;
  return nullptr;
}

gpiod_line_bias bias_of(GpioPull pull) {
  switch (pull) {
    case GpioPull::as_is: return GPIOD_LINE_BIAS_AS_IS;
    case GpioPull::none: return GPIOD_LINE_BIAS_DISABLED;
    case GpioPull::up: return GPIOD_LINE_BIAS_PULL_UP;
    case GpioPull::down: return GPIOD_LINE_BIAS_PULL_DOWN;
  }
  return GPIOD_LINE_BIAS_AS_IS;
}

Request request_line(gpiod_chip* chip, const GpioLineOptions& options) {
  const LineSettings settings(gpiod_line_settings_new());
  gpiod_line_settings_set_direction(settings.get(), GPIOD_LINE_DIRECTION_INPUT);
  gpiod_line_settings_set_edge_detection(settings.get(), GPIOD_LINE_EDGE_BOTH);
  gpiod_line_settings_set_bias(settings.get(), bias_of(options.pull));
  gpiod_line_settings_set_active_low(settings.get(), options.active_low);
  gpiod_line_settings_set_event_clock(settings.get(), GPIOD_LINE_CLOCK_MONOTONIC);
  const LineConfig config(gpiod_line_config_new());
  gpiod_line_config_add_line_settings(config.get(), &options.line, 1, settings.get());
  const RequestConfig request(gpiod_request_config_new());
  gpiod_request_config_set_consumer(request.get(), "haltere");
  gpiod_request_config_set_event_buffer_size(request.get(), kernel_events);
  return Request(gpiod_chip_request_lines(chip, request.get(), config.get()));
}

}  // namespace

Result<std::unique_ptr<GpioLine>> open_gpio_line(const GpioLineOptions& options) {
  const std::string name = gpio_line_name(options);
  const Chip chip = find_chip(options.chip);
  if (chip == nullptr) return gpio_error(name, errno);
  Request request = request_line(chip.get(), options);
  if (request == nullptr) return gpio_error(name, errno);
  return std::unique_ptr<GpioLine>(
      std::make_unique<GpioLineV2>(name, options.line, std::move(request)));
}

}  // namespace haltere::sensors
