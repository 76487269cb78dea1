#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "learner/model_settings.hpp"

namespace haltere::learner {

inline constexpr std::array<std::string_view, 3> task_names{"classify", "regress", "anomaly"};
inline constexpr std::array<std::string_view, 4> activation_names{"relu", "leaky_relu", "tanh",
                                                                  "sigmoid"};
inline constexpr std::array<std::string_view, 3> optimizer_names{"adam", "sgd", "rmsprop"};
inline constexpr std::array<std::string_view, 2> schedule_names{"constant", "inverse_sqrt"};
inline constexpr std::array<std::string_view, 3> loss_names{"squared", "huber", "quantile"};
inline constexpr std::array<std::string_view, 2> row_format_names{"float32", "int8"};
inline constexpr std::array<std::string_view, 5> drift_names{"adwin", "page_hinkley", "kswin",
                                                             "ddm", "off"};
inline constexpr std::array<std::string_view, 3> drift_source_names{"error", "inputs", "both"};
inline constexpr std::array<std::string_view, 5> drift_reaction_names{
    "alarm", "raise_rate", "reset_normalisation", "refill_replay", "new_model"};

/// The table of a model's `learn:` section. Its defaults are those of LearnSettings (a test
/// compares).
inline constexpr std::array learn_settings{
    config::Setting{.key = "optimizer",
                    .type = config::Type::choice,
                    .description = "How weights follow the gradient",
                    .default_text = "adam",
                    .choices = optimizer_names},
    config::Setting{.key = "rate",
                    .type = config::Type::number,
                    .description = "Learning rate: size of a step; auto tries three on the "
                                   "stream and keeps the best",
                    .min = 1e-6,
                    .max = 1.0,
                    .word = "auto",
                    .default_text = "0.008"},
    config::Setting{.key = "schedule",
                    .type = config::Type::choice,
                    .description = "How the rate goes on: constant, or falling with the inverse "
                                   "square root of the windows since the last drift, to a tenth",
                    .default_text = "constant",
                    .choices = schedule_names},
    config::Setting{.key = "momentum",
                    .type = config::Type::number,
                    .description = "Share of the last step kept in the next (sgd)",
                    .min = 0.0,
                    .max = 0.999,
                    .default_text = "0.9"},
    config::Setting{.key = "nesterov",
                    .type = config::Type::flag,
                    .description = "Take the slope ahead along the momentum (sgd)",
                    .default_text = "false"},
    config::Setting{.key = "weight_decay",
                    .type = config::Type::number,
                    .description = "Share of each weight taken away per step, times the rate",
                    .min = 0.0,
                    .max = 1.0,
                    .default_text = "0.3"},
    config::Setting{.key = "clip_norm",
                    .type = config::Type::number,
                    .description = "Longest gradient of a step; a longer one is shortened to it",
                    .min = 0.001,
                    .max = 1e6,
                    .default_text = "5"},
    config::Setting{.key = "label_smoothing",
                    .type = config::Type::number,
                    .description = "Share of a label spread over all classes (classify)",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 0.5,
                    .default_text = "5%"},
    config::Setting{.key = "class_weights",
                    .type = config::Type::texts,
                    .description = "How much a window of each class counts: none, balanced (all "
                                   "classes alike, however rare), or a number per label",
                    .default_text = "none"},
    config::Setting{.key = "dropout",
                    .type = config::Type::number,
                    .description = "Share of hidden units left out of each step",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 0.9,
                    .default_text = "0%"},
    config::Setting{.key = "loss",
                    .type = config::Type::choice,
                    .description = "What is made small (regress): squared errors; huber, which "
                                   "wild values pull less; quantile, to stay above a share of them",
                    .default_text = "squared",
                    .choices = loss_names},
    config::Setting{.key = "loss_quantile",
                    .type = config::Type::number,
                    .description = "That share (loss quantile)",
                    .dimension = config::Dimension::ratio,
                    .min = 0.001,
                    .max = 0.999,
                    .default_text = "50%"},
    config::Setting{.key = "interval",
                    .type = config::Type::number,
                    .description = "Answer an interval too that holds this share of the truths "
                                   "(regress); 0 = none",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 0.99,
                    .default_text = "0%"},
    config::Setting{.key = "frozen_layers",
                    .type = config::Type::integer,
                    .description = "Hidden layers, from the inputs on, whose weights stay as they "
                                   "are: to tune the last ones of a model learned before",
                    .min = 0,
                    .max = 15,
                    .default_text = "0"},
    config::Setting{.key = "replay",
                    .type = config::Type::integer,
                    .description = "Windows kept to learn from again, balanced over the labels",
                    .min = 0,
                    .max = max_replay,
                    .default_text = "1024"},
    config::Setting{.key = "replay_memory",
                    .type = config::Type::number,
                    .description = "Most memory for these windows; fewer are kept where it ends",
                    .dimension = config::Dimension::bytes,
                    .min = 1024},
    config::Setting{.key = "replay_format",
                    .type = config::Type::choice,
                    .description = "How their values are kept: int8 takes a quarter of the memory, "
                                   "to a sixteenth of a deviation",
                    .default_text = "float32",
                    .choices = row_format_names},
    config::Setting{.key = "replay_steps",
                    .type = config::Type::integer,
                    .description = "Steps for each new window, on it and remembered ones",
                    .min = 0,
                    .max = 64,
                    .default_text = "3"},
    config::Setting{.key = "replay_rows",
                    .type = config::Type::integer,
                    .description = "Windows in each of these steps, the new one included",
                    .min = 1,
                    .max = 256,
                    .default_text = "16"},
    config::Setting{.key = "followers",
                    .type = config::Type::flag,
                    .description = "Let nets that follow the newest windows share in the answers "
                                   "(on the board alone; up to 512 more windows are kept)",
                    .default_text = "true"},
    config::Setting{.key = "roll_back",
                    .type = config::Type::flag,
                    .description = "Take a net that diverged back to its last good generation",
                    .default_text = "true"},
    config::Setting{.key = "anchor",
                    .type = config::Type::number,
                    .description = "Pull of the weights towards that generation, times the rate",
                    .min = 0.0,
                    .max = 1.0,
                    .default_text = "0"},
    config::Setting{.key = "unknown",
                    .type = config::Type::number,
                    .description = "Share of windows like those learned that may be called "
                                   "unknown, so that strange ones are (classify); 0 = never",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 0.2,
                    .default_text = "0%"},
    config::Setting{
        .key = "new_labels",
        .type = config::Type::flag,
        .description = "Let labels that come up while it runs become classes (classify)",
        .default_text = "false"},
    config::Setting{.key = "guess_above",
                    .type = config::Type::number,
                    .description = "Learn a window without a label as what it is taken for, if "
                                   "that is at least so sure, one for each labelled one "
                                   "(classify); 0 = never",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 1.0,
                    .default_text = "0%"},
    config::Setting{.key = "teacher",
                    .type = config::Type::integers,
                    .description = "Hidden units of a larger net that stays on the board, learns "
                                   "the same windows and, while it answers better, teaches this "
                                   "one what it answers, also to windows without a label (not for "
                                   "anomaly)",
                    .min = 1,
                    .max = 4096},
    config::Setting{.key = "teacher_weight",
                    .type = config::Type::number,
                    .description = "Share of the teacher's answer in what is learned from a window "
                                   "with a label",
                    .dimension = config::Dimension::ratio,
                    .min = 0.0,
                    .max = 1.0,
                    .default_text = "20%"},
    config::Setting{.key = "teacher_temperature",
                    .type = config::Type::number,
                    .description = "How soft its answers are made: the odds of classes to the "
                                   "power of one over this (classify)",
                    .min = 1.0,
                    .max = 16.0,
                    .default_text = "1"},
    config::Setting{.key = "memory",
                    .type = config::Type::integer,
                    .description = "Windows after which normalisation begins to forget",
                    .min = 2,
                    .max = 1e9,
                    .default_text = "10000"},
    config::Setting{.key = "drift",
                    .type = config::Type::choice,
                    .description = "How changes of the stream are found",
                    .default_text = "adwin",
                    .choices = drift_names},
    config::Setting{.key = "drift_on",
                    .type = config::Type::choice,
                    .description = "What is watched: the error of the answers, each input, or both",
                    .default_text = "error",
                    .choices = drift_source_names},
    config::Setting{.key = "drift_reaction",
                    .type = config::Type::choice,
                    .description = "What the model does about a drift, besides noting it",
                    .default_text = "alarm",
                    .choices = drift_reaction_names},
    config::Setting{.key = "seed",
                    .type = config::Type::integer,
                    .description = "Seed of the first weights and of the choice of windows",
                    .min = 0,
                    .default_text = "1"},
    config::Setting{.key = "deterministic",
                    .type = config::Type::flag,
                    .description = "The same weights on every CPU, to the bit; slower",
                    .default_text = "false"},
};

/// The values of a validated `learn:` section.
[[nodiscard]] LearnSettings read_learn_settings(const config::Section& section);

/// Takes `none`, `balanced`, or a number per label into `learn`; what is none of these becomes a
/// weight that check() refuses.
void read_class_weights(const std::vector<std::string>& texts, LearnSettings& learn);

/// By its name in the tables above; anything else counts as the first.
[[nodiscard]] Task task_named(std::string_view name);
[[nodiscard]] models::Activation activation_named(std::string_view name);
[[nodiscard]] OptimizerKind optimizer_named(std::string_view name);
[[nodiscard]] RateSchedule schedule_named(std::string_view name);
[[nodiscard]] LossKind loss_named(std::string_view name);
[[nodiscard]] RowFormat row_format_named(std::string_view name);
[[nodiscard]] DriftKind drift_named(std::string_view name);
[[nodiscard]] DriftSource drift_source_named(std::string_view name);
[[nodiscard]] DriftReaction drift_reaction_named(std::string_view name);

}  // namespace haltere::learner
