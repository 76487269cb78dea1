#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "learner/online_model.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// A window that a model answered, kept so that a label may still come, change or go.
struct KeptWindow {
  sensors::TimeNs from_ns = 0;  ///< of its oldest row
  sensors::TimeNs until_ns = 0;
  learner::Prediction prediction;  ///< as it was given
  int label = -1;                  ///< that it was learned with
  std::uint64_t number = 0;        ///< of the row it is in the model's memory; 0 = not learned
  bool scored = false;             ///< its answer was counted
};

/// A window that a label would teach most about.
struct WantedLabel {
  sensors::TimeNs from_ns = 0;
  sensors::TimeNs until_ns = 0;
  int guess = -1;
  float confidence = 0.0F;
  bool unknown = false;
};

/// The newest windows of a model, in a ring: as many as `capacity`, and no more than fit in a
/// mebibyte.
class WindowMemory {
 public:
  /// `most`: windows, or 0 to keep none.
  explicit WindowMemory(std::size_t inputs, std::size_t most = capacity);

  /// Keeps a window with its features [inputs], in the place of the oldest once full.
  void push(const KeptWindow& window, std::span<const float> features);

  /// Visits every window that lies within the time from `from_ns` to `until_ns`, oldest first.
  using Visitor = std::function<void(KeptWindow&, std::span<const float>)>;
  void visit(sensors::TimeNs from_ns, sensors::TimeNs until_ns, const Visitor& visitor);

  /// The windows without a label that `model` is least sure of, at most `most`, unsurest first;
  /// none overlaps another, since one label would tell both.
  [[nodiscard]] std::vector<WantedLabel> wanted(const learner::OnlineModel& model,
                                                std::size_t most) const;

  [[nodiscard]] std::size_t size() const { return windows_.size(); }

  static constexpr std::size_t capacity = 1024;

 private:
  [[nodiscard]] std::span<const float> features(std::size_t index) const {
    return std::span(features_).subspan(index * inputs_, inputs_);
  }

  std::size_t inputs_;
  std::size_t capacity_;
  std::vector<KeptWindow> windows_;
  std::vector<float> features_;  ///< [capacity_][inputs_]
  std::size_t oldest_ = 0;       ///< once full
};

}  // namespace haltere::agent
