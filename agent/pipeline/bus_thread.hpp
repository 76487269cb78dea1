#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "agent/health/sensor_keeper.hpp"
#include "agent/pipeline/queue.hpp"
#include "sensors/doorbell.hpp"

namespace haltere::agent {

/// The thread of one bus or serial line: waits for its sensors, reads them, and puts samples into
/// the queue to the pipeline.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the queue inside is aligned
class BusThread {
 public:
  /// Rings `pipeline` (which must live longer) when samples are there.
  BusThread(std::vector<std::unique_ptr<SensorKeeper>> keepers, std::size_t queue_samples,
            const sensors::Doorbell& pipeline);
  BusThread(const BusThread&) = delete;
  BusThread& operator=(const BusThread&) = delete;
  ~BusThread();  ///< stops

  void start();
  void stop();

  [[nodiscard]] SampleQueue& queue() { return queue_; }
  [[nodiscard]] const SampleQueue& queue() const { return queue_; }
  [[nodiscard]] const std::vector<std::unique_ptr<SensorKeeper>>& keepers() const {
    return keepers_;
  }

 private:
  void run(const std::stop_token& stop);
  void wait();
  void service();

  std::vector<std::unique_ptr<SensorKeeper>> keepers_;
  std::vector<char> ready_;  ///< per keeper, after `wait`
  std::vector<sensors::Sample> samples_;
  SampleQueue queue_;
  const sensors::Doorbell& pipeline_;
  sensors::Doorbell stop_bell_;
  std::jthread thread_;
};

/// The host's monotonic clock.
[[nodiscard]] sensors::TimeNs monotonic_ns();

}  // namespace haltere::agent
