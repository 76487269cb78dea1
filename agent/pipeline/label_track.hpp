#pragma once

#include <array>
#include <cstddef>

#include "sensors/sample.hpp"

namespace haltere::agent {

/// The newest changes of a sensor's label, to be asked for what it was a little while ago.
class LabelTrack {
 public:
  void add(sensors::TimeNs time_ns, const sensors::LabelText& label) {
    if (label == changes_[newest_].label) return;
    newest_ = (newest_ + 1) % changes_.size();
    changes_[newest_] = {.time_ns = time_ns, .label = label};
  }

  [[nodiscard]] const sensors::LabelText& newest() const { return changes_[newest_].label; }

  /// The label at `time_ns`; before the oldest change that is kept, none.
  [[nodiscard]] sensors::LabelText at(sensors::TimeNs time_ns) const {
    for (std::size_t back = 0; back < changes_.size(); ++back) {
      const Change& change = changes_[(newest_ + changes_.size() - back) % changes_.size()];
      if (change.time_ns <= time_ns) return change.label;
    }
    return {};
  }

 private:
  struct Change {
    sensors::TimeNs time_ns = 0;
    sensors::LabelText label{};
  };
  std::array<Change, 16> changes_{};
  std::size_t newest_ = 0;
};

}  // namespace haltere::agent
