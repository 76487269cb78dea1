#include "agent/pipeline/needs.hpp"

#include "config/units.hpp"
#include "learner/candidate.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;

std::string bytes_text(double bytes) { return config::format_quantity(bytes, Dimension::bytes); }

// A bundle of a model that has seen two made-up rows: as large as any later one.
Result<std::vector<std::uint8_t>> sample_bundle(learner::OnlineModel& model, const ModelSpec& spec,
                                                std::span<const std::uint8_t> recipe) {
  std::vector<float> row(model.inputs(), 0.0F);
  model.learn(row, {.label = 0, .value = 0.0F});
  row.assign(row.size(), 1.0F);
  model.learn(row, {.label = 0, .value = 1.0F});
  learner::CandidateInfo info;
  info.model_id = spec.id;
  info.recipe.assign(recipe.begin(), recipe.end());
  if (spec.settings.task == learner::Task::regress) info.target_name = spec.target_names;
  const auto bundle = learner::make_candidate(model, info);
  if (!bundle) return bundle.error();
  return models::encode(*bundle);
}

void check_fit(const PipelineSpec& spec, const McuSpec& mcu, const ModelNeeds& needs,
               std::vector<config::Diagnostic>& diagnostics) {
  const auto check = [&](const char* what, std::size_t needed, std::optional<double> free) {
    if (!free || static_cast<double>(needed) <= *free) return;
    diagnostics.push_back({mcu.position, "model '" + spec.models[mcu.model].id + "' needs " +
                                             bytes_text(static_cast<double>(needed)) + " of " +
                                             what + ", mcu '" + mcu.id + "' has " +
                                             bytes_text(*free) + " free"});
  };
  check("RAM", needs.ram_bytes, mcu.ram_bytes);
  check("flash", needs.bundle_bytes, mcu.flash_bytes);
}

}  // namespace

std::vector<std::uint8_t> recipe_of(const PipelineSpec& spec, const ModelSpec& model) {
  const FilterSpec& window = spec.filters[model.filter];
  const auto filter = window.type->make(window.settings, window.input_layouts);
  const std::span<const std::uint8_t> recipe = filter->recipe();
  return {recipe.begin(), recipe.end()};
}

Result<ModelNeeds> needs_of(const ModelSpec& spec, std::span<const std::uint8_t> recipe) {
  kernels::RecipeView view{};
  if (!kernels::open_recipe(recipe.data(), recipe.size(), view)) {
    return Error{ErrorKind::invalid, "model '" + spec.id + "': its window has no valid recipe"};
  }
  learner::ModelSettings settings = spec.settings;
  settings.auto_layers = false;
  settings.learn.auto_rate = false;
  settings.learn.replay = 16;  // rows to calibrate with, however few the model itself keeps
  auto model = learner::OnlineModel::create(settings, view.inputs);
  if (!model) return model.error();
  const auto bytes = sample_bundle(*model, spec, recipe);
  if (!bytes) return bytes.error();
  const auto bundle = models::open(*bytes);
  if (!bundle) return bundle.error();
  ModelNeeds needs{.inputs = view.inputs,
                   .outputs = bundle->outputs,
                   .parameters = {},
                   .multiply_accumulates = models::multiply_accumulates(*bundle),
                   .bundle_bytes = bytes->size(),
                   .ram_bytes = kernels::required_ram_bytes(*bundle)};
  for (std::size_t i = 0; i < model->network().layer_count(); ++i) {
    const models::DenseLayer layer = model->network().layer(i);
    needs.parameters.push_back(layer.weights.size() + layer.layer_bias.size());
  }
  return needs;
}

void check_needs(const PipelineSpec& spec, std::vector<config::Diagnostic>& diagnostics) {
  for (const ModelSpec& model : spec.models) {
    const auto needs = needs_of(model, recipe_of(spec, model));
    if (!needs) {
      diagnostics.push_back({model.position, needs.error().message});
      continue;
    }
    for (const McuSpec& mcu : spec.mcus) {
      if (&spec.models[mcu.model] == &model) check_fit(spec, mcu, *needs, diagnostics);
    }
  }
}

}  // namespace haltere::agent
