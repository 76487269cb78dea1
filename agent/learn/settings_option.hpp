#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/model_settings.hpp"

namespace haltere::agent {

/// Takes `--learn KEY=VALUE` options into `learn`: any setting of a model's `learn:` section, read
/// and checked by the same table. Errors: invalid, with what is wrong and the likely fix.
[[nodiscard]] Status apply_learn_settings(const std::vector<std::string>& assignments,
                                          learner::LearnSettings& learn);

}  // namespace haltere::agent
