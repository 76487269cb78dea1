#pragma once

#include <cstdint>
#include <string_view>

namespace haltere::learner {

enum class DriftKind : std::uint8_t { off, adwin, page_hinkley, kswin, ddm };

/// What is watched.
enum class DriftSource : std::uint8_t {
  error,   ///< of the answers given before learning
  inputs,  ///< each feature by itself
  both,
};

/// What a model does about a drift, besides noting it.
enum class DriftReaction : std::uint8_t {
  alarm,                ///< nothing more
  raise_rate,           ///< learns faster for a while
  reset_normalisation,  ///< gives the past of its normalisation the weight of a few rows
  refill_replay,        ///< forgets the remembered rows and remembers those that come
  new_model,            ///< starts a net beside it, which takes its place once it is better
};

struct DriftSettings {
  DriftKind detector = DriftKind::adwin;
  DriftSource on = DriftSource::error;
  DriftReaction reaction = DriftReaction::alarm;
};

[[nodiscard]] std::string_view to_string(DriftKind kind);
[[nodiscard]] std::string_view to_string(DriftSource source);
[[nodiscard]] std::string_view to_string(DriftReaction reaction);

}  // namespace haltere::learner
