#include "agent/pipeline/live_parts.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace haltere::agent {

std::shared_ptr<sensors::Buses> make_buses(const PipelineSpec& spec) {
  auto buses = std::make_shared<sensors::Buses>();
  for (const BusSpec& bus : spec.buses) buses->add_i2c(bus.id, bus.device);
  return buses;
}

std::vector<std::unique_ptr<BusThread>> make_bus_threads(
    const PipelineSpec& spec, const std::shared_ptr<sensors::Buses>& buses,
    const Doorbell& pipeline) {
  std::vector<std::pair<std::string, std::vector<std::unique_ptr<SensorKeeper>>>> groups;
  for (std::size_t i = 0; i < spec.sensors.size(); ++i) {
    const SensorSpec& sensor = spec.sensors[i];
    auto open = [&sensor, buses] { return sensor.driver->open(sensor.settings, *buses); };
    const auto known = std::ranges::find_if(groups, [&](const auto& group) {
      return !sensor.bus.empty() && group.first == sensor.bus;
    });
    auto& group = known != groups.end() ? *known : groups.emplace_back();
    group.first = sensor.bus;
    const bool maps_clock = sensor.settings.has("clock") && sensor.settings.text("clock") == "host";
    group.second.push_back(std::make_unique<SensorKeeper>(sensor.id, static_cast<std::uint16_t>(i),
                                                          std::move(open), maps_clock));
  }
  std::vector<std::unique_ptr<BusThread>> threads;
  for (auto& [bus, keepers] : groups) {
    threads.push_back(
        std::make_unique<BusThread>(std::move(keepers), spec.queue_samples, pipeline));
  }
  return threads;
}

std::vector<std::unique_ptr<McuWorker>> make_mcu_workers(const PipelineSpec& spec,
                                                         const std::filesystem::path& state) {
  std::vector<std::unique_ptr<McuWorker>> workers;
  for (const McuSpec& mcu : spec.mcus) {
    McuWorkerSettings settings;
    settings.id = mcu.id;
    settings.device = mcu.device;
    settings.baud = mcu.baud;
    settings.keys = McuKeys(state);
    workers.push_back(std::make_unique<McuWorker>(std::move(settings)));
  }
  return workers;
}

}  // namespace haltere::agent
