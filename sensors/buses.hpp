#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"

namespace haltere::sensors {

class I2cBus;

/// The buses of the `buses:` list, opened when a sensor first asks and closed when the last sensor
/// on it is gone. Declare all before any thread asks; then each bus may be asked for by one thread.
class Buses {
 public:
  /// Declares the Linux adapter at `device` (`/dev/i2c-1`) as `id`.
  void add_i2c(std::string id, std::string device);

  /// Declares `bus`, already open, as `id`. The caller keeps it alive.
  void add_i2c(std::string id, std::weak_ptr<I2cBus> bus);

  /// The bus `id`. Errors: not_found (not declared); as open_i2c_bus.
  [[nodiscard]] Result<std::shared_ptr<I2cBus>> i2c(std::string_view id);

 private:
  struct Entry {
    std::string id;
    std::string device;
    std::weak_ptr<I2cBus> bus;
  };
  std::vector<Entry> entries_;
};

}  // namespace haltere::sensors
