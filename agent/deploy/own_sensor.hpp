#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/deploy/decision_check.hpp"
#include "agent/deploy/mcu_link.hpp"
#include "config/result.hpp"
#include "sensors/mcu_feed.hpp"

namespace haltere::agent {

/// A decision that a microcontroller made by its own sensor.
struct McuDecision {
  int decision = -1;  ///< as a verdict; -1: unknown
  int before = -1;
  std::uint32_t sample = 0;
  float score = 0.0F;
  std::uint32_t model_version = 0;
};

/// What a microcontroller makes of its own sensor; a copy.
struct OwnSensorFigures {
  bool streams = false;
  link::WatchReply watch;    ///< as of the last look
  McuStatistics statistics;  ///< as of the last look; of the model that was active then
  std::vector<McuDecision> last_changes;  /// oldest first, a few
  std::uint64_t changes = 0;              ///< of its decision, as told
  std::uint64_t compared = 0;             ///< of those, with this board's own from the same samples
  std::uint64_t agreed = 0;
};

/// The model here that has `version`, or nullptr.
using FindModel = std::function<models::Int8Model*(std::uint32_t version)>;

/// Has a microcontroller stream its own sensor to the pipeline, and follows what it decides by
/// itself. One link's, on its thread.
class OwnSensor {
 public:
  OwnSensor(std::shared_ptr<sensors::McuFeed> feed, FindModel find_model);
  ~OwnSensor();
  OwnSensor(const OwnSensor&) = delete;
  OwnSensor& operator=(const OwnSensor&) = delete;

  /// Asks for the stream, from now on. After a hello ask again. Errors: of McuLink; invalid when
  /// its sensor has no such channels.
  Status begin(McuLink& link);

  /// Waits for samples, at most a moment. Errors: of McuLink; unavailable when it was started anew.
  Status listen(McuLink& link);

  [[nodiscard]] const OwnSensorFigures& figures() const { return figures_; }

 private:
  using Clock = std::chrono::steady_clock;

  Status ask(McuLink& link);
  Status look(McuLink& link);
  Status find_channels(const link::SensorReply& sensor);
  void take(const link::Frame& notice);
  void take_samples(const link::SamplesNotice& notice);
  void take_change(const link::ChangeNotice& change);
  void check_changes();

  std::shared_ptr<sensors::McuFeed> feed_;
  FindModel find_model_;
  McuLink* link_ = nullptr;  // that calls `take`
  std::vector<McuChannel> channels_;
  std::vector<std::size_t> wanted_;  // the pipeline's channels among these
  bool counting_ = false;
  std::uint64_t number_ = 0;  // of the next sample: its low 32 bits as the link counts them
  DecisionCheck check_;
  std::deque<link::ChangeNotice> unchecked_;  // their samples are on the way
  Clock::time_point next_look_;
  OwnSensorFigures figures_;
};

}  // namespace haltere::agent
