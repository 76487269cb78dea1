#include "learner/drift_detector.hpp"

#include <type_traits>

namespace haltere::learner {

namespace {

using AnyDetector = std::variant<std::monostate, Adwin, PageHinkley, Kswin, Ddm>;

AnyDetector make(DriftKind kind, DriftDirection direction, double watched) {
  switch (kind) {
    case DriftKind::off: break;
    case DriftKind::adwin: {
      AdwinSettings settings;
      settings.delta /= watched;
      settings.warning_delta /= watched;
      settings.direction = direction;
      return Adwin(settings);
    }
    case DriftKind::page_hinkley: {
      PageHinkleySettings settings;
      settings.direction = direction;
      return PageHinkley(settings);
    }
    case DriftKind::kswin: {
      KswinSettings settings;
      settings.alpha /= watched;
      settings.warning_alpha /= watched;
      settings.direction = direction;
      return Kswin(settings);
    }
    case DriftKind::ddm: return Ddm();
  }
  return std::monostate{};
}

/// Calls `action` on the detector unless there is none.
template <typename Detector, typename Action>
void visit_detector(Detector& detector, const Action& action) {
  std::visit(
      [&](auto& chosen) {
        if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(chosen)>, std::monostate>)
          action(chosen);
      },
      detector);
}

}  // namespace

DriftDetector::DriftDetector(DriftKind kind, DriftDirection direction, std::size_t watched)
    : detector_(make(kind, direction, watched > 1 ? static_cast<double>(watched) : 1.0)) {}

DriftLevel DriftDetector::update(double value) {
  DriftLevel level = DriftLevel::stable;
  visit_detector(detector_, [&](auto& chosen) { level = chosen.update(value); });
  return level;
}

void DriftDetector::reset() {
  visit_detector(detector_, [](auto& chosen) { chosen.reset(); });
}

void DriftDetector::exchange(Archive& archive) {
  visit_detector(detector_, [&](auto& chosen) { chosen.exchange(archive); });
}

}  // namespace haltere::learner
