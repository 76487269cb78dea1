#include "agent/pipeline/settings.hpp"

#include <array>

#include "learner/settings.hpp"

namespace haltere::agent {
namespace {

using config::Component;
using config::Dimension;
using config::Setting;
using config::Type;
using config::Variant;

constexpr std::array agent_settings{
    Setting{.key = "name", .description = "Name of this board", .default_text = "haltere"},
    Setting{.key = "state",
            .description = "Folder for models and checkpoints; default $STATE_DIRECTORY, else "
                           "~/.local/state/haltere"},
    Setting{.key = "checkpoint_every",
            .type = Type::number,
            .description = "Time between checkpoints of what was learned",
            .dimension = Dimension::time,
            .min = 1.0,
            .default_text = "30s"},
    Setting{.key = "queue",
            .type = Type::integer,
            .description = "Samples that may wait per bus before the oldest is dropped; rounded up "
                           "to a power of two",
            .min = 16,
            .max = 65536,
            .default_text = "1024"},
    Setting{.key = "merge_wait",
            .type = Type::number,
            .description =
                "With several sensors: longest time a sample waits for older ones of the "
                "others, so that a run equals its replay; 0s = in order of arrival",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 60.0,
            .default_text = "150ms"},
};

constexpr std::array column_settings{
    Setting{
        .key = "sensor", .description = "Sensor whose samples carry the label", .required = true},
};
constexpr std::array gpio_settings{
    Setting{.key = "sensor", .description = "The button", .required = true},
    Setting{.key = "label", .description = "Label that a press gives", .required = true},
    Setting{.key = "span",
            .type = Type::number,
            .description = "Time that a press labels, from the press on",
            .dimension = Dimension::time,
            .min = 0.001,
            .default_text = "5s"},
};
constexpr std::array label_sources{
    Variant{.name = "column",
            .description = "The samples' own label column",
            .settings = column_settings},
    Variant{.name = "gpio",
            .description = "A button: a press labels the time that follows",
            .settings = gpio_settings},
};

constexpr std::array model_settings{
    Setting{.key = "task",
            .type = Type::choice,
            .description = "What the model does",
            .required = true,
            .choices = learner::task_names},
    Setting{.key = "input",
            .type = Type::stream,
            .description = "The window whose features the model sees",
            .required = true},
    Setting{.key = "labels", .type = Type::texts, .description = "Names of the classes (classify)"},
    Setting{
        .key = "target",
        .type = Type::streams,
        .description = "Channels whose newest values in the window are to be predicted (regress)"},
    Setting{.key = "layers",
            .type = Type::integers,
            .description = "Units of each hidden layer, in order; auto tries four shapes on the "
                           "stream and keeps the best (anomaly: 32, 8, 32)",
            .min = 1,
            .max = 4096,
            .word = "auto",
            .default_text = "16"},
    Setting{.key = "activation",
            .type = Type::choice,
            .description = "Activation of the hidden layers",
            .default_text = "relu",
            .choices = learner::activation_names},
    Setting{.key = "false_alarms",
            .type = Type::number,
            .description = "Share of normal windows that may alarm on the board (anomaly)",
            .dimension = Dimension::ratio,
            .min = 1e-9,
            .max = 0.1,
            .default_text = "0.01%"},
    Setting{.key = "false_alarms_per_day",
            .type = Type::number,
            .description = "In place of `false_alarms`: how many a day of normal running may give; "
                           "the window needs a `rate` (anomaly)",
            .min = 1e-3,
            .max = 1e6},
    Setting{.key = "learn_normal",
            .type = Type::integer,
            .description = "First windows taken as normal without being judged (anomaly)",
            .min = 1,
            .max = 1e9,
            .default_text = "400"},
    Setting{.key = "budget",
            .type = Type::number,
            .description = "Share of one core that learning may take; it sheds steps to keep it",
            .dimension = Dimension::ratio,
            .min = 0.0001,
            .max = 1.0},
    Setting{.key = "learn",
            .type = Type::section,
            .description = "How the model learns",
            .children = learner::learn_settings},
    Setting{.key = "learn_when",
            .description =
                "Only windows at whose end this holds are scored and learned: streams "
                "of one channel, above 0.5 or compared with a number, with `not`, `and` "
                "and `or`, as in `motion.walking and not motion.free_fall`, `machine.zone < 2`"},
    Setting{.key = "label_from",
            .type = Type::variants,
            .description = "Where labels come from, besides `haltere label`",
            .variants = label_sources},
};

constexpr std::array hand_over_settings{
    Setting{.key = "after",
            .type = Type::number,
            .description = "Labelled windows between two candidates",
            .dimension = Dimension::windows,
            .min = 1,
            .default_text = "50 windows"},
    Setting{.key = "if_better_by",
            .type = Type::number,
            .description = "How much better than the model there a candidate must be",
            .dimension = Dimension::ratio,
            .min = 0.0,
            .max = 1.0,
            .default_text = "1%"},
};

constexpr std::array mcu_settings{
    Setting{.key = "device", .description = "Serial port, or tcp://HOST:PORT", .required = true},
    Setting{.key = "baud",
            .type = Type::integer,
            .description = "Bits per second on the line",
            .min = 300,
            .max = 4'000'000,
            .default_text = "115200"},
    Setting{.key = "model", .description = "Model that runs there", .required = true},
    Setting{.key = "ram",
            .type = Type::number,
            .description = "Free RAM for a model, to check before it is attached",
            .dimension = Dimension::bytes,
            .min = 0},
    Setting{.key = "flash",
            .type = Type::number,
            .description = "Free flash for a model, to check before it is attached",
            .dimension = Dimension::bytes,
            .min = 0},
    Setting{.key = "hand_over",
            .type = Type::section,
            .description = "When a model is handed over",
            .children = hand_over_settings},
};

constexpr Component agent_table{
    .kind = "agent", .platform = "", .description = "The agent itself", .settings = agent_settings};
constexpr Component model_table{.kind = "models",
                                .platform = "",
                                .description = "A model that learns from a window's features",
                                .settings = model_settings};
constexpr Component mcu_table{.kind = "mcus",
                              .platform = "",
                              .description = "A microcontroller that runs a model",
                              .settings = mcu_settings};

}  // namespace

const Component& agent_component() { return agent_table; }
const Component& model_component() { return model_table; }
const Component& mcu_component() { return mcu_table; }

}  // namespace haltere::agent
