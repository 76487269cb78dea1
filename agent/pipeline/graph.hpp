#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agent/pipeline/label_track.hpp"
#include "agent/pipeline/model_node.hpp"
#include "agent/pipeline/spec.hpp"
#include "config/result.hpp"
#include "fusion/filter.hpp"
#include "fusion/merger.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// Counts of one filter since the start of the run.
struct FilterCounters {
  std::uint64_t rows = 0;     ///< rows it took (a merger: samples of all its inputs)
  std::uint64_t waiting = 0;  ///< rows of its clock before every input had a value
  std::uint64_t stale = 0;    ///< rows for which an input of another clock was overdue
  std::uint64_t outputs = 0;
};

/// Whom a label after the fact reached.
struct Relabelled {
  std::size_t models = 0;   ///< that know the label
  std::size_t windows = 0;  ///< whose label changed
};

/// The pipeline behind the sample queue: filters in topological order, then models. One thread.
/// Depends only on the samples, their order and their own times, never on a clock: the same samples
/// give the same bits. Allocates nothing per sample.
///
/// A filter runs whenever its first input has a new row; its other inputs are held at their newest
/// values, which count as stale when overdue by three of their periods (by 1 s without a rate). A
/// hole in a sensor's times of more than five periods and 250 ms starts a segment. A filter that
/// merges clocks (fusion::Merger) gets each input's samples as they come; what follows it runs
/// whenever it has a row.
class Graph {
 public:
  /// `spec` must outlive the graph. Errors: invalid, naming the model.
  [[nodiscard]] static Result<Graph> create(const PipelineSpec& spec, LearnOptions options);

  /// Takes one sample through the pipeline.
  void push(const sensors::Sample& sample, ModelObserver& observer);

  /// No sample will come any more: rows that waited for some go through.
  void finish(ModelObserver& observer);

  /// The next sample of `sensor` starts a segment: samples before it were lost.
  void break_segment(std::size_t sensor) { sensors_[sensor].broken = true; }

  /// Gives `label` to rows of every model that knows it, for `span`. Returns how many do.
  std::size_t give_label(std::string_view label, std::chrono::nanoseconds span);

  /// Says that windows of every model that knows `label` (empty: of every model that classifies)
  /// were of it (empty: of no known one) from `ago` before the newest row on, for `span`.
  Relabelled relabel(std::string_view label, std::chrono::nanoseconds ago,
                     std::chrono::nanoseconds span);

  [[nodiscard]] std::vector<ModelNode>& models() { return models_; }
  [[nodiscard]] const std::vector<ModelNode>& models() const { return models_; }
  [[nodiscard]] const PipelineSpec& spec() const { return *spec_; }
  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] const FilterCounters& filter_counters(std::size_t filter) const {
    return filters_[filter].counters;
  }
  /// What a filter that merges clocks says of its inputs; nullptr of any other.
  [[nodiscard]] const fusion::Merger* merger(std::size_t filter) const {
    return filters_[filter].merger;
  }
  /// Bytes that describe what `filter` computes (fusion::Filter::recipe).
  [[nodiscard]] std::span<const std::uint8_t> recipe(std::size_t filter) const {
    return filters_[filter].filter->recipe();
  }

 private:
  struct Press {
    std::size_t model = 0;
    ButtonSpec button;
  };
  /// What gives rows their times: a sensor, or a filter that merges others' clocks.
  struct Clock {
    std::vector<std::size_t> filters;  ///< that its ticks make run, in order
    std::uint64_t segment = 0;
  };
  struct Tick {
    sensors::TimeNs time_ns = 0;
    SourceIndex clock = 0;
  };
  struct SensorNode {
    std::vector<Press> presses;
    double rate_hz = 0.0;
    sensors::TimeNs gap_ns = 0;  ///< longer is a hole; 0 = never
    sensors::TimeNs last_time_ns = 0;
    std::uint64_t samples = 0;
    bool broken = false;
    bool pressed = false;
    LabelTrack label;
  };
  /// An input with another clock than its filter's.
  struct HeldInput {
    std::size_t input = 0;  ///< which one
    SourceIndex source = 0;
    std::uint64_t seen = 0;        ///< its updates when last looked at
    sensors::TimeNs since_ns = 0;  ///< the filter's time then
    sensors::TimeNs overdue_after_ns = 0;
  };
  /// Neighbouring values of a source.
  struct Run {
    const float* from = nullptr;
    std::size_t count = 0;
  };
  /// An input of a filter that merges clocks.
  struct MergedInput {
    SourceIndex source = 0;
    SourceIndex clock = 0;
    std::vector<Run> gather;
    std::size_t count = 0;  ///< of its values
    bool starts_segment = false;
  };
  struct FilterNode {
    std::unique_ptr<fusion::Filter> filter;
    fusion::Merger* merger = nullptr;
    std::vector<MergedInput> merged;
    SourceIndex clock = 0;
    std::vector<Run> gather;  ///< where the values of its row lie
    std::vector<float> row;
    std::vector<SourceIndex> unseen;  ///< its sources that had no value yet
    std::vector<HeldInput> held;
    std::vector<std::size_t> models;
    bool starts_segment = true;
    FilterCounters counters;
  };
  struct Source {
    std::vector<float> values;  ///< newest row
    std::uint64_t updates = 0;
    bool fired = false;  ///< by the tick under way
  };

  explicit Graph(const PipelineSpec& spec);
  void add_sensors();
  Status add_filters();
  Status add_models(LearnOptions options);
  std::size_t add_runs(const StreamRef& input, std::vector<Run>& runs) const;
  void connect(FilterNode& node, const FilterSpec& filter);
  void connect_merger(FilterNode& node, const FilterSpec& filter, std::size_t index);
  [[nodiscard]] static bool starts_segment(SensorNode& node, const sensors::Sample& sample);
  void start_segment(SourceIndex clock);
  void run_clock(const Tick& tick, ModelObserver& observer);
  void run_filter(std::size_t index, const Tick& tick, ModelObserver& observer);
  void publish(std::size_t index, sensors::TimeNs time_ns, ModelObserver& observer);
  void merge(FilterNode& node, const Tick& tick);
  void drain(std::size_t index, bool to_the_end, ModelObserver& observer);
  bool has_inputs(FilterNode& node);
  void look_at_held(FilterNode& node, sensors::TimeNs time_ns);
  [[nodiscard]] sensors::LabelText label_at(const ModelSpec& model, const Tick& tick) const;
  [[nodiscard]] bool may_learn(const ModelSpec& model) const;
  void run_models(FilterNode& node, const Tick& tick, ModelObserver& observer);
  void watch_button(SensorNode& node, const sensors::Sample& sample);

  const PipelineSpec* spec_;
  std::vector<Source> sources_;  ///< sensors, then filters
  std::vector<Clock> clocks_;    ///< of each source; most are none
  std::vector<SensorNode> sensors_;
  std::vector<FilterNode> filters_;
  std::vector<ModelNode> models_;
  std::vector<std::vector<const float*>> targets_;  ///< of each model
  std::uint64_t samples_ = 0;
};

}  // namespace haltere::agent
