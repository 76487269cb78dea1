#include "learner/drift_settings.hpp"

namespace haltere::learner {

std::string_view to_string(DriftKind kind) {
  switch (kind) {
    case DriftKind::off: return "off";
    case DriftKind::adwin: return "adwin";
    case DriftKind::page_hinkley: return "page_hinkley";
    case DriftKind::kswin: return "kswin";
    case DriftKind::ddm: return "ddm";
  }
  return "off";
}

std::string_view to_string(DriftSource source) {
  switch (source) {
    case DriftSource::error: return "error";
    case DriftSource::inputs: return "inputs";
    case DriftSource::both: return "both";
  }
  return "error";
}

std::string_view to_string(DriftReaction reaction) {
  switch (reaction) {
    case DriftReaction::alarm: return "alarm";
    case DriftReaction::raise_rate: return "raise_rate";
    case DriftReaction::reset_normalisation: return "reset_normalisation";
    case DriftReaction::refill_replay: return "refill_replay";
    case DriftReaction::new_model: return "new_model";
  }
  return "alarm";
}

}  // namespace haltere::learner
