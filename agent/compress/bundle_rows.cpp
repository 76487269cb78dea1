#include "agent/compress/bundle_rows.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/table/bundle_inputs.hpp"
#include "agent/table/header.hpp"
#include "agent/table/plan.hpp"
#include "agent/table/rows.hpp"
#include "agent/table/targets.hpp"
#include "config/text.hpp"
#include "fusion/row_context.hpp"
#include "models/kernels/recipe.hpp"
#include "models/random.hpp"

namespace haltere::agent {
namespace {

using config::in_quotes;
using learner::Target;
using learner::Task;

/// What is known before the rows are read.
struct Source {
  const models::Bundle& bundle;
  const BundleRowsRequest& request;
  kernels::RecipeView recipe{};
  std::vector<std::string> columns;  ///< that make inputs
  std::vector<std::string> others;   ///< that could be the target
};

Task task_of(const models::Bundle& bundle) {
  switch (bundle.task) {
    case kernels::Task::classify: return Task::classify;
    case kernels::Task::regress: return Task::regress;
    case kernels::Task::anomaly: break;
  }
  return Task::anomaly;
}

/// As many values as the model answers, each from a column of its own. Errors: invalid.
Status check_count(const models::Bundle& bundle, const TablePlan& plan) {
  const std::size_t outputs = bundle.layers.back().outputs;
  if (bundle.task != kernels::Task::regress || plan.targets.size() == outputs) return {};
  return Error{ErrorKind::invalid, "the model answers " + std::to_string(outputs) +
                                       " values, --target names " +
                                       std::to_string(plan.targets.size()) +
                                       "; models that answer intervals cannot be compressed"};
}

Status find_columns(Source& source) {
  const auto& bytes = source.bundle.recipe;
  if (!kernels::open_recipe(bytes.data(), bytes.size(), source.recipe) ||
      source.recipe.channel_count == 0)
    return Error{ErrorKind::invalid, "the model does not say which columns it learns from"};
  const Result<sensors::CsvReader> csv = open_table(source.request.path, source.request.reading);
  if (!csv) return csv.error();
  const TableHeader header(csv->header());
  const std::vector<std::string> channels = channel_names(source.recipe);
  const std::vector<std::string> targets = split_at_commas(source.request.target);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool is_target = header.name(i) == source.request.target ||
                           std::ranges::find(targets, header.name(i)) != targets.end();
    const bool is_input = makes_one(header.name(i), channels) && !is_target;
    (is_input ? source.columns : source.others).push_back(header.name(i));
  }
  if (!source.columns.empty()) return {};
  return Error{ErrorKind::invalid,
               source.request.path + " has none of the model's columns " + config::join(channels)};
}

Result<TablePlan> plan_for(const Source& source, const std::string& target) {
  TableSettings reading = source.request.reading;
  reading.columns = source.columns;
  reading.context = fusion::named_lengths(channel_names(source.recipe));
  return plan_table(source.request.path, task_of(source.bundle), target, reading);
}

/// Whether the classes that were found in a column are all the bundle's.
bool has_labels_of(const TablePlan& plan, const models::Bundle& bundle) {
  return plan.labels.size() > 1 && std::ranges::all_of(plan.labels, [&](const std::string& label) {
           return std::ranges::find(bundle.labels, cut_name(label)) != bundle.labels.end();
         });
}

/// The columns that are called as the model's answers, in their order, with commas between.
std::string named_targets(const Source& source) {
  std::string names;
  for (const std::string& label : source.bundle.labels) {
    const auto is_it = [&](const std::string& column) { return cut_name(column) == label; };
    const auto found = std::ranges::find_if(source.others, is_it);
    if (found != source.others.end()) names += (names.empty() ? "" : ",") + *found;
  }
  return names;
}

/// The plan for the columns that can be the target: one of labels, or those of a regression.
Result<TablePlan> plan_of_suiting(const Source& source) {
  std::vector<TablePlan> found;
  if (task_of(source.bundle) == Task::anomaly) return plan_for(source, {});
  if (task_of(source.bundle) == Task::regress) {
    const std::string names = named_targets(source);
    if (!names.empty()) return plan_for(source, names);
  }
  for (const std::string& column : source.others) {
    if (task_of(source.bundle) == Task::regress) break;
    Result<TablePlan> plan = plan_for(source, column);
    if (plan && has_labels_of(*plan, source.bundle)) found.push_back(std::move(plan).value());
  }
  if (found.size() == 1) return std::move(found.front());
  return Error{ErrorKind::invalid,
               source.request.path + (found.empty() ? " has no column that holds what the model "
                                                      "answers; name it with --target"
                                                    : " has several columns that could be what "
                                                      "the model answers; name it with --target")};
}

/// Where each input of the model stands in a row of the table.
Result<std::vector<std::size_t>> map_inputs(const Source& source,
                                            const std::vector<std::string>& features) {
  std::vector<std::size_t> places;
  const bool is_windowed = source.recipe.window_samples > 1;
  for (const std::string& channel : channel_names(source.recipe)) {
    if (is_windowed) break;
    const auto at = std::ranges::find_if(
        features, [&](const std::string& feature) { return cut_name(feature) == channel; });
    if (at == features.end())
      return Error{ErrorKind::invalid, source.request.path + " makes no " + in_quotes(channel) +
                                           ", which the model learns from"};
    places.push_back(static_cast<std::size_t>(at - features.begin()));
  }
  if (!is_windowed) return places;
  for (std::size_t i = 0; i < features.size(); ++i) places.push_back(i);
  if (places.size() == source.recipe.inputs) return places;
  return Error{ErrorKind::invalid, source.request.path + " makes " + std::to_string(places.size()) +
                                       " features of a window, " +
                                       std::to_string(source.recipe.inputs) +
                                       " are the model's inputs"};
}

/// Numbers of the bundle's labels by those of the plan. Errors: invalid for one it does not know.
Result<std::vector<int>> map_labels(const TablePlan& plan, const models::Bundle& bundle) {
  std::vector<int> numbers;
  for (const std::string& label : plan.labels) {
    const auto at = std::ranges::find(bundle.labels, cut_name(label));
    if (at == bundle.labels.end())
      return Error{ErrorKind::invalid, "the model does not know " + in_quotes(label) +
                                           ", which stands in column " + in_quotes(plan.target)};
    numbers.push_back(static_cast<int>(at - bundle.labels.begin()));
  }
  return numbers;
}

/// Keeps rows, once there are too many a random choice of them.
class Sample {
 public:
  explicit Sample(BundleRows& rows) : rows_(rows), random_(1) {}

  void add(std::span<const float> row, const Target& target) {
    std::size_t at = seen_++;
    if (at >= most_bundle_rows) at = random_.below(seen_);
    if (at >= most_bundle_rows) return;
    if (at == rows_.targets.size()) {
      rows_.values.insert(rows_.values.end(), row.begin(), row.end());
      rows_.targets.push_back(target);
      return;
    }
    std::ranges::copy(row, rows_.values.begin() + static_cast<std::ptrdiff_t>(at * rows_.inputs));
    rows_.targets[at] = target;
  }

 private:
  BundleRows& rows_;
  models::Random random_;
  std::size_t seen_ = 0;
};

Result<BundleRows> read_all(const Source& source, const TablePlan& plan) {
  Result<TableRows> table = TableRows::open(source.request.path, plan,
                                            windowing_of(source.recipe, source.request.segment));
  if (!table) return table.error();
  const Result<std::vector<std::size_t>> places = map_inputs(source, table->names());
  if (!places) return places.error();
  const bool classifies = plan.task == Task::classify;
  const Result<std::vector<int>> labels =
      classifies ? map_labels(plan, source.bundle) : std::vector<int>();
  if (!labels) return labels.error();
  BundleRows rows{.inputs = places->size(),
                  .target = plan.target,
                  .target_names = plan.targets,
                  .values = {},
                  .targets = {}};
  Sample sample(rows);
  std::vector<float> features(table->names().size());
  std::vector<float> row(rows.inputs);
  Target target;
  while (true) {
    const Result<bool> more = table->next(features, target);
    if (!more) return more.error();
    if (!*more) return rows;
    std::ranges::transform(*places, row.begin(), [&](std::size_t at) { return features[at]; });
    if (classifies) target.label = (*labels)[static_cast<std::size_t>(target.label)];
    sample.add(row, target);
  }
}

}  // namespace

Result<BundleRows> read_bundle_rows(const models::Bundle& bundle,
                                    const BundleRowsRequest& request) {
  Source source{.bundle = bundle, .request = request, .columns = {}, .others = {}};
  if (const Status found = find_columns(source); !found) return found.error();
  const Result<TablePlan> plan =
      request.target.empty() ? plan_of_suiting(source) : plan_for(source, request.target);
  if (!plan) return plan.error();
  if (const Status good = check_count(bundle, *plan); !good) return good.error();
  return read_all(source, *plan);
}

}  // namespace haltere::agent
