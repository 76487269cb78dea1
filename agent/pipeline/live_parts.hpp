#pragma once

#include <memory>
#include <vector>

#include "agent/deploy/mcu_worker.hpp"
#include "agent/pipeline/bus_thread.hpp"
#include "agent/pipeline/spec.hpp"
#include "sensors/buses.hpp"
#include "sensors/doorbell.hpp"

namespace haltere::agent {

/// The buses that the file names; devices are opened when first used.
[[nodiscard]] std::shared_ptr<sensors::Buses> make_buses(const PipelineSpec& spec);

/// The threads that read the sensors of `spec`, which must live longer, as must `pipeline`. Sensors
/// of one bus share a thread; every other sensor has a device, and a thread, of its own.
[[nodiscard]] std::vector<std::unique_ptr<BusThread>> make_bus_threads(
    const PipelineSpec& spec, const std::shared_ptr<sensors::Buses>& buses,
    const sensors::Doorbell& pipeline);

/// Declares in `buses` the microcontrollers whose own sensors `spec` reads.
void add_mcu_feeds(const PipelineSpec& spec, sensors::Buses& buses);

/// One for each microcontroller of `spec`, in their order; their sensors go through `buses`.
[[nodiscard]] std::vector<std::unique_ptr<McuWorker>> make_mcu_workers(
    const PipelineSpec& spec, const std::filesystem::path& state, const sensors::Buses& buses);

}  // namespace haltere::agent
