#include "learner/model_settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace haltere::learner {

namespace {

Error out_of_range(std::string_view setting, std::string_view range) {
  return {ErrorKind::invalid, std::string(setting) + " must be " + std::string(range)};
}

/// One number of the settings and where it may lie; false for NaN too.
struct Limit {
  std::string_view setting;
  bool kept;
  std::string_view range;
};

Status check_class_weights(const ModelSettings& settings) {
  const std::vector<float>& weights = settings.learn.class_weights;
  if (weights.empty() || settings.task != Task::classify) return {};
  const bool positive =
      std::ranges::all_of(weights, [](float weight) { return weight > 0.0F && weight <= 1000.0F; });
  if (positive && weights.size() == settings.labels.size()) return {};
  return out_of_range("class_weights", "none, balanced, or one number per label, which are " +
                                           std::to_string(settings.labels.size()) +
                                           ", each above 0 and at most 1000");
}

Status check_teacher(const ModelSettings& settings) {
  const LearnSettings& learn = settings.learn;
  if (learn.teacher.empty()) return {};
  const auto is_wide = [](std::size_t units) { return units == 0 || units > models::max_units; };
  if (settings.task == Task::anomaly)
    return out_of_range("teacher", "left out for task anomaly: no truth tells whether it is right");
  if (learn.teacher.size() >= models::max_layers || std::ranges::any_of(learn.teacher, is_wide))
    return out_of_range("teacher", "1 to 15 hidden layers of 1 to 4096 units");
  if (!(learn.teacher_weight >= 0.0F && learn.teacher_weight <= 1.0F))
    return out_of_range("teacher_weight", "0 to 100 %");
  if (!(learn.teacher_temperature >= 1.0F && learn.teacher_temperature <= 16.0F))
    return out_of_range("teacher_temperature", "1 to 16");
  return {};
}

Status check_learn(const LearnSettings& learn) {
  const std::array limits{
      Limit{"rate", learn.rate > 0.0F && learn.rate <= 1.0F, "above 0, at most 1"},
      Limit{"momentum", learn.momentum >= 0.0F && learn.momentum < 1.0F, "0 or more, below 1"},
      Limit{"weight_decay", learn.weight_decay >= 0.0F && learn.weight_decay <= 1.0F, "0 to 1"},
      Limit{"label_smoothing", learn.label_smoothing >= 0.0F && learn.label_smoothing <= 0.5F,
            "0 to 0.5"},
      Limit{"loss", learn.loss != LossKind::cross_entropy, "squared, huber or quantile"},
      Limit{"loss_quantile", learn.loss_quantile > 0.0F && learn.loss_quantile < 1.0F,
            "between 0 and 1"},
      Limit{"interval", learn.interval >= 0.0F && learn.interval < 1.0F, "0 or more, below 100 %"},
      Limit{"dropout", learn.dropout >= 0.0F && learn.dropout <= 0.9F, "0 to 90 %"},
      Limit{"clip_norm", learn.clip_norm > 0.0F && std::isfinite(learn.clip_norm), "above 0"},
      Limit{"replay", learn.replay <= max_replay, "at most 65536 rows"},
      Limit{"replay_steps", learn.replay_steps <= 64, "at most 64"},
      Limit{"replay_rows", learn.replay_rows > 0 && learn.replay_rows <= 256, "1 to 256"},
      Limit{"drift", learn.drift.detector != DriftKind::ddm || learn.drift.on == DriftSource::error,
            "one that can watch inputs, which ddm cannot"},
      Limit{"anchor", learn.anchor >= 0.0F && learn.anchor <= 1.0F, "0 to 1"},
      Limit{"unknown", learn.unknown >= 0.0 && learn.unknown <= 0.2, "0 to 20 %"},
      Limit{"guess_above",
            learn.guess_above == 0.0F || (learn.guess_above >= 0.5F && learn.guess_above <= 1.0F),
            "0, or 50 % to 100 %"},
      Limit{"memory", learn.memory >= 2, "2 rows or more"},
  };
  const auto* broken = std::ranges::find(limits, false, &Limit::kept);
  if (broken != limits.end()) return out_of_range(broken->setting, broken->range);
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
    case OptimizerKind::rmsprop: return "rmsprop";
  }
  return "sgd";
}

std::string_view to_string(RateSchedule schedule) {
  return schedule == RateSchedule::inverse_sqrt ? "inverse_sqrt" : "constant";
}

std::size_t values_of(const ModelSettings& settings) {
  return settings.targets * (settings.learn.interval > 0.0F ? 3 : 1);
}

Loss loss_of(const ModelSettings& settings) {
  const LearnSettings& learn = settings.learn;
  switch (settings.task) {
    case Task::classify: return {LossKind::cross_entropy, learn.label_smoothing};
    case Task::regress:
      return {.kind = learn.loss, .quantile = learn.loss_quantile, .interval = learn.interval};
    case Task::anomaly: return {LossKind::squared, 0.0F};
  }
  return {};
}

models::Arithmetic arithmetic_of(const LearnSettings& settings) {
  return settings.deterministic ? models::Arithmetic::exact : models::Arithmetic::fused;
}

std::size_t replay_rows_of(const LearnSettings& settings, std::size_t inputs) {
  if (settings.replay_bytes == 0) return settings.replay;
  constexpr std::size_t bytes_beside = 16;  // label, value and number of a row
  const std::size_t row = RowStore::bytes_per_row(inputs, settings.replay_format) + bytes_beside;
  return std::min(settings.replay, settings.replay_bytes / row);
}

std::vector<ModelSettings> candidates_of(const ModelSettings& settings) {
  static const std::vector<std::vector<std::size_t>> shapes{{32, 16}, {16}, largest_layers, {8}};
  constexpr std::array rates{0.25F, 4.0F};  // times the settings'
  ModelSettings plain = settings;
  if (settings.task == Task::anomaly) {
    if (settings.auto_layers) plain.layers = anomaly_layers;
    return {plain};
  }
  std::vector<ModelSettings> candidates;
  if (settings.auto_layers) {
    for (const std::vector<std::size_t>& layers : shapes) {
      plain.layers = layers;
      candidates.push_back(plain);
    }
  } else {
    candidates.push_back(plain);
  }
  if (!settings.learn.auto_rate) return candidates;
  for (const float factor : rates) {
    ModelSettings other = candidates.front();
    other.learn.rate = std::min(1.0F, factor * settings.learn.rate);
    candidates.push_back(other);
  }
  return candidates;
}

Status check(const ModelSettings& settings) {
  const std::size_t labels = settings.labels.size();
  if (settings.task == Task::classify && (labels < 2 || labels > max_labels))
    return out_of_range("labels", "2 to 64 names for task classify");
  if (settings.task != Task::classify && labels != 0)
    return out_of_range("labels", "left out unless the task is classify");
  if (settings.task == Task::regress && (settings.targets == 0 || values_of(settings) > max_values))
    return out_of_range("targets", "1 to 24, or to 8 with an interval");
  if (!(settings.false_alarm_rate > 0.0 && settings.false_alarm_rate <= 0.1))
    return out_of_range("false_alarms", "above 0, at most 10 %");
  if (settings.learn.frozen_layers > settings.layers.size())
    return out_of_range("frozen_layers", "at most the number of hidden layers, which is " +
                                             std::to_string(settings.layers.size()));
  if (const Status weights = check_class_weights(settings); !weights) return weights;
  if (const Status teacher = check_teacher(settings); !teacher) return teacher;
  return check_learn(settings.learn);
}

}  // namespace haltere::learner
