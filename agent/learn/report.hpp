#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/learn/learn_run.hpp"

namespace haltere::agent {

/// What `haltere learn --json` prints: {table, task, target, features, rows, reading, warnings,
/// seconds, model, prequential, baselines, drift: [{row, level, detector, on, done}], importance,
/// folds: {count, by, float, int8, each: [...]}, test: {float, int8, scorers (anomaly)}, tests:
/// [...], counters}; `test` is the first of `tests`, and for anomaly holds the figures of the float
/// model beside `float` too.
[[nodiscard]] nlohmann::ordered_json learn_json(const LearnResult& result);

/// The same for a person, several lines.
[[nodiscard]] std::string learn_text(const LearnResult& result);

}  // namespace haltere::agent
