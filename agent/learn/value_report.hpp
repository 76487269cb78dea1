#pragma once

#include <string>

#include "agent/learn/learn_run.hpp"
#include "config/json.hpp"

namespace haltere::agent {

/// What is reported of a regression: figures of its target, or of several the means, with those of
/// each under `targets`; with intervals, how many truths they held and how wide they were. Means of
/// mae and rmse over targets of unlike units say little; r2 has no unit.
[[nodiscard]] nlohmann::ordered_json value_scores_json(const TestScores& scores,
                                                       const TablePlan& plan);
[[nodiscard]] nlohmann::ordered_json value_prequential_json(const LearnResult& result);
[[nodiscard]] nlohmann::ordered_json value_baselines_json(const LearnResult& result);

/// The same for a person, in one line; `value_prequential_text` in several, each with its head.
[[nodiscard]] std::string value_scores_text(const TestScores& scores);
[[nodiscard]] std::string value_prequential_text(const LearnResult& result);

/// Mean absolute error over all targets, by which folds are compared.
[[nodiscard]] double mean_absolute_error(const TestScores& scores);

}  // namespace haltere::agent
