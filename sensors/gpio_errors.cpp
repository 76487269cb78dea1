#include "sensors/gpio_errors.hpp"

#include <cerrno>
#include <system_error>

namespace haltere::sensors {
namespace {

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENOENT: return ErrorKind::not_found;
    case ENODEV:
    case ENXIO: return ErrorKind::unavailable;
    case EBUSY: return ErrorKind::busy;
    case EINVAL:
    case EOPNOTSUPP:
    case ENOTTY: return ErrorKind::invalid;
    default: return ErrorKind::io;
  }
}

std::string_view advice_for(int error_number) {
  switch (error_number) {
    case ENOENT: return "; 'gpioinfo' lists chips and lines";
    case EACCES:
    case EPERM: return "; give the user access to /dev/gpiochip*";
    case EBUSY: return "; another program has the line";
    case EOPNOTSUPP:
    case EINVAL: return "; the chip may have no pull resistors or no edge events";
    default: return "";
  }
}

}  // namespace

std::string gpio_line_name(const GpioLineOptions& options) {
  return options.chip + " line " + std::to_string(options.line);
}

Error gpio_error(std::string_view line_name, int error_number) {
  std::string message(line_name);
  message.append(": ")
      .append(std::generic_category().message(error_number))
      .append(advice_for(error_number));
  return {kind_of(error_number), std::move(message)};
}

}  // namespace haltere::sensors
