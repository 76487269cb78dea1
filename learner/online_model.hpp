#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/anomaly_judge.hpp"
#include "learner/archive.hpp"
#include "learner/beginning.hpp"
#include "learner/drift_watch.hpp"
#include "learner/metrics.hpp"
#include "learner/model_settings.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// What the truth turned out to be: a label's index for classify, a value for regress. An anomaly
/// model learns without (Target{}), skips rows whose truth is known to be abnormal (label 1), and
/// learns those known to be normal (label 0) whatever it thinks of them.
struct Target {
  int label = -1;
  float value = 0.0F;                          ///< regress: of the first target
  std::array<float, max_values - 1> others{};  ///< regress: of the others
};

/// A model's answer to one row.
struct Prediction {
  bool valid = false;       ///< false: the row had a NaN or an infinity and was counted
  int label = -1;           ///< classify: the likeliest class
  float confidence = 0.0F;  ///< classify: its probability
  float value = 0.0F;       ///< regress: in the target's unit; anomaly: the blended score
  bool abnormal = false;    ///< anomaly: that is above its threshold
  bool unknown = false;     ///< classify: the row is like none of those learned
  /// regress: of the other targets; then, with an interval, its low ends and its high ends.
  std::array<float, max_values - 1> others{};
  int steady_label = -1;  ///< classify: of the steady net alone, which drift is judged by
  float steady_value =
      0.0F;  ///< regress: likewise, of the first target; anomaly: the reconstruction score
  AnomalyScores scores{};  ///< anomaly: by every scorer
};

/// Value `index` of a Target or a Prediction.
template <typename Values>
[[nodiscard]] auto& value_at(Values& of, std::size_t index) {
  return index == 0 ? of.value : of.others[index - 1];
}

/// What happened inside since the start, one counter per kind.
struct LearnCounters {
  std::uint64_t predicted = 0;
  std::uint64_t learned = 0;        ///< rows that entered the weights
  std::uint64_t rejected = 0;       ///< rows to predict that were not finite
  std::uint64_t refused = 0;        ///< rows or targets to learn that were not usable
  std::uint64_t guarded = 0;        ///< anomaly: rows not learned because they were abnormal
  std::uint64_t clipped = 0;        ///< steps whose gradient was shortened
  std::uint64_t skipped_steps = 0;  ///< steps whose gradient was not finite
  std::uint64_t rolled_back = 0;    ///< times that the net went back to its last good generation
  std::uint64_t replaced = 0;       ///< times that a net begun at a drift took its place
  std::uint64_t guessed = 0;        ///< rows without a label learned as what they were taken for
  std::uint64_t unknown = 0;        ///< rows answered as unknown
};

/// How a teacher and its student, the steady net, answered the same rows, each before learning it.
struct TeacherFigures {
  std::uint64_t rows = 0;
  /// classify: accuracy; regress: mean absolute error over the targets, in each one's deviation.
  double teacher = 0.0;
  double student = 0.0;          ///< likewise
  bool trusted = false;          ///< the teacher answers better as of late
  std::uint64_t unlabelled = 0;  ///< rows without a truth that the student learned from it
};

/// A dense net that learns a stream row by row: predict, score, learn, beside nets that follow the
/// newest rows (followers.hpp). Rows are raw features; the model normalises them itself. Does a
/// bounded amount of work per call and allocates nothing after `create` except in save, restore and
/// remembered_rows. Depends only on its settings and the rows: same calls, same bits on one CPU,
/// and on every CPU with `deterministic`. Not thread-safe.
class OnlineModel {
 public:
  /// Errors: invalid, naming the setting.
  [[nodiscard]] static Result<OnlineModel> create(const ModelSettings& settings,
                                                  std::size_t inputs);
  OnlineModel(OnlineModel&&) noexcept;
  OnlineModel& operator=(OnlineModel&&) noexcept;
  ~OnlineModel();

  /// Takes over what `beginning` has of this model before it learns: all hidden layers, the outputs
  /// that have the same names, and the scales. Errors: invalid if the hidden layers differ.
  Status begin_from(const Beginning& beginning);
  /// What it took over so, nothing by default; not kept in checkpoints.
  [[nodiscard]] TakenOver taken_over() const { return taken_over_; }

  /// The answer for `row` [inputs] as the model stands, of all its nets together; changes nothing
  /// but counters.
  Prediction predict(std::span<const float> row);

  /// Likewise, of `network()` alone: what a model that is handed over answers before it is
  /// quantized.
  Prediction predict_steady(std::span<const float> row);

  /// As `predict_steady`, counting nothing.
  [[nodiscard]] Prediction ask(std::span<const float> row) const;

  /// The steady net's outputs for a usable row: probabilities (classify), else normalised values;
  /// valid until the next call.
  [[nodiscard]] std::span<const float> outputs(std::span<const float> row) const;

  /// Counts `prediction`, given before learning from the row, in the prequential metrics, and lets
  /// the drift detector see its error; the model reacts to a drift as its settings say.
  void score(const Prediction& prediction, const Target& target);

  /// Learns from `row`: normalisation, `replay_steps` steps on the row together with remembered
  /// rows (without these, one step on the row alone), then remembers it. Rows or targets that are
  /// not finite are counted and change nothing else.
  void learn(std::span<const float> row, const Target& target);

  /// What a row without a label teaches: with `guess_above`, its likeliest class if that is so
  /// sure, at most one for each row with a label; else what the teacher answers, if there is one
  /// that is trusted, in `replay_steps` steps.
  void learn_unlabelled(std::span<const float> row);

  /// Number of the row learned last, from 1: by it the row is found again.
  [[nodiscard]] std::uint64_t newest_row() const { return counters().learned; }

  /// Forgets the row `number`, whose label was withdrawn; false if it is no longer remembered. What
  /// it did to the weights meanwhile fades as the net goes on.
  bool withdraw(std::uint64_t number);

  /// One class more, the last: nothing learned is forgotten. Allocates. Errors: refused unless the
  /// settings let labels be new, or with the label there already; invalid beyond max_labels.
  Status add_label(const std::string& label);

  /// Whether `learn` would take `row` in: it and the target are finite, and the label is one of
  /// ours.
  [[nodiscard]] bool is_learnable(std::span<const float> row, const Target& target) const;

  /// predict, score, learn.
  Prediction observe(std::span<const float> row, const Target& target);

  /// Replay steps per learned row from now on, at most those of the settings: to shed work.
  void set_replay_steps(std::size_t steps);

  [[nodiscard]] const ModelSettings& settings() const;
  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] const LearnCounters& counters() const;
  [[nodiscard]] const ClassMetrics& class_metrics() const;  ///< classify
  [[nodiscard]] const RegressionMetrics& regression_metrics(
      std::size_t target = 0) const;                                                    ///< regress
  [[nodiscard]] const IntervalMetrics& interval_metrics(std::size_t target = 0) const;  ///< regress
  [[nodiscard]] std::uint64_t abnormal_rows() const;  ///< anomaly: answers above

  /// classify: the confidence below which an answer is unknown; 0 = none is.
  [[nodiscard]] float least_confidence() const;

  /// How the teacher did beside its student, the steady net; none without `teacher`.
  [[nodiscard]] std::optional<TeacherFigures> teacher() const;

  /// What was tried with `layers: auto` or `rate: auto`, the one that answers first: each with its
  /// mean squared error over the rows of its last round. Empty if nothing was to be chosen.
  struct Tried {
    std::vector<std::size_t> layers;
    float rate = 0.0F;
    double loss = 0.0;
    std::uint64_t rows = 0;  ///< learned when that was measured; 0 = not yet
    bool alive = true;       ///< still learning
  };
  [[nodiscard]] const std::vector<Tried>& tried() const { return tried_; }

  /// Drifts found so far. The row of an event counts the rows answered, this one included.
  [[nodiscard]] const DriftWatch& drift() const;

  /// Weight of each net in an answer, the steady one's first; empty without followers.
  [[nodiscard]] std::span<const float> weights() const;

  /// What the quantizer needs, as of now.
  [[nodiscard]] const models::Network& network() const;          ///< the steady net
  [[nodiscard]] std::span<const float> input_mean() const;       ///< [inputs]
  [[nodiscard]] std::span<const float> input_deviation() const;  ///< [inputs], > 0
  [[nodiscard]] std::span<const float> target_mean() const;      ///< regress: [targets]
  /// regress: how far the ends of a target's interval are moved out, in its deviations.
  [[nodiscard]] float interval_margin(std::size_t target) const;
  [[nodiscard]] std::span<const float> target_deviation() const;  ///< regress: [targets], > 0
  [[nodiscard]] float threshold() const;                          ///< anomaly: of reconstruction

  /// anomaly: mean squared difference between a usable row and its reconstruction, normalised.
  [[nodiscard]] float reconstruction_score(std::span<const float> row) const;

  /// anomaly: the share of each input in a usable row's blended score, [inputs], each 0..1,
  /// together 1; all 0 when the row is exactly as expected.
  void explain_anomaly(std::span<const float> row, std::span<float> shares) const;

  /// Remembered rows with their targets, raw, [count][inputs]: calibration data for the quantizer.
  struct Rows {
    std::size_t count = 0;
    std::vector<float> values;
    std::vector<Target> targets;
  };
  [[nodiscard]] Rows remembered_rows() const;

  /// Everything that decides what happens next, as bytes with a version and a CRC.
  [[nodiscard]] std::vector<std::uint8_t> save() const;

  /// Takes up where `save` was called: from there on, same bits. Errors: corrupt (CRC, length),
  /// invalid (another version, or a model of other settings). On error nothing changes.
  Status restore(std::span<const std::uint8_t> bytes);

 private:
  Prediction predict(std::span<const float> row, bool followed);

  struct State;
  explicit OnlineModel(std::unique_ptr<State> state);
  bool learn_guess(std::span<const float> row);
  void learn_rivals(std::span<const float> row, const Target& target);
  void end_round();
  void exchange_places(std::size_t i, std::size_t j);
  void exchange_rivals(Archive& archive);
  static Result<std::unique_ptr<State>> read_state(std::span<const std::uint8_t> bytes,
                                                   const State& like);

  std::unique_ptr<State> state_;
  std::vector<OnlineModel> rivals_;  ///< candidates beside the one that answers
  TakenOver taken_over_;
  std::vector<Tried> tried_;  ///< of the one that answers first, then of the rivals
};

}  // namespace haltere::learner
