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
#include "learner/familiarity.hpp"
#include "learner/followers.hpp"
#include "learner/interval_margin.hpp"
#include "learner/last_good.hpp"
#include "learner/online_model.hpp"
#include "learner/replay.hpp"
#include "learner/shadow.hpp"
#include "learner/teacher.hpp"
#include "learner/trainer.hpp"

namespace haltere::learner {

/// What an OnlineModel is made of. Only online_model.cpp includes this.
struct OnlineModel::State {
  State(const ModelSettings& chosen, std::size_t input_count, models::Network network);

  std::span<const float> answer();
  float score_row();
  Prediction prediction_of(std::span<const float> outputs) const;
  Prediction steady_prediction(std::span<const float> outputs) const;
  [[nodiscard]] bool has_targets(const Target& target) const;
  void widen_intervals(Prediction& prediction) const;
  void score_values(const Prediction& prediction, const Target& target);
  void count(StepOutcome outcome);
  void step(std::size_t count_rows);
  void replay_step();
  void watch_error(double error);
  void react(DriftLevel level);
  Prediction judge_row(std::span<const float> row);
  bool is_guarded(std::span<const float> row, const Target& target);
  float scheduled_share();
  void lower_rate();
  std::span<const float> check_weights(const Example& example);
  void learn_familiarity(std::span<const float> answer, const Example& example);
  void teach(std::span<const float> row);
  void count_round(std::span<const float> answer, const Example& example);
  void widen_from(State&& narrow);
  [[nodiscard]] std::vector<std::uint8_t> archived() const;
  void exchange(Archive& archive);

  ModelSettings settings;
  std::string identity;
  std::size_t inputs;
  std::size_t replay_steps;
  Batch batch;
  Trainer trainer;  ///< of the steady net: the one that is handed over
  Replay replay;
  models::Random random;
  std::optional<Teacher> teacher;
  Followers followers;
  LastGood last_good;
  Shadow shadow;
  Familiarity familiarity;
  std::uint64_t unlearned = 0;        ///< rows answered since one was learned
  bool may_guess = false;             ///< a labelled row came since the last guess
  std::optional<AnomalyJudge> judge;  ///< anomaly only
  std::vector<float> row_errors;      ///< anomaly: of a row's reconstruction, [inputs]
  std::uint64_t abnormal_rows = 0;
  ClassMetrics class_metrics;
  std::vector<RegressionMetrics> regression_metrics;  ///< of each target
  std::vector<IntervalMetrics> interval_metrics;      ///< likewise
  IntervalMargin margin;
  LearnCounters counters;
  DriftWatch drift;
  std::uint64_t rows_at_rate = 0;  ///< rows learned since the schedule began
  /// The rate is that of the settings times the damping times (the schedule's share + the surplus).
  float rate_surplus = 0.0F;
  float rate_damping = 1.0F;  ///< below 1 after a net diverged
  double round_loss = 0.0;    ///< among rivals: of the rows of this round
  double round_rows = 0.0;
};

/// A net with the shape that the settings ask for. Errors: as Network::create.
[[nodiscard]] Result<models::Network> make_network(const ModelSettings& settings,
                                                   std::size_t inputs);

/// Reads or writes what a checkpoint must agree with; fails the archive if it does not.
void exchange_identity(Archive& archive, const std::string& identity);

/// Reads or writes what a model may have come to by itself: the names of its classes, and, where
/// they were left to it, its layers and its rate.
void exchange_shape(Archive& archive, ModelSettings& settings);
void exchange_layers(Archive& archive, std::vector<std::size_t>& layers);

}  // namespace haltere::learner
