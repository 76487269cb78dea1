#include "agent/pipeline/teacher_report.hpp"

#include <spdlog/fmt/fmt.h>

#include "config/json.hpp"

namespace haltere::agent {

using nlohmann::json;

json teacher_json(const learner::TeacherFigures& figures, learner::Task task) {
  const char* const measure = task == learner::Task::classify ? "accuracy" : "deviations";
  return {{measure, figures.teacher},
          {"student", {{measure, figures.student}}},
          {"rows", figures.rows},
          {"trusted", figures.trusted},
          {"unlabelled", figures.unlabelled}};
}

std::string teacher_text(const json& teacher) {
  std::string text;
  if (teacher.contains("accuracy")) {
    text = fmt::format("accuracy {:.2f} %, its student {:.2f} %",
                       100.0 * teacher["accuracy"].get<double>(),
                       100.0 * teacher["student"]["accuracy"].get<double>());
  } else {
    text = fmt::format("off by {:.4g} deviations, its student by {:.4g}",
                       teacher["deviations"].get<double>(),
                       teacher["student"]["deviations"].get<double>());
  }
  return text + (teacher["trusted"].get<bool>() ? ", trusted" : ", not trusted") + "; taught " +
         teacher["unlabelled"].dump() + " without a label";
}

}  // namespace haltere::agent
