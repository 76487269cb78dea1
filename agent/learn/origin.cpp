#include "agent/learn/origin.hpp"

#include <algorithm>
#include <utility>

#include "agent/table/bundle_inputs.hpp"
#include "agent/table/plan.hpp"
#include "config/text.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {
namespace {

/// The origin's recipe; one without channels if it takes rows as they are, of any names.
kernels::RecipeView recipe_of(const LearnOrigin& origin) {
  kernels::RecipeView recipe{};
  if (!kernels::open_recipe(origin.recipe.data(), origin.recipe.size(), recipe)) return {};
  return recipe;
}

Error other_inputs(const LearnOrigin& origin, const std::string& what) {
  return {ErrorKind::invalid, origin.name + ' ' + what +
                                  "; choose --columns, --window, --features and --context as when "
                                  "it was learned"};
}

}  // namespace

Result<LearnOrigin> read_origin(std::span<const std::uint8_t> bundle_bytes) {
  const Result<kernels::BundleView> view = models::open(bundle_bytes);
  if (!view) return view.error();
  const Result<models::Bundle> bundle = models::decode(bundle_bytes);
  if (!bundle) return bundle.error();
  Result<learner::Beginning> beginning = learner::beginning_of(*bundle);
  if (!beginning) return beginning.error();
  return LearnOrigin{.beginning = std::move(beginning).value(),
                     .name = bundle->provenance.model_id + " version " +
                             std::to_string(bundle->provenance.version),
                     .identity = kernels::bundle_identity(*view),
                     .recipe = bundle->recipe};
}

Status adopt_layers(const LearnOrigin& origin, learner::ModelSettings& model) {
  const models::Network& network = origin.beginning.network;
  model.layers.clear();
  for (std::size_t l = 0; l + 1 < network.layer_count(); ++l) {
    const models::DenseLayer layer = network.layer(l);
    if (l == 0) model.activation = layer.activation;
    if (layer.activation != model.activation || layer.activation == models::Activation::linear)
      return Error{ErrorKind::invalid,
                   origin.name +
                       " has hidden layers that are linear or of unlike activations: "
                       "such a model runs, but cannot be learned on"};
    model.layers.push_back(layer.outputs);
  }
  return {};
}

Status adopt_inputs(const LearnOrigin& origin, const std::string& path, TableSettings& reading,
                    std::optional<Windowing>& windowing) {
  const kernels::RecipeView recipe = recipe_of(origin);
  if (recipe.channel_count == 0) return {};
  if (!windowing) windowing = windowing_of(recipe, {});
  if (!reading.columns.empty()) return {};
  const Result<sensors::CsvReader> csv = open_table(path, reading);
  if (!csv) return csv.error();
  const TableHeader header(csv->header());
  const std::vector<std::string> channels = channel_names(recipe);
  for (std::size_t i = 0; i < header.size(); ++i)
    if (makes_one(header.name(i), channels)) reading.columns.push_back(header.name(i));
  return {};
}

Status check_inputs(const LearnOrigin& origin, const std::vector<std::string>& names,
                    std::span<const std::uint8_t> recipe) {
  const kernels::RecipeView wanted = recipe_of(origin);
  if (wanted.channel_count == 0) {
    if (names.size() == origin.beginning.network.inputs()) return {};
    return other_inputs(origin, "has " + std::to_string(origin.beginning.network.inputs()) +
                                    " inputs, the table makes " + std::to_string(names.size()));
  }
  if (std::ranges::equal(recipe, origin.recipe)) return {};
  return other_inputs(origin, "learned from " + config::join(channel_names(wanted)) +
                                  ", in that order; the table makes other inputs, " +
                                  config::join(names));
}

void add_labels(const LearnOrigin& origin, TablePlan& plan) {
  if (plan.task != learner::Task::classify || origin.beginning.task != kernels::Task::classify)
    return;
  for (const std::string& name : origin.beginning.names) {
    const auto is_it = [&](const std::string& label) { return cut_name(label) == name; };
    if (std::ranges::any_of(plan.labels, is_it)) continue;
    const auto place = std::ranges::lower_bound(plan.labels, name) - plan.labels.begin();
    plan.labels.insert(plan.labels.begin() + place, name);
    plan.label_rows.insert(plan.label_rows.begin() + place, 0);
  }
}

std::string what_goes_on(const LearnOrigin& origin, const learner::OnlineModel& model) {
  const learner::TakenOver taken = model.taken_over();
  const std::size_t frozen = model.settings().learn.frozen_layers;
  std::string text =
      "goes on from " + origin.name + ": " + std::to_string(taken.hidden_layers) + " hidden layers";
  if (frozen > 0) text += ", of which " + std::to_string(frozen) + " as they are";
  return text + ", and " + std::to_string(taken.outputs) + " of " +
         std::to_string(model.network().outputs()) + " outputs";
}

}  // namespace haltere::agent
