#pragma once

#include <string>

#include "agent/learn/learn_run.hpp"

namespace haltere::agent {

/// What `haltere learn --plot` draws: the course of accuracy (or error, or score) beside the
/// baselines with the drifts that were noted, the figures in words, and for a classifier the
/// confusions of the pass and of the first test or the folds.
[[nodiscard]] std::string learn_svg(const LearnResult& result);

}  // namespace haltere::agent
