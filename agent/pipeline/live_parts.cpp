#include "agent/pipeline/live_parts.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "sensors/mcu_feed.hpp"

namespace haltere::agent {

std::shared_ptr<sensors::Buses> make_buses(const PipelineSpec& spec) {
  auto buses = std::make_shared<sensors::Buses>();
  for (const BusSpec& bus : spec.buses) buses->add_i2c(bus.id, bus.device);
  return buses;
}

std::vector<std::unique_ptr<BusThread>> make_bus_threads(
    const PipelineSpec& spec, const std::shared_ptr<sensors::Buses>& buses,
    const sensors::Doorbell& pipeline) {
  std::vector<std::pair<std::string, std::vector<std::unique_ptr<SensorKeeper>>>> groups;
  for (std::size_t i = 0; i < spec.sensors.size(); ++i) {
    const SensorSpec& sensor = spec.sensors[i];
    auto open = [&sensor, buses] { return sensor.driver->open(sensor.settings, *buses); };
    const auto known = std::ranges::find_if(groups, [&](const auto& group) {
      return !sensor.bus.empty() && group.first == sensor.bus;
    });
    auto& group = known != groups.end() ? *known : groups.emplace_back();
    group.first = sensor.bus;
    const bool maps_clock = !sensor.mcu.empty() || (sensor.settings.has("clock") &&
                                                    sensor.settings.text("clock") == "host");
    group.second.push_back(std::make_unique<SensorKeeper>(sensor.id, static_cast<std::uint16_t>(i),
                                                          std::move(open), maps_clock));
  }
  std::vector<std::unique_ptr<BusThread>> threads;
  threads.reserve(groups.size());
  for (auto& [bus, keepers] : groups) {
    threads.push_back(
        std::make_unique<BusThread>(std::move(keepers), spec.queue_samples, pipeline));
  }
  return threads;
}

void add_mcu_feeds(const PipelineSpec& spec, sensors::Buses& buses) {
  for (const McuSpec& mcu : spec.mcus) {
    if (!mcu.sensor) continue;
    const sensors::Layout& layout = spec.sensors[*mcu.sensor].layout;
    sensors::McuFeed::Wanted wanted{.channels = {}, .rate_hz = static_cast<float>(layout.rate_hz)};
    for (const sensors::Channel& channel : layout.channels) wanted.channels.push_back(channel.name);
    buses.add_mcu(mcu.id,
                  std::make_shared<sensors::McuFeed>(std::move(wanted), spec.queue_samples));
  }
}

std::vector<std::unique_ptr<McuWorker>> make_mcu_workers(const PipelineSpec& spec,
                                                         const std::filesystem::path& state,
                                                         const sensors::Buses& buses) {
  std::vector<std::unique_ptr<McuWorker>> workers;
  for (const McuSpec& mcu : spec.mcus) {
    McuWorkerSettings settings;
    settings.id = mcu.id;
    settings.device = mcu.device;
    settings.baud = mcu.baud;
    settings.keys = McuKeys(state);
    if (auto feed = buses.mcu(mcu.id)) settings.feed = std::move(*feed);
    workers.push_back(std::make_unique<McuWorker>(std::move(settings)));
  }
  return workers;
}

}  // namespace haltere::agent
