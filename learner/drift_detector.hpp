#pragma once

#include <cstddef>
#include <variant>

#include "learner/archive.hpp"
#include "learner/drift.hpp"
#include "learner/drift_adwin.hpp"
#include "learner/drift_ddm.hpp"
#include "learner/drift_kswin.hpp"
#include "learner/drift_page_hinkley.hpp"
#include "learner/drift_settings.hpp"

namespace haltere::learner {

/// One of the detectors with its paper's constants.
class DriftDetector {
 public:
  /// `watched`: how many streams are watched together; the confidence of each is tightened so that
  /// their false alarms add up to one detector's (adwin, kswin).
  DriftDetector(DriftKind kind, DriftDirection direction, std::size_t watched = 1);

  /// Takes in one value, meant to lie in 0..1; what is not finite changes nothing.
  DriftLevel update(double value);
  void reset();
  void exchange(Archive& archive);

 private:
  std::variant<std::monostate, Adwin, PageHinkley, Kswin, Ddm> detector_;
};

}  // namespace haltere::learner
