#include "learner/model_settings.hpp"

#include <cmath>

namespace haltere::learner {

namespace {

Error out_of_range(std::string_view setting, std::string_view range) {
  return {ErrorKind::invalid, std::string(setting) + " must be " + std::string(range)};
}

Status check_learn(const LearnSettings& learn) {
  if (!(learn.rate > 0.0F && learn.rate <= 1.0F)) return out_of_range("rate", "above 0, at most 1");
  if (!(learn.momentum >= 0.0F && learn.momentum < 1.0F))
    return out_of_range("momentum", "0 or more, below 1");
  if (!(learn.weight_decay >= 0.0F && learn.weight_decay <= 1.0F))
    return out_of_range("weight_decay", "0 to 1");
  if (!(learn.label_smoothing >= 0.0F && learn.label_smoothing <= 0.5F))
    return out_of_range("label_smoothing", "0 to 0.5");
  if (!(learn.clip_norm > 0.0F) || !std::isfinite(learn.clip_norm))
    return out_of_range("clip_norm", "above 0");
  if (learn.replay > max_replay) return out_of_range("replay", "at most 65536 rows");
  if (learn.replay_steps > 64) return out_of_range("replay_steps", "at most 64");
  if (learn.replay_rows == 0 || learn.replay_rows > 256)
    return out_of_range("replay_rows", "1 to 256");
  if (learn.memory < 2) return out_of_range("memory", "2 rows or more");
  return {};
}

}  // namespace

std::string_view to_string(Task task) {
  switch (task) {
    case Task::classify: return "classify";
    case Task::regress: return "regress";
    case Task::anomaly: return "anomaly";
  }
  return "classify";
}

std::string_view to_string(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::sgd: return "sgd";
    case OptimizerKind::adam: return "adam";
  }
  return "sgd";
}

Status check(const ModelSettings& settings) {
  const std::size_t labels = settings.labels.size();
  if (settings.task == Task::classify && (labels < 2 || labels > max_labels))
    return out_of_range("labels", "2 to 64 names for task classify");
  if (settings.task != Task::classify && labels != 0)
    return out_of_range("labels", "left out unless the task is classify");
  if (!(settings.quantile > 0.0 && settings.quantile < 1.0))
    return out_of_range("quantile", "between 0 and 1");
  return check_learn(settings.learn);
}

}  // namespace haltere::learner
