#include "learner/settings.hpp"

#include <charconv>
#include <system_error>

namespace haltere::learner {

Task task_named(std::string_view name) {
  if (name == "regress") return Task::regress;
  return name == "anomaly" ? Task::anomaly : Task::classify;
}

models::Activation activation_named(std::string_view name) {
  constexpr std::array kinds{models::Activation::leaky_relu, models::Activation::tanh,
                             models::Activation::sigmoid};
  for (const models::Activation kind : kinds)
    if (name == models::to_string(kind)) return kind;
  return models::Activation::relu;
}

OptimizerKind optimizer_named(std::string_view name) {
  if (name == "sgd") return OptimizerKind::sgd;
  return name == "rmsprop" ? OptimizerKind::rmsprop : OptimizerKind::adam;
}

RateSchedule schedule_named(std::string_view name) {
  return name == "inverse_sqrt" ? RateSchedule::inverse_sqrt : RateSchedule::constant;
}

LossKind loss_named(std::string_view name) {
  if (name == "quantile") return LossKind::quantile;
  return name == "huber" ? LossKind::huber : LossKind::squared;
}

RowFormat row_format_named(std::string_view name) {
  return name == "int8" ? RowFormat::int8 : RowFormat::float32;
}

DriftKind drift_named(std::string_view name) {
  constexpr std::array kinds{DriftKind::page_hinkley, DriftKind::kswin, DriftKind::ddm,
                             DriftKind::off};
  for (const DriftKind kind : kinds)
    if (name == to_string(kind)) return kind;
  return DriftKind::adwin;
}

DriftSource drift_source_named(std::string_view name) {
  if (name == "inputs") return DriftSource::inputs;
  return name == "both" ? DriftSource::both : DriftSource::error;
}

DriftReaction drift_reaction_named(std::string_view name) {
  constexpr std::array reactions{DriftReaction::raise_rate, DriftReaction::reset_normalisation,
                                 DriftReaction::refill_replay, DriftReaction::new_model};
  for (const DriftReaction reaction : reactions)
    if (name == to_string(reaction)) return reaction;
  return DriftReaction::alarm;
}

void read_class_weights(const std::vector<std::string>& texts, LearnSettings& learn) {
  learn.balance_classes = texts == std::vector<std::string>{"balanced"};
  learn.class_weights.clear();
  if (learn.balance_classes || texts == std::vector<std::string>{"none"}) return;
  for (const std::string& text : texts) {
    float weight = 0.0F;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    learn.class_weights.push_back(whole ? weight : 0.0F);
  }
}

LearnSettings read_learn_settings(const config::Section& section) {
  LearnSettings learn;
  learn.optimizer = optimizer_named(section.text("optimizer"));
  learn.auto_rate = section.says("rate", "auto");
  if (!learn.auto_rate) learn.rate = static_cast<float>(section.number("rate"));
  learn.schedule = schedule_named(section.text("schedule"));
  learn.momentum = static_cast<float>(section.number("momentum"));
  learn.nesterov = section.flag("nesterov");
  learn.weight_decay = static_cast<float>(section.number("weight_decay"));
  learn.clip_norm = static_cast<float>(section.number("clip_norm"));
  learn.label_smoothing = static_cast<float>(section.number("label_smoothing"));
  read_class_weights(section.texts("class_weights"), learn);
  learn.dropout = static_cast<float>(section.number("dropout"));
  learn.loss = loss_named(section.text("loss"));
  learn.loss_quantile = static_cast<float>(section.number("loss_quantile"));
  learn.interval = static_cast<float>(section.number("interval"));
  learn.frozen_layers = static_cast<std::size_t>(section.integer("frozen_layers"));
  learn.replay = static_cast<std::size_t>(section.integer("replay"));
  if (section.has("replay_memory"))
    learn.replay_bytes = static_cast<std::size_t>(section.number("replay_memory"));
  learn.replay_format = row_format_named(section.text("replay_format"));
  learn.replay_steps = static_cast<std::size_t>(section.integer("replay_steps"));
  learn.replay_rows = static_cast<std::size_t>(section.integer("replay_rows"));
  learn.followers = section.flag("followers");
  learn.roll_back = section.flag("roll_back");
  learn.anchor = static_cast<float>(section.number("anchor"));
  learn.unknown = section.number("unknown");
  learn.new_labels = section.flag("new_labels");
  learn.guess_above = static_cast<float>(section.number("guess_above"));
  if (section.has("teacher"))
    for (const std::int64_t units : section.integers("teacher"))
      learn.teacher.push_back(static_cast<std::size_t>(units));
  learn.teacher_weight = static_cast<float>(section.number("teacher_weight"));
  learn.teacher_temperature = static_cast<float>(section.number("teacher_temperature"));
  learn.memory = static_cast<std::size_t>(section.integer("memory"));
  learn.drift = {.detector = drift_named(section.text("drift")),
                 .on = drift_source_named(section.text("drift_on")),
                 .reaction = drift_reaction_named(section.text("drift_reaction"))};
  learn.seed = static_cast<std::uint64_t>(section.integer("seed"));
  learn.deterministic = section.flag("deterministic");
  return learn;
}

}  // namespace haltere::learner
