#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/deploy/mcu_worker.hpp"
#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/intake.hpp"
#include "agent/pipeline/mailbox.hpp"
#include "agent/pipeline/run_files.hpp"
#include "agent/pipeline/spec.hpp"
#include "agent/pipeline/status_line.hpp"
#include "agent/service/control_socket.hpp"
#include "agent/store/store_thread.hpp"
#include "config/result.hpp"
#include "sensors/buses.hpp"
#include "sensors/doorbell.hpp"

namespace haltere::agent {

struct LiveOptions {
  LearnOptions learn;
  RunFileNames files;
  std::filesystem::path state;                      ///< models and checkpoints
  std::filesystem::path control;                    ///< socket; empty = none
  std::filesystem::path report;                     ///< the run so far, for if it is cut off
  std::optional<std::chrono::nanoseconds> longest;  ///< ends by itself after this
  std::uint64_t most_samples = 0;                   ///< ends by itself after as many; 0 = never
  bool show_status = true;                          ///< the live line on stderr
  std::shared_ptr<sensors::Buses> buses;            ///< instead of those of the file, for tests
};

/// The agent at work: a thread per bus, one per microcontroller, one for the store, one for the
/// control socket, and the caller's for the pipeline.
class LiveRun final : private ModelObserver {
 public:
  /// Builds everything and resumes what was learned; opens no device yet. What cannot be had (a
  /// checkpoint that is broken, a socket) is warned of and done without. Errors: of the pipeline
  /// and the files to write.
  [[nodiscard]] static Result<std::unique_ptr<LiveRun>> create(PipelineSpec spec,
                                                               LiveOptions options);
  ~LiveRun() override;

  /// Runs until `stop_fd` is readable (-1: only as the options say). Then everything read so far is
  /// processed and saved. Result: the final report. Errors: of the files to write.
  [[nodiscard]] Result<nlohmann::json> run(int stop_fd);

  /// Samples processed so far. Any thread.
  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  using Clock = std::chrono::steady_clock;

  LiveRun(PipelineSpec spec, LiveOptions options);
  Status build();
  void resume();
  void connect();
  void open_control();
  void start();
  void finish_threads();
  bool is_over(int stop_fd) const;
  void keep_house();
  void save_checkpoints();
  [[nodiscard]] nlohmann::json report() const;
  [[nodiscard]] std::vector<McuSnapshot> mcus() const;
  Result<nlohmann::json> on_label(const nlohmann::json& request);
  Result<nlohmann::json> on_relabel(const nlohmann::json& request);
  Result<nlohmann::json> on_wanted();
  [[nodiscard]] Error unknown_label(const std::string& label) const;
  Result<nlohmann::json> on_status();
  void offer(std::size_t model, std::span<const std::uint8_t> bundle);

  void on_window(const WindowEvent& event) override;
  void on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) override;

  PipelineSpec spec_;
  LiveOptions options_;
  sensors::Doorbell bell_;
  Mailbox mailbox_{bell_};
  StoreThread store_;
  std::optional<Graph> graph_;
  std::optional<RunFiles> files_;
  std::optional<Intake> intake_;
  std::vector<std::unique_ptr<McuWorker>> workers_;
  std::unique_ptr<ControlSocket> control_;
  StatusLine status_line_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point next_checkpoint_;
  std::atomic<std::uint64_t> samples_{0};
  bool ended_ = false;
  std::vector<McuSnapshot> mcus_at_end_;
};

}  // namespace haltere::agent
