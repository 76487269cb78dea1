#include "sensors/buses.hpp"

#include <algorithm>
#include <utility>

#include "sensors/i2c_bus.hpp"
#include "sensors/local_frame.hpp"

namespace haltere::sensors {

void Buses::add_i2c(std::string id, std::string device) {
  entries_.push_back({.id = std::move(id), .device = std::move(device), .bus = {}});
}

void Buses::add_i2c(std::string id, std::weak_ptr<I2cBus> bus) {
  entries_.push_back({.id = std::move(id), .device = {}, .bus = std::move(bus)});
}

void Buses::add_mcu(std::string id, std::shared_ptr<McuFeed> feed) {
  mcus_.push_back({.id = std::move(id), .feed = std::move(feed)});
}

Result<std::shared_ptr<McuFeed>> Buses::mcu(std::string_view id) const {
  const auto entry = std::ranges::find(mcus_, id, &Mcu::id);
  if (entry != mcus_.end()) return entry->feed;
  return Error{ErrorKind::not_found,
               "no microcontroller '" + std::string(id) + "' in the list 'mcus:'"};
}

std::shared_ptr<LocalOrigin> Buses::origin(std::string_view device) {
  const std::scoped_lock lock(origins_mutex_);
  const auto known = std::ranges::find(origins_, device, &Origin::device);
  if (known != origins_.end()) return known->origin;
  return origins_.emplace_back(Origin{std::string(device), std::make_shared<LocalOrigin>()}).origin;
}

Result<std::shared_ptr<I2cBus>> Buses::i2c(std::string_view id) {
  const auto entry = std::ranges::find(entries_, id, &Entry::id);
  if (entry == entries_.end()) {
    return Error{ErrorKind::not_found, "no bus '" + std::string(id) + "' in the list 'buses:'"};
  }
  if (std::shared_ptr<I2cBus> open = entry->bus.lock()) return open;
  Result<std::shared_ptr<I2cBus>> opened = open_i2c_bus(entry->device);
  if (opened) entry->bus = *opened;
  return opened;
}

}  // namespace haltere::sensors
