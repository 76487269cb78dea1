#include "agent/learn/settings_option.hpp"

#include <string_view>
#include <utility>

#include "config/node.hpp"
#include "config/settings.hpp"
#include "learner/settings.hpp"

namespace haltere::agent {
namespace {

using config::Node;

/// What has an option of its own keeps what that says, unless it was given here.
void keep_options(const Node& given, const learner::LearnSettings& options,
                  learner::LearnSettings& learn) {
  const auto is_given = [&given](std::string_view key) { return given.find(key) != nullptr; };
  if (!is_given("optimizer")) learn.optimizer = options.optimizer;
  if (!is_given("rate")) {
    learn.rate = options.rate;
    learn.auto_rate = options.auto_rate;
  }
  if (!is_given("replay")) learn.replay = options.replay;
  if (!is_given("seed")) learn.seed = options.seed;
  if (!is_given("drift")) learn.drift.detector = options.drift.detector;
  if (!is_given("drift_on")) learn.drift.on = options.drift.on;
  if (!is_given("drift_reaction")) learn.drift.reaction = options.drift.reaction;
}

}  // namespace

Status apply_learn_settings(const std::vector<std::string>& assignments,
                            learner::LearnSettings& learn) {
  if (assignments.empty()) return {};
  Node root = Node::make(Node::Kind::mapping);
  root.entries.push_back({"learn", {}, Node::make(Node::Kind::mapping)});
  int number = 0;
  for (const std::string& assignment : assignments)
    if (Status applied = config::apply_override(root, "learn." + assignment, ++number); !applied)
      return Error{ErrorKind::invalid, "--learn: '" + assignment +
                                           "' should be like dropout=10%, a setting of `haltere "
                                           "help models`"};
  std::vector<config::Diagnostic> diagnostics;
  const Node& given = *root.find("learn");
  const config::Section section =
      config::read_section(given, learner::learn_settings, "'learn'", diagnostics);
  if (!diagnostics.empty())
    return Error{ErrorKind::invalid, "--learn: " + diagnostics.front().message};
  learner::LearnSettings read = learner::read_learn_settings(section);
  keep_options(given, learn, read);
  learn = std::move(read);
  return {};
}

}  // namespace haltere::agent
