#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/node.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

class StreamTable;

/// A condition on the newest values of streams: `motion.walking and not motion.free_fall`,
/// `machine.zone < 2 or test.running`. `and` binds closer than `or`; there are no parentheses.
struct Condition {
  enum class Comparison { is_set, less, at_most, more, at_least, equal, unequal };

  /// One channel: above 0.5 (`is_set`), or compared with `value`.
  struct Term {
    std::size_t source = 0;
    std::size_t channel = 0;
    Comparison comparison = Comparison::is_set;
    float value = 0.0F;
    bool negated = false;
  };

  std::vector<std::vector<Term>> any_of;  ///< of terms that must all hold
};

/// Whether `term` holds for the channel's newest value; NaN, that is none yet, satisfies none.
[[nodiscard]] bool holds(const Condition::Term& term, float value);

/// Reads a condition. What is wrong with it is added to `diagnostics`, at `position`; the result is
/// then not complete.
[[nodiscard]] Condition read_condition(const std::string& text, config::Position position,
                                       const StreamTable& streams,
                                       std::vector<config::Diagnostic>& diagnostics);

}  // namespace haltere::agent
