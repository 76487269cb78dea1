#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/own_sensor.hpp"
#include "config/result.hpp"
#include "models/bundle.hpp"
#include "sensors/mcu_feed.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {

using OpenPort =
    std::function<Result<std::unique_ptr<sensors::SerialPort>>(std::string_view device, int baud)>;

struct McuWorkerSettings {
  std::string id;
  std::string device;
  int baud = 115200;
  std::size_t queue_windows = 64;  ///< feature vectors that may wait; the oldest is dropped
  std::chrono::milliseconds first_backoff{200};
  std::chrono::milliseconds longest_backoff{5000};
  LinkPatience patience;
  std::optional<McuKeys> keys;             ///< of enrolled microcontrollers
  std::shared_ptr<sensors::McuFeed> feed;  ///< takes its own sensor's samples; may be null
};

/// A bundle on its way to microcontrollers; shared, never changed.
using BundleBytes = std::shared_ptr<const std::vector<std::uint8_t>>;

/// What a microcontroller is doing; a copy, consistent in itself.
struct McuSnapshot {
  bool connected = false;
  std::string core;              ///< "Cortex-M4F"; empty before the first hello
  std::string firmware_version;  ///< "0.1.0"; empty before the first hello
  std::uint32_t model_version = 0;
  std::uint64_t model_hash = 0;
  std::uint64_t inferences = 0;        ///< answers received
  std::uint64_t compared = 0;          ///< of those, with a bundle that this board has too
  std::uint64_t agreed = 0;            ///< of those, equal to this board's outputs in every byte
  std::uint64_t dropped_features = 0;  ///< feature vectors that found the queue full or no model
  std::uint64_t handed_over = 0;       ///< bundles activated there
  std::uint64_t refused = 0;           ///< bundles that did not fit or were refused there
  std::uint64_t reconnects = 0;
  int last_verdict = -1;
  std::optional<OwnSensorFigures> own_sensor;  ///< once its stream was asked for
  std::string last_error;                      ///< empty once all is well again

  /// Share of the compared outputs, and of its own sensor's decisions, that agreed; nothing before
  /// the first comparison.
  [[nodiscard]] std::optional<double> agreement() const;
};

/// The thread that serves one microcontroller: keeps the line open (with back-off), hands over the
/// newest bundle, and has feature vectors inferred there, comparing with this board's own int8 run
/// of the very bundle that answered. With a feed it also has the microcontroller stream its own
/// sensor there, and follows what it decides by itself. All members may be called from any thread.
class McuWorker {
 public:
  explicit McuWorker(McuWorkerSettings settings, OpenPort open = sensors::open_serial_port);
  ~McuWorker();  ///< stops
  McuWorker(const McuWorker&) = delete;
  McuWorker& operator=(const McuWorker&) = delete;

  void start();
  /// Ends the thread within a few hundred milliseconds; what waits is not sent.
  void stop();

  /// Replaces any bundle that still waits: only the newest is handed over.
  void offer(BundleBytes bundle);

  /// Queues features for the model there. Never blocks.
  void infer(std::span<const float> features);

  /// Waits until nothing is queued or in work, at most `timeout`. False: something still is.
  bool drain(std::chrono::milliseconds timeout);

  [[nodiscard]] McuSnapshot snapshot() const;

 private:
  /// A bundle to hand over, or features to infer when there is none.
  struct Work {
    BundleBytes bundle;
    std::vector<float> features;
  };

  void run(const std::stop_token& stop);
  bool connect_and_serve(const std::stop_token& stop);
  Status serve(McuLink& link, const std::stop_token& stop);
  Status do_work(McuLink& link, Work& work);
  Status begin_stream(McuLink& link, std::optional<OwnSensor>& own);
  Status listen(McuLink& link, OwnSensor& own);
  std::optional<Work> next_work(const std::stop_token& stop, bool wait);
  void finish_work(Work& work, const Status& done);
  Status hand_over(McuLink& link, const Work& work);
  Status infer_there(McuLink& link, const Work& work);
  void remember(const BundleBytes& bundle, std::uint64_t hash);
  std::optional<bool> agreement(const Inference& inference, const std::vector<float>& features);
  void note_hello(const McuInfo& info);
  models::Int8Model* find_model(std::uint32_t version);
  void note_error(const Error& error);

  McuWorkerSettings settings_;
  OpenPort open_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  BundleBytes waiting_bundle_;
  BundleBytes handed_over_;
  std::deque<std::vector<float>> waiting_features_;
  bool working_ = false;
  McuSnapshot state_;
  /// A model that may answer there, by the hash of the bytes that were sent.
  struct KnownModel {
    std::uint64_t hash = 0;
    models::Int8Model model;
  };
  std::vector<KnownModel> known_models_;  // worker thread only
  std::jthread thread_;
};

}  // namespace haltere::agent
