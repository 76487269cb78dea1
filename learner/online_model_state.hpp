#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learner/anomaly_judge.hpp"
#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/followers.hpp"
#include "learner/online_model.hpp"
#include "learner/replay.hpp"
#include "learner/trainer.hpp"

namespace haltere::learner {

/// What an OnlineModel is made of. Only online_model.cpp includes this.
struct OnlineModel::State {
  State(const ModelSettings& chosen, std::size_t input_count, models::Network network);

  std::span<const float> answer();
  float score_row();
  Prediction prediction_of(std::span<const float> outputs) const;
  void step(std::size_t count_rows);
  void replay_step();
  void watch_error(double error);
  void react(DriftLevel level);
  Prediction judge_row(std::span<const float> row);
  bool is_guarded(std::span<const float> row, const Target& target);
  float scheduled_share();
  void lower_rate();
  void exchange(Archive& archive);

  ModelSettings settings;
  std::string identity;
  std::size_t inputs;
  std::size_t replay_steps;
  Batch batch;
  Trainer trainer;  ///< of the steady net: the one that is handed over
  Replay replay;
  models::Random random;
  Followers followers;
  std::uint64_t unlearned = 0;        ///< rows answered since one was learned
  std::optional<AnomalyJudge> judge;  ///< anomaly only
  std::vector<float> row_errors;      ///< anomaly: of a row's reconstruction, [inputs]
  std::uint64_t abnormal_rows = 0;
  ClassMetrics class_metrics;
  RegressionMetrics regression_metrics;
  LearnCounters counters;
  DriftWatch drift;
  std::uint64_t rows_at_rate = 0;  ///< rows learned since the schedule began
  float rate_surplus =
      0.0F;  ///< the rate is the share of the schedule + this times that of the settings
};

/// A net with the shape that the settings ask for. Errors: as Network::create.
[[nodiscard]] Result<models::Network> make_network(const ModelSettings& settings,
                                                   std::size_t inputs);

/// Reads or writes what a checkpoint must agree with; fails the archive if it does not.
void exchange_identity(Archive& archive, const std::string& identity);

}  // namespace haltere::learner
