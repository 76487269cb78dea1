#include "agent/cli/model/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/model/file.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/table/plan.hpp"
#include "agent/table/rows.hpp"
#include "config/json.hpp"
#include "config/text.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/float_quantizer.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t most_rows = 20'000;

struct Arguments {
  ModelSource source;
  std::string data;
  TableSettings reading;
  std::string output;
  bool json = false;
};

/// Rows as the model wants them.
struct Calibrated {
  std::vector<std::string> columns;  ///< [inputs]
  std::vector<float> rows;           ///< [count][inputs]
};

/// Where each of the model's inputs stands among the plan's features: as --columns says, else in
/// the table's order.
Result<std::vector<std::size_t>> places_of(const TablePlan& plan, const Arguments& arguments,
                                           std::size_t inputs) {
  const std::vector<std::string>& wanted =
      arguments.reading.columns.empty() ? plan.features : arguments.reading.columns;
  if (plan.features.size() != inputs || wanted.size() != inputs)
    return Error{ErrorKind::invalid, "the model has " + std::to_string(inputs) + " inputs, " +
                                         arguments.data + " makes " +
                                         std::to_string(plan.features.size()) + ": " +
                                         config::join(plan.features) +
                                         "; name the model's, in its order, with --columns"};
  std::vector<std::size_t> places;
  for (const std::string& column : wanted) {
    const auto found = std::ranges::find(plan.features, column);
    if (found == plan.features.end())
      return Error{ErrorKind::invalid, "the column " + config::in_quotes(column) +
                                           " holds texts, which make several inputs"};
    places.push_back(static_cast<std::size_t>(found - plan.features.begin()));
  }
  return places;
}

/// Every `stride`th row of the table, its features in the order of `places`.
Result<std::vector<float>> read_some(TableRows& table, std::span<const std::size_t> places,
                                     std::size_t stride) {
  std::vector<float> rows;
  std::vector<float> row(places.size());
  learner::Target target;
  for (std::size_t number = 0;; ++number) {
    const Result<bool> more = table.next(row, target);
    if (!more) return more.error();
    if (!*more) return rows;
    if (number % stride != 0) continue;
    for (const std::size_t place : places) rows.push_back(row[place]);
  }
}

Result<Calibrated> read_rows(const Arguments& arguments, std::size_t inputs) {
  TableSettings reading = arguments.reading;
  reading.context.emplace();
  reading.every_number = true;
  const Result<TablePlan> plan = plan_table(arguments.data, learner::Task::anomaly, {}, reading);
  if (!plan) return plan.error();
  const auto places = places_of(*plan, arguments, inputs);
  if (!places) return places.error();
  Result<TableRows> table = TableRows::open(arguments.data, *plan, std::nullopt);
  if (!table) return table.error();
  Calibrated found;
  for (const std::size_t place : *places) found.columns.push_back(plan->features[place]);
  Result<std::vector<float>> rows = read_some(*table, *places, plan->rows / most_rows + 1);
  if (!rows) return rows.error();
  if (rows->empty()) return Error{ErrorKind::invalid, arguments.data + " has no row of numbers"};
  found.rows = std::move(rows).value();
  return found;
}

/// How far the int8 model is from the float one on the rows.
struct Difference {
  std::size_t rows = 0;
  std::size_t same = 0;     ///< classify: the same output is the largest
  double mean_error = 0.0;  ///< regress: of |int8 - float|, over rows and outputs
  double largest_error = 0.0;
};

Difference compare(const models::FloatModel& model, models::Int8Model& int8,
                   std::span<const float> rows) {
  Difference found;
  const std::size_t inputs = model.inputs();
  found.rows = rows.size() / inputs;
  const kernels::BundleView& view = int8.view();
  const double share = 1.0 / static_cast<double>(found.rows * model.outputs());
  for (std::size_t at = 0; at < rows.size(); at += inputs) {
    const auto row = rows.subspan(at, inputs);
    const std::vector<float> exact = model.run(row);
    int8.run(row);
    const auto outputs = int8.outputs();
    const auto first = std::ranges::max_element(exact) - exact.begin();
    if (std::ranges::max_element(outputs) - outputs.begin() == first) ++found.same;
    for (std::size_t o = 0; o < exact.size() && model.task == kernels::Task::regress; ++o) {
      const auto value = static_cast<double>(
          kernels::output_value(view, static_cast<std::uint16_t>(o), outputs[o]));
      const double error = std::fabs(value - static_cast<double>(exact[o]));
      found.mean_error += error * share;
      found.largest_error = std::max(found.largest_error, error);
    }
  }
  return found;
}

void print(const Arguments& arguments, const models::FloatModel& model, const Difference& found,
           std::size_t bytes) {
  const bool classifies = model.task == kernels::Task::classify;
  const double same = static_cast<double>(found.same) / static_cast<double>(found.rows);
  if (arguments.json) {
    nlohmann::ordered_json json{{"rows", found.rows}, {"bytes", bytes}};
    if (classifies) json["agreement"] = same;
    if (!classifies) json["mean_error"] = found.mean_error;
    if (!classifies) json["largest_error"] = found.largest_error;
    std::cout << json.dump(2) << '\n';
    return;
  }
  std::printf("int8 model  %zu bytes, by %zu rows\n", bytes, found.rows);
  if (classifies)
    std::printf("agreement   %.2f %% of the rows have the float model's answer\n", 100.0 * same);
  else
    std::printf("difference  %.3g on average, %.3g at most\n", found.mean_error,
                found.largest_error);
}

int quantize_model(const Arguments& arguments) {
  const auto bytes = read_model(arguments.source);
  if (!bytes) return fail(bytes.error());
  if (!models::is_float_bundle(*bytes))
    return fail({ErrorKind::invalid, arguments.source.model + " is an int8 model already"});
  const Result<models::FloatModel> model = models::decode_float(*bytes);
  if (!model) return fail(model.error());
  const Result<Calibrated> data = read_rows(arguments, model->inputs());
  if (!data) return fail(data.error());
  const auto bundle = models::quantize_float(*model, data->rows, data->columns);
  if (!bundle)
    return fail({bundle.error().kind, arguments.source.model + ": " + bundle.error().message});
  const auto encoded = models::encode(*bundle);
  if (!encoded) return fail(encoded.error());
  auto int8 = models::Int8Model::create(*encoded);
  if (!int8) return fail(int8.error());
  const Status written = write_file_atomically(arguments.output, *encoded);
  if (!written) return fail(written.error());
  print(arguments, *model, compare(*model, *int8, data->rows), encoded->size());
  return exit_done;
}

}  // namespace

void add_model_quantize(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = model.add_subcommand(
      "quantize",
      "Make an imported float model one of int8, for microcontrollers and to learn on from");
  add_model_source(command, arguments->source);
  command
      .add_option("--data", arguments->data,
                  "CSV of rows like those it will see; truth is not needed")
      .required();
  command
      .add_option("--columns", arguments->reading.columns,
                  "The model's inputs in its order; default: all columns, in the table's")
      .delimiter(',');
  command.add_option("-o,--output", arguments->output, "Bundle to write (.hb)").required();
  command.add_flag("--json", arguments->json, "Print JSON");
  command.callback([arguments, &exit_code] { exit_code = quantize_model(*arguments); });
}

}  // namespace haltere::agent
