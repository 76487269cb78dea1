#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "learner/drift_settings.hpp"
#include "learner/loss.hpp"
#include "learner/row_store.hpp"
#include "models/float_loops.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// What a model is asked to do.
enum class Task : std::uint8_t { classify, regress, anomaly };

/// How gradients become steps.
enum class OptimizerKind : std::uint8_t { sgd, adam, rmsprop };

/// How the rate goes on: as it is, or falling with the inverse square root of the rows learned
/// since the start or the last drift, to a floor: an endless stream must never stop learning.
enum class RateSchedule : std::uint8_t { constant, inverse_sqrt };

[[nodiscard]] std::string_view to_string(Task task);
[[nodiscard]] std::string_view to_string(OptimizerKind kind);
[[nodiscard]] std::string_view to_string(RateSchedule schedule);

/// How a model learns. The defaults are meant for every stream; they were compared on the training
/// parts of recordings alone, which bench/RESULTS.md shows.
struct LearnSettings {
  OptimizerKind optimizer = OptimizerKind::adam;
  RateSchedule schedule = RateSchedule::constant;
  LossKind loss = LossKind::squared;  ///< regress: squared, huber or quantile
  RowFormat replay_format = RowFormat::float32;
  DriftSettings drift;           ///< what is watched for changes, and what a change causes
  bool auto_rate = false;        ///< try some rates beside it and keep the best
  bool nesterov = false;         ///< sgd: look ahead along the momentum
  bool balance_classes = false;  ///< classify: weigh rows so that all classes pull alike
  bool followers = true;         ///< nets that follow the newest rows share in the answers
  bool roll_back = true;         ///< a net that diverged goes back to its last good generation
  bool new_labels = false;       ///< classify: labels that come up in the stream become classes
  bool deterministic = false;    ///< same bits on every CPU, not only every time on one; slower
  float rate = 0.008F;           ///< step size
  float momentum = 0.9F;         ///< sgd only
  float loss_quantile = 0.5F;    ///< regress: share of truths to stay below (quantile loss)
  /// regress: share of truths that the interval beside each answer is to hold; 0 = no interval.
  float interval = 0.0F;
  float weight_decay = 0.3F;      ///< share of each weight taken per unit of rate (decoupled)
  float label_smoothing = 0.05F;  ///< classify: share of a label spread over all classes
  float dropout = 0.0F;           ///< share of hidden units left out of each step
  float clip_norm = 5.0F;         ///< longest gradient, in the Euclidean norm
  float anchor = 0.0F;  ///< pull towards the weights of the last good generation, per unit of rate
  /// classify: a row without a label is learned as what it is taken for, if that is so sure; 0 =
  /// never.
  float guess_above = 0.0F;
  /// Hidden layers of a larger net that teaches this one, from the same rows; empty = none does.
  std::vector<std::size_t> teacher;
  float teacher_weight = 0.2F;       ///< share of its answers in what is learned, beside the truth
  float teacher_temperature = 1.0F;  ///< classify: above 1, the less likely classes count for more
  /// classify: share of the rows like those learned that may be called unknown; 0 = none is.
  double unknown = 0.0;
  std::vector<float> class_weights;  ///< classify: of a row of each label; empty = 1 each
  std::size_t frozen_layers = 0;     ///< layers, from the inputs on, whose weights stay
  std::size_t replay = 1024;         ///< rows remembered, balanced over the labels; 0 = none
  /// Most memory for those rows, which then may be fewer than `replay`; 0 = as much as it takes.
  std::size_t replay_bytes = 0;
  std::size_t replay_steps = 3;  ///< steps per row, each on it and remembered ones
  std::size_t replay_rows = 16;  ///< rows of such a step, the new one included
  std::size_t memory = 10'000;   ///< rows after which normalisation begins to forget
  std::uint64_t seed = 1;
};

/// How the loops of a model that learns so round.
[[nodiscard]] models::Arithmetic arithmetic_of(const LearnSettings& settings);

/// A model as a user declares it.
struct ModelSettings {
  Task task = Task::classify;
  std::size_t targets = 1;                     ///< regress: values answered, each of its own target
  std::vector<std::string> labels;             ///< classify: the classes, in output order
  std::vector<std::size_t> layers = {32, 16};  ///< hidden units; the output layer is implied
  bool auto_layers = false;                    ///< try some shapes instead and keep the best
  models::Activation activation = models::Activation::relu;  ///< of the hidden layers
  /// anomaly: share of normal rows that may alarm; about nine a day at a row a second.
  double false_alarm_rate = 1e-4;
  std::size_t learn_normal = 400;  ///< anomaly: rows taken as normal without being judged
  LearnSettings learn;
  /// What the inputs are (feature names), free text: a checkpoint made with another is not taken
  /// up.
  std::string input_identity;
};

/// Values that a regression with these settings answers: for each target one, or three with an
/// interval.
[[nodiscard]] std::size_t values_of(const ModelSettings& settings);

/// The models that `auto_layers` and `auto_rate` ask to try, the likeliest first, each with
/// its own layers and rate. Without these the settings alone; so too for anomaly, where no truth
/// tells which is best, but for the layers, which are then those of a narrow autoencoder.
[[nodiscard]] std::vector<ModelSettings> candidates_of(const ModelSettings& settings);

/// Hidden layers of an autoencoder if nobody says which: it must pass its inputs through few units.
inline const std::vector<std::size_t> anomaly_layers{32, 8, 32};
/// The largest shape that is tried.
inline const std::vector<std::size_t> largest_layers{64, 32};

/// What a model with these settings makes small.
[[nodiscard]] Loss loss_of(const ModelSettings& settings);

/// Rows of `inputs` values that a model remembers: `replay`, as far as `replay_bytes` go.
[[nodiscard]] std::size_t replay_rows_of(const LearnSettings& settings, std::size_t inputs);

inline constexpr std::size_t max_labels = 64;
/// Values that a regression answers: of its targets, then the low ends and the high ends of their
/// intervals.
inline constexpr std::size_t max_values = 24;
inline constexpr std::size_t max_replay = 65'536;

/// Errors: invalid, naming the setting that is out of its range.
[[nodiscard]] Status check(const ModelSettings& settings);

}  // namespace haltere::learner
