#include "agent/cli/learn_options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "agent/cli/report_option.hpp"
#include "agent/learn/settings_option.hpp"
#include "agent/learn/windowing.hpp"
#include "config/json.hpp"
#include "config/text.hpp"
#include "learner/settings.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t longest_context = 10'000;

using Texts = std::vector<std::string>;

const std::map<std::string, char>& separators() {
  static const std::map<std::string, char> by_name{
      {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}, {"blanks", ' '}};
  return by_name;
}

template <typename Names>
Texts as_strings(const Names& names) {
  return {names.begin(), names.end()};
}

/// The model's id: the table's name without folder and ending, as far as an id may hold it.
std::string id_of(const std::string& table) {
  std::string id = std::filesystem::path(table).stem().string().substr(0, kernels::name_bytes);
  const auto is_fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  for (char& c : id) c = is_fit(c) ? c : '_';
  return id.empty() ? "table" : id;
}

void add_choice(Command command, const char* name, std::string& value, const Texts& choices,
                const char* description) {
  command.add_option(name, value, description).one_of(choices).capture_default_str();
}

void add_data_options(Command command, LearnArguments& options) {
  command.add_option("table,--train", options.request.table, "CSV file: the rows to learn from")
      .required();
  add_choice(command, "--task", options.task, as_strings(learner::task_names), "What to learn");
  command.add_option(
      "--target", options.request.target,
      "Column to predict, by name or number; for regress several, as A,B; for anomaly 0 "
      "or 1, and only to score "
      "--test");
  command
      .add_option("--test", options.request.tests,
                  "CSV file to answer with the model learned, float and int8; may be repeated")
      .once_each();
  command.add_flag("--prequential", "Test-then-train figures, which are always reported");
  command
      .add_option("--folds", options.request.folds.count,
                  "Cross-validate: learn all but one of so many parts, test on that one, in turn")
      .whole_between(2, 100);
  command
      .add_option("--fold-by", options.request.folds.by,
                  "How rows are parted: rows (dealt at random, each class to all parts), blocks "
                  "(contiguous, for streams), or a column whose texts stay together")
      .capture_default_str();
}

void add_output_options(Command command, LearnArguments& options) {
  command.add_flag("--json", options.json, "Print the result as JSON");
  add_report_option(command, options.report);
  command.add_option("--plot", options.plot,
                     "Draw the course of the figures, drifts and confusions into this file (.svg)");
  command.add_option("--explain", options.request.contributions,
                     "Write for each row of the first --test, else of the table, the answer and "
                     "what each input speaks for in it, as CSV");
  command.add_option("--id", options.id,
                     "Name of the model for `model` and `mcu`; default: of the table");
  command.add_flag("--no-save", options.no_save, "Do not keep the model in the state folder");
  command.add_option("--state", options.state, "State folder in place of the usual one");
  command
      .add_option("-o,--output", options.outputs,
                  "Write the int8 model to this file (.hb), or, for anomaly and a name that ends "
                  "in .csv, a score and a decision per row of --test, else of the table; may be "
                  "repeated")
      .once_each();
}

void add_window_options(Command command, LearnArguments& options) {
  command.add_option("--window", options.window,
                     "Learn from windows of raw signals: their length in rows, as 128, or in time, "
                     "as 2s");
  command.add_option("--step", options.step,
                     "From one window to the next, likewise; default: as long as the window");
  command
      .add_option("--features", options.features,
                  "Computed of each column's window: " + feature_list() +
                      ", as mean,std,band_power:8:0.5Hz:50Hz; or all; default: " + default_features)
      .once_each()
      .delimiter(',');
  command
      .add_option("--context", options.context,
                  "Let each column's step and its mean and deviation over so many rows stand "
                  "beside it, as 5,20; auto (anomaly: lengths that the rows suffice for) or off")
      .capture_default_str();
  command.add_option("--sample-rate", options.sample_rate,
                     "Of the rows, as 119Hz: for lengths in time and band_power");
  command.add_option("--segment", options.segment,
                     "Column that changes where a recording ends: no window spans that");
}

void add_reading_options(Command command, LearnArguments& options) {
  TableSettings& reading = options.request.reading;
  command
      .add_option("--missing", reading.missing,
                  "A number or text that means a missing value, such as -200; may be repeated")
      .once_each();
  add_choice(command, "--fill", options.fill, {"auto", "last", "mean", "none"},
             "What stands in for a missing number: the one before, the mean so far, whichever of "
             "the two is nearer this column's numbers, or nothing: the row is passed over");
  command.add_option("--columns", reading.columns, "Learn from these columns alone")
      .once_each()
      .delimiter(',');
  command.add_option("--leave-out", reading.leave_out, "Columns not to learn from")
      .once_each()
      .delimiter(',');
  command
      .add_option("--categories", reading.most_categories,
                  "Most different texts of a column to learn from, each an input of its own")
      .whole_between(2, 1000)
      .capture_default_str();
  add_choice(command, "--bad-rows", options.bad_rows, {"stop", "skip"},
             "What to do about lines that cannot be read");
  add_choice(command, "--separator", options.separator,
             {"auto", "comma", "semicolon", "tab", "bar", "blanks"}, "Between fields");
  add_choice(command, "--decimal", options.decimal, {"auto", "point", "comma"},
             "Decimal mark of numbers");
  add_choice(command, "--header", options.header, {"auto", "yes", "no"},
             "Whether the first line names the columns; else they are c1, c2, ...");
}

void add_model_options(Command command, LearnArguments& options) {
  learner::ModelSettings& model = options.request.model;
  command
      .add_option("--layers", options.layers,
                  "Units of each hidden layer, as 32,16; 0 = none; auto tries four shapes on the "
                  "rows and keeps the best")
      .delimiter(',')
      .whole_between_or(0, 4096, "auto")
      .default_str("32,16; anomaly: 32,8,32");
  command.add_option("--from", options.from,
                     "Learn on from this model, by its id or a .hb file, with its windows and "
                     "columns: its hidden layers stay, its output layer learns; with --learn "
                     "frozen_layers=N only the first N hidden layers stay");
  add_choice(command, "--activation", options.activation, as_strings(learner::activation_names),
             "Activation of the hidden layers");
  add_choice(command, "--optimizer", options.optimizer, as_strings(learner::optimizer_names),
             "How weights follow the gradient");
  command.add_option("--rate", options.rate, "Learning rate; auto tries three and keeps the best")
      .between_or(1e-6, 1.0, "auto")
      .default_str(nlohmann::json(config::as_written(model.learn.rate)).dump());
  command
      .add_option("--learn", options.learn,
                  "Any setting of a model's `learn:` section, as class_weights=balanced or "
                  "dropout=10%; see `haltere help models`; may be repeated")
      .once_each();
  command.add_option("--replay", model.learn.replay, "Rows remembered to learn from again")
      .capture_default_str();
  command.add_option("--seed", model.learn.seed, "Seed of the first weights").capture_default_str();
  command
      .add_option("--false-alarms", model.false_alarm_rate,
                  "Share of normal rows that may alarm (anomaly)")
      .capture_default_str();
  command
      .add_option("--false-alarms-per-day", options.request.false_alarms_per_day,
                  "The same as a number a day; needs a column of times or --sample-rate (anomaly)")
      .between(1e-3, 1e6);
  command
      .add_option("--learn-normal", options.request.learn_normal,
                  "First rows taken as normal without being judged (anomaly)")
      .default_str("all if there is a --test, else 15 % of them, at most 400");
}

void add_drift_options(Command command, LearnArguments& options) {
  add_choice(command, "--drift", options.drift, as_strings(learner::drift_names),
             "How changes of the stream are found");
  add_choice(command, "--drift-on", options.drift_on, as_strings(learner::drift_source_names),
             "What is watched for changes");
  add_choice(command, "--drift-reaction", options.drift_reaction,
             as_strings(learner::drift_reaction_names), "What a drift makes the model do");
}

void settle_layers(LearnArguments& options) {
  learner::ModelSettings& model = options.request.model;
  model.auto_layers = std::ranges::find(options.layers, "auto") != options.layers.end();
  if (model.task == learner::Task::anomaly) model.layers = learner::anomaly_layers;
  if (options.layers.empty() || model.auto_layers) return;
  model.layers.clear();
  for (const std::string& units : options.layers)
    if (units != "0") model.layers.push_back(std::stoul(units));
}

Status settle_model(LearnArguments& options) {
  learner::ModelSettings& model = options.request.model;
  model.task = learner::task_named(options.task);
  settle_layers(options);
  if (!options.from.empty() && !options.layers.empty())
    return Error{ErrorKind::invalid, "--from brings its own layers: leave --layers away"};
  model.learn.auto_rate = options.rate == "auto";
  if (!options.rate.empty() && !model.learn.auto_rate)
    model.learn.rate = std::strtof(options.rate.c_str(), nullptr);
  model.learn.optimizer = learner::optimizer_named(options.optimizer);
  model.activation = learner::activation_named(options.activation);
  model.learn.drift = {.detector = learner::drift_named(options.drift),
                       .on = learner::drift_source_named(options.drift_on),
                       .reaction = learner::drift_reaction_named(options.drift_reaction)};
  return apply_learn_settings(options.learn, model.learn);
}

/// Errors: invalid for anything but auto, off or row counts.
Status settle_context(LearnArguments& options) {
  auto& context = options.request.reading.context;
  if (options.context == "auto" && options.window.empty()) return {};
  context.emplace();
  if (options.context == "auto" || options.context == "off") return {};
  if (!options.window.empty())
    return Error{ErrorKind::invalid, "--context is for rows, --window for windows: choose one"};
  std::istringstream texts(options.context);
  for (std::string text; std::getline(texts, text, ',');) {
    std::size_t rows = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
    if (error != std::errc{} || *end != '\0' || rows < 2 || rows > longest_context)
      return Error{ErrorKind::invalid, "--context: " + config::in_quotes(text) +
                                           " is not auto, off or 2 to " +
                                           std::to_string(longest_context) + " rows, as 5,20"};
    context->push_back(rows);
  }
  std::ranges::sort(*context);
  return {};
}

void settle_reading(LearnArguments& options) {
  TableSettings& reading = options.request.reading;
  if (const auto found = separators().find(options.separator); found != separators().end())
    reading.separator = found->second;
  if (options.decimal != "auto") reading.decimal_mark = options.decimal == "comma" ? ',' : '.';
  if (options.header != "auto") reading.header = options.header == "yes";
  reading.skip_bad_rows = options.bad_rows == "skip";
  if (options.fill == "last") reading.fill = Fill::last;
  if (options.fill == "mean") reading.fill = Fill::mean;
  if (options.fill == "none") reading.fill = Fill::none;
}

}  // namespace

void add_learn_options(Command command, LearnArguments& options) {
  add_data_options(command, options);
  add_output_options(command, options);
  add_window_options(command, options);
  add_reading_options(command, options);
  add_model_options(command, options);
  add_drift_options(command, options);
}

Status settle(LearnArguments& options) {
  for (const std::string& output : options.outputs)
    (output.ends_with(".csv") ? options.request.scores : options.bundle) = output;
  if (Status settled = settle_model(options); !settled) return settled;
  settle_reading(options);
  if (const Status good = settle_context(options); !good) return good;
  options.request.model_id = options.id.empty() ? id_of(options.request.table) : options.id;
  if (id_of(options.request.model_id + ".") != options.request.model_id)
    return Error{ErrorKind::invalid, "--id: up to 16 letters, digits, _ and - are possible"};
  Result<std::optional<Windowing>> windowing = read_windowing(
      {options.window, options.step, options.sample_rate, options.segment, options.features});
  if (!windowing) return windowing.error();
  options.request.windowing = std::move(windowing).value();
  return {};
}

}  // namespace haltere::agent
