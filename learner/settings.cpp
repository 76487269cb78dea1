#include "learner/settings.hpp"

namespace haltere::learner {

Task task_named(std::string_view name) {
  if (name == "regress") return Task::regress;
  return name == "anomaly" ? Task::anomaly : Task::classify;
}

models::Activation activation_named(std::string_view name) {
  if (name == "tanh") return models::Activation::tanh;
  return name == "sigmoid" ? models::Activation::sigmoid : models::Activation::relu;
}

OptimizerKind optimizer_named(std::string_view name) {
  return name == "sgd" ? OptimizerKind::sgd : OptimizerKind::adam;
}

LearnSettings read_learn_settings(const config::Section& section) {
  LearnSettings learn;
  learn.optimizer = optimizer_named(section.text("optimizer"));
  learn.rate = static_cast<float>(section.number("rate"));
  learn.momentum = static_cast<float>(section.number("momentum"));
  learn.weight_decay = static_cast<float>(section.number("weight_decay"));
  learn.label_smoothing = static_cast<float>(section.number("label_smoothing"));
  learn.replay = static_cast<std::size_t>(section.integer("replay"));
  learn.replay_steps = static_cast<std::size_t>(section.integer("replay_steps"));
  learn.replay_rows = static_cast<std::size_t>(section.integer("replay_rows"));
  learn.memory = static_cast<std::size_t>(section.integer("memory"));
  learn.seed = static_cast<std::uint64_t>(section.integer("seed"));
  return learn;
}

}  // namespace haltere::learner
