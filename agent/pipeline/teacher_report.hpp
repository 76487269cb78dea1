#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "learner/online_model.hpp"

namespace haltere::agent {

/// A teacher beside its student, the net that is handed over: `accuracy` (classify) or
/// `deviations` (regress: mean absolute error over the targets, in each one's deviation) of both.
[[nodiscard]] nlohmann::json teacher_json(const learner::TeacherFigures& figures,
                                          learner::Task task);

/// The same in words.
[[nodiscard]] std::string teacher_text(const nlohmann::json& teacher);

}  // namespace haltere::agent
