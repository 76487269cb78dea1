#include "learner/settings.hpp"

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

constexpr config::Component learn_component{.kind = "models",
                                            .platform = "",
                                            .description = "How the model learns",
                                            .settings = learn_settings};

TEST(LearnSettings, TableIsSound) { EXPECT_TRUE(config::check_table(learn_component).empty()); }

TEST(LearnSettings, TableHasTheDefaultsOfTheStruct) {
  config::Node empty;
  empty.kind = config::Node::Kind::mapping;
  std::vector<config::Diagnostic> diagnostics;
  const config::Section section = config::read_section(empty, learn_settings, "learn", diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  const LearnSettings read = read_learn_settings(section);
  const LearnSettings defaults;
  EXPECT_EQ(read.optimizer, defaults.optimizer);
  EXPECT_EQ(read.rate, defaults.rate);
  EXPECT_EQ(read.schedule, defaults.schedule);
  EXPECT_EQ(read.balance_classes, defaults.balance_classes);
  EXPECT_EQ(read.class_weights, defaults.class_weights);
  EXPECT_EQ(read.dropout, defaults.dropout);
  EXPECT_EQ(read.interval, defaults.interval);
  EXPECT_EQ(read.loss, defaults.loss);
  EXPECT_EQ(read.loss_quantile, defaults.loss_quantile);
  EXPECT_EQ(read.frozen_layers, defaults.frozen_layers);
  EXPECT_EQ(read.momentum, defaults.momentum);
  EXPECT_EQ(read.weight_decay, defaults.weight_decay);
  EXPECT_EQ(read.clip_norm, defaults.clip_norm);
  EXPECT_EQ(read.label_smoothing, defaults.label_smoothing);
  EXPECT_EQ(read.replay, defaults.replay);
  EXPECT_EQ(read.replay_steps, defaults.replay_steps);
  EXPECT_EQ(read.replay_rows, defaults.replay_rows);
  EXPECT_EQ(read.followers, defaults.followers);
  EXPECT_EQ(read.teacher, defaults.teacher);
  EXPECT_EQ(read.teacher_weight, defaults.teacher_weight);
  EXPECT_EQ(read.teacher_temperature, defaults.teacher_temperature);
  EXPECT_EQ(read.memory, defaults.memory);
  EXPECT_EQ(read.drift.detector, defaults.drift.detector);
  EXPECT_EQ(read.drift.on, defaults.drift.on);
  EXPECT_EQ(read.drift.reaction, defaults.drift.reaction);
  EXPECT_EQ(read.seed, defaults.seed);
}

TEST(ModelSettings, NamesTheSettingOutOfRange) {
  ModelSettings settings;
  settings.labels = {"a"};
  EXPECT_NE(check(settings).error().message.find("labels"), std::string::npos);
  settings.labels = {"a", "b"};
  EXPECT_TRUE(check(settings).ok());
  settings.learn.rate = 0.0F;
  EXPECT_NE(check(settings).error().message.find("rate"), std::string::npos);
  settings.learn.rate = 0.1F;
  settings.false_alarm_rate = 1.0;
  EXPECT_NE(check(settings).error().message.find("false_alarms"), std::string::npos);
}

TEST(ModelSettings, NamesAreReadBack) {
  for (const auto name : task_names) EXPECT_EQ(to_string(task_named(name)), name);
  for (const auto name : optimizer_names) EXPECT_EQ(to_string(optimizer_named(name)), name);
  for (const auto name : schedule_names) EXPECT_EQ(to_string(schedule_named(name)), name);
  EXPECT_EQ(loss_named("squared"), LossKind::squared);
  EXPECT_EQ(loss_named("huber"), LossKind::huber);
  EXPECT_EQ(loss_named("quantile"), LossKind::quantile);
  for (const auto name : drift_names) EXPECT_EQ(to_string(drift_named(name)), name);
  for (const auto name : drift_source_names) EXPECT_EQ(to_string(drift_source_named(name)), name);
  for (const auto name : drift_reaction_names)
    EXPECT_EQ(to_string(drift_reaction_named(name)), name);
  for (const auto name : activation_names)
    EXPECT_EQ(models::to_string(activation_named(name)), name);
}

}  // namespace
}  // namespace haltere::learner
