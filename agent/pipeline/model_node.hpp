#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/pipeline/hit_history.hpp"
#include "agent/pipeline/row_labels.hpp"
#include "agent/pipeline/spec.hpp"
#include "agent/pipeline/time_budget.hpp"
#include "agent/pipeline/window_memory.hpp"
#include "config/result.hpp"
#include "learner/online_model.hpp"
#include "learner/promotion.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// How a run treats its models.
struct LearnOptions {
  bool learn = true;
  /// Every so many segments one is only predicted and kept for a final test: those whose number,
  /// counted from 0, is divisible by it. 0 = none.
  std::uint64_t hold_out_every = 0;
  /// Keep each model within its budget of processor time. What is learned then depends on the
  /// machine too, so a replay does not.
  bool keep_budget = false;
};

/// A window that a model has just answered. `features` are valid during the call.
struct WindowEvent {
  std::size_t model = 0;
  sensors::TimeNs time_ns = 0;  ///< of its newest row
  std::span<const float> features;
  int label = RowLabels::none;
  bool held_out = false;
  learner::Prediction prediction;
};

/// Told what models, and filters, do, on the pipeline thread.
class ModelObserver {
 public:
  ModelObserver() = default;
  ModelObserver(const ModelObserver&) = delete;
  ModelObserver& operator=(const ModelObserver&) = delete;
  virtual ~ModelObserver() = default;

  virtual void on_window(const WindowEvent& event) = 0;
  /// A bundle was promoted: it is the one to hand over from now on.
  virtual void on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) = 0;
  /// A filter has a new row.
  virtual void on_output(std::size_t /*filter*/, sensors::TimeNs /*time_ns*/,
                         std::span<const float> /*row*/) {}
};

/// Counts since the start of the run.
struct ModelCounters {
  std::uint64_t windows = 0;
  std::uint64_t labelled = 0;  ///< windows with one label (regress: with a target)
  std::uint64_t mixed = 0;     ///< windows in which labels met: predicted, not learned
  std::uint64_t gated = 0;     ///< windows for which `learn_when` did not hold: predicted alone
  std::uint64_t held_out = 0;
  std::uint64_t unknown_labels = 0;     ///< rows whose label text is none of the model's
  std::uint64_t late = 0;               ///< windows whose label came after them
  std::uint64_t corrected = 0;          ///< windows whose label was changed
  std::uint64_t withdrawn = 0;          ///< windows whose label was taken back
  std::uint64_t failed_candidates = 0;  ///< candidates that could not be quantized
};

/// One model on the stream of its window's features: predicts, scores, learns, promotes. What
/// happens depends only on rows, their own times, and the labels given between them.
class ModelNode {
 public:
  /// `recipe`: of the window that feeds it. Errors: as OnlineModel::create.
  [[nodiscard]] static Result<ModelNode> create(const ModelSpec& spec, std::size_t index,
                                                std::span<const std::uint8_t> recipe,
                                                LearnOptions options);

  /// One row entered the window; `column` is the newest text of the label column.
  void add_row(sensors::TimeNs time_ns, bool starts_segment, const sensors::LabelText& column);

  /// The window is complete. `newest`: regress, newest values of the target channels. `gated`: it
  /// is answered, and neither scored nor learned.
  void on_window(std::span<const float> features, std::uint64_t segment,
                 const learner::Target& newest, bool gated, ModelObserver& observer);

  /// Index of the label `name`; one that is new becomes a class if the settings let it. Nothing if
  /// it is none of the model's.
  std::optional<std::size_t> find_label(std::string_view name);

  /// Every kept window that lies between `from_ns` and `until_ns`, in the rows' own time, was of
  /// `label`, or of none that is known. Returns how many that changed.
  std::size_t relabel(sensors::TimeNs from_ns, sensors::TimeNs until_ns,
                      std::optional<std::size_t> label);

  /// The kept windows that a label would teach most about, at most `most`.
  [[nodiscard]] std::vector<WantedLabel> wanted_labels(std::size_t most) const {
    return memory_.wanted(model_, most);
  }

  /// Of the newest row.
  [[nodiscard]] sensors::TimeNs newest_ns() const { return last_time_ns_; }

  /// Rows from now on, for `span` of their own time, carry `label`, whatever their column says.
  void give_label(std::size_t label, std::chrono::nanoseconds span);

  [[nodiscard]] const ModelSpec& spec() const { return *spec_; }
  [[nodiscard]] const ModelCounters& counters() const { return counters_; }
  [[nodiscard]] const learner::OnlineModel& model() const { return model_; }
  [[nodiscard]] const learner::Promotion& promotion() const { return promotion_; }
  [[nodiscard]] const HitHistory& history() const { return history_; }
  [[nodiscard]] std::span<const std::uint8_t> recipe() const { return info_.recipe; }

  /// The model as it stands, quantized. Errors: as learner::make_candidate.
  [[nodiscard]] Result<std::vector<std::uint8_t>> make_bundle() const;

  /// How the float model, and the same quantized, answer the windows held out. Nothing before the
  /// first of these or before anything was learned.
  struct HeldOut {
    learner::Confusion float_answers;
    learner::Confusion int8_answers;
  };
  [[nodiscard]] std::optional<HeldOut> test_held_out();

  /// All that was learned, to go on from after a restart; and back. Errors: corrupt, invalid; then
  /// nothing has changed.
  [[nodiscard]] std::vector<std::uint8_t> save() const;
  Status restore(std::span<const std::uint8_t> bytes);

 private:
  struct Span {
    int label = RowLabels::none;
    sensors::TimeNs from_ns = 0;
    sensors::TimeNs until_ns = 0;
  };

  ModelNode(const ModelSpec& spec, std::size_t index, learner::OnlineModel model,
            learner::CandidateInfo info, std::size_t window_samples);

  [[nodiscard]] int row_label(sensors::TimeNs time_ns, const sensors::LabelText& column);
  [[nodiscard]] int label_named(const sensors::LabelText& text);
  [[nodiscard]] std::optional<learner::Target> target_of_window(const learner::Target& newest);
  void learn(std::span<const float> features, const learner::Prediction& prediction,
             const learner::Target& target, ModelObserver& observer);
  template <typename Learn>
  void learn_in_budget(const Learn& learn);
  void keep(std::span<const float> features, const WindowEvent& event, bool learned);
  bool relabel(KeptWindow& window, std::span<const float> features,
               std::optional<std::size_t> label);
  void promote(std::span<const float> features, const learner::Target& target,
               ModelObserver& observer);
  void keep_held_out(std::span<const float> features, const learner::Target& target);

  const ModelSpec* spec_;
  std::size_t index_;
  learner::OnlineModel model_;
  learner::CandidateInfo info_;
  learner::Promotion promotion_;
  LearnOptions options_;
  RowLabels labels_;
  WindowMemory memory_;
  std::optional<TimeBudget> budget_;
  HitHistory history_;
  ModelCounters counters_;
  sensors::TimeNs last_time_ns_ = 0;
  bool has_rows_ = false;
  Span span_;
  sensors::LabelText last_text_{};
  int last_label_ = RowLabels::none;
  std::vector<float> held_out_rows_;
  std::vector<int> held_out_labels_;
};

}  // namespace haltere::agent
