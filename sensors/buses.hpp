#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"

namespace haltere::sensors {

class I2cBus;
class McuFeed;
struct LocalOrigin;

/// The buses of the `buses:` list, opened when a sensor first asks and closed when the last sensor
/// on it is gone, the microcontrollers whose sensors are read, and what outlives a sensor that is
/// opened again. Declare all before any thread asks; then each bus may be asked for by one thread.
class Buses {
 public:
  /// Declares the Linux adapter at `device` (`/dev/i2c-1`) as `id`.
  void add_i2c(std::string id, std::string device);

  /// Declares `bus`, already open, as `id`. The caller keeps it alive.
  void add_i2c(std::string id, std::weak_ptr<I2cBus> bus);

  /// Declares the microcontroller `id`, whose samples come through `feed`.
  void add_mcu(std::string id, std::shared_ptr<McuFeed> feed);

  /// The bus `id`. Errors: not_found (not declared); as open_i2c_bus.
  [[nodiscard]] Result<std::shared_ptr<I2cBus>> i2c(std::string_view id);

  /// The feed of microcontroller `id`. Errors: not_found (not declared).
  [[nodiscard]] Result<std::shared_ptr<McuFeed>> mcu(std::string_view id) const;

  /// Where the coordinates of the receiver at `device` start: the same each time, so that they go
  /// on when it was unplugged. Any thread; what comes back belongs to the one that reads `device`.
  [[nodiscard]] std::shared_ptr<LocalOrigin> origin(std::string_view device);

 private:
  struct Entry {
    std::string id;
    std::string device;
    std::weak_ptr<I2cBus> bus;
  };
  struct Mcu {
    std::string id;
    std::shared_ptr<McuFeed> feed;
  };
  struct Origin {
    std::string device;
    std::shared_ptr<LocalOrigin> origin;
  };
  std::vector<Entry> entries_;
  std::vector<Mcu> mcus_;
  std::mutex origins_mutex_;
  std::vector<Origin> origins_;
};

}  // namespace haltere::sensors
