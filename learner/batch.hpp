#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/beginning.hpp"
#include "learner/loss.hpp"
#include "learner/model_settings.hpp"
#include "learner/online_normaliser.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// A row as it came, with its truth.
struct Example {
  std::span<const float> row;       ///< [inputs]
  std::size_t label = 0;            ///< classify
  float value = 0.0F;               ///< regress: of the first target, in its unit
  std::span<const float> others{};  ///< regress: of the other targets
};

/// The rows of one step, normalised, with their truth: what a net is shown. Allocates only when
/// constructed.
class Batch {
 public:
  /// Room for `settings.learn.replay_rows` rows.
  Batch(const ModelSettings& settings, std::size_t inputs, std::size_t outputs);

  /// Takes over the scales that `beginning` learned its inputs with, and with `with_targets` those
  /// of its targets, as known from all rows that count.
  void begin_with(const Beginning& beginning, bool with_targets);

  /// Takes an example into the running means and deviations.
  void take_in(const Example& example);

  /// Gives the examples so far the weight of at most `rows` in those.
  void weigh_past_as(std::uint64_t rows);

  /// Normalises `row` into place `at`.
  void place(std::size_t at, std::span<const float> row);
  /// Likewise, with its truth: for anomaly, the row itself; for regress with an interval, each
  /// target's three times.
  void place(std::size_t at, const Example& example);

  /// Puts nonsense in place of one feature of the row at `at`, whose truth stays.
  void corrupt(std::size_t at, models::Random& random);

  [[nodiscard]] std::size_t capacity() const { return labels_.size(); }
  [[nodiscard]] std::span<const float> rows() const { return rows_; }  ///< [capacity][inputs]
  [[nodiscard]] Truth truth() const { return {labels_, values_}; }
  [[nodiscard]] const OnlineNormaliser& features() const { return features_; }
  [[nodiscard]] const OnlineNormaliser& target() const { return target_; }

  void exchange(Archive& archive);

 private:
  std::span<const float> targets_of(const Example& example);

  Task task_;
  std::size_t inputs_;
  bool frozen_;  ///< layers that do not learn: their inputs' scales stay too, once well known
  OnlineNormaliser features_;
  OnlineNormaliser target_;   ///< regress: of each target
  std::vector<float> given_;  ///< regress: truth of one row, [targets]
  std::vector<float> rows_;
  std::vector<std::int32_t> labels_;  ///< [capacity]
  std::vector<float> values_;         ///< [capacity][outputs]
};

}  // namespace haltere::learner
