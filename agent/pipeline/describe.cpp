#include "agent/pipeline/describe.hpp"

#include "agent/pipeline/needs.hpp"
#include "config/json.hpp"
#include "config/units.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using config::format_quantity;
using nlohmann::json;

json channels_of(const sensors::Layout& layout) {
  json channels = json::array();
  for (const sensors::Channel& channel : layout.channels) {
    channels.push_back({{"name", channel.name},
                        {"quantity", sensors::to_string(channel.quantity)},
                        {"unit", sensors::unit_of(channel.quantity)}});
  }
  return channels;
}

json describe_sensor(const SensorSpec& sensor) {
  return {{"id", sensor.id},
          {"platform", sensor.driver->component.platform},
          {"rate_hz", sensor.layout.rate_hz},
          {"channels", channels_of(sensor.layout)}};
}

json describe_filter(const FilterSpec& filter) {
  json inputs = json::array();
  for (const fusion::StreamName& input : filter.type->inputs(filter.settings)) {
    inputs.push_back(input.name);
  }
  json described = {{"id", filter.id},
                    {"platform", filter.type->component.platform},
                    {"inputs", inputs},
                    {"rate_hz", filter.output.rate_hz},
                    {"channels", filter.output.channels.size()}};
  const auto made = filter.type->make(filter.settings, filter.input_layouts);
  const std::span<const std::uint8_t> recipe = made->recipe();
  kernels::RecipeView view{};
  if (!recipe.empty() && kernels::open_recipe(recipe.data(), recipe.size(), view)) {
    described["window_samples"] = view.window_samples;
    described["step_samples"] = view.step_samples;
    described["input_channels"] = view.channel_count;
    described["features"] = view.inputs;
  }
  return described;
}

json layers_of(const ModelSpec& model, const ModelNeeds& needs) {
  json layers = json::array();
  std::size_t inputs = needs.inputs;
  for (std::size_t i = 0; i < needs.parameters.size(); ++i) {
    const std::size_t outputs =
        i < model.settings.layers.size() ? model.settings.layers[i] : needs.outputs;
    layers.push_back(
        {{"inputs", inputs}, {"outputs", outputs}, {"parameters", needs.parameters[i]}});
    inputs = outputs;
  }
  return layers;
}

json describe_model(const PipelineSpec& spec, const ModelSpec& model) {
  json described = {{"id", model.id},
                    {"task", learner::to_string(model.settings.task)},
                    {"input", spec.filters[model.filter].id},
                    {"labels", model.settings.labels}};
  const auto needs = needs_of(model, recipe_of(spec, model));
  if (!needs) return described;
  std::size_t parameters = 0;
  for (const std::size_t count : needs->parameters) parameters += count;
  described["layers"] = layers_of(model, *needs);
  described["parameters"] = parameters;
  described["multiply_accumulates"] = needs->multiply_accumulates;
  described["int8_bytes"] = needs->bundle_bytes;
  described["ram_bytes"] = needs->ram_bytes;
  return described;
}

std::string rate_text(const json& rate_hz) {
  const double rate = rate_hz.get<double>();
  return rate > 0.0 ? format_quantity(rate, Dimension::frequency) : "no fixed rate";
}

std::string sensor_text(const json& sensor) {
  std::string text = "sensor " + sensor["id"].get<std::string>() + " (" +
                     sensor["platform"].get<std::string>() + "), " + rate_text(sensor["rate_hz"]) +
                     ":";
  for (const json& channel : sensor["channels"]) {
    const std::string unit = channel["unit"].get<std::string>();
    text += " " + channel["name"].get<std::string>() + (unit.empty() ? "" : " [" + unit + "]");
  }
  return text + "\n";
}

std::string filter_text(const json& filter) {
  std::string text = "fusion " + filter["id"].get<std::string>() + " (" +
                     filter["platform"].get<std::string>() + ") <-";
  for (const json& input : filter["inputs"]) text += " " + input.get<std::string>();
  text += ": " + rate_text(filter["rate_hz"]) + ", " + filter["channels"].dump() + " values";
  if (filter.contains("window_samples")) {
    text += "; windows of " + filter["input_channels"].dump() + " channels x " +
            filter["window_samples"].dump() + " samples, every " + filter["step_samples"].dump();
  }
  return text + "\n";
}

std::string model_text(const json& model) {
  std::string text = "model " + model["id"].get<std::string>() + " (" +
                     model["task"].get<std::string>() + ") <- " +
                     model["input"].get<std::string>() + ":";
  if (!model.contains("layers")) return text + "\n";
  text += " " + model["layers"][0]["inputs"].dump();
  for (const json& layer : model["layers"]) text += " -> " + layer["outputs"].dump();
  text += ", " + model["parameters"].dump() + " parameters\n  int8: " +
          format_quantity(model["int8_bytes"].get<double>(), Dimension::bytes) + " of flash, " +
          format_quantity(model["ram_bytes"].get<double>(), Dimension::bytes) + " of RAM, " +
          model["multiply_accumulates"].dump() + " multiply-accumulates\n";
  return text;
}

}  // namespace

json describe_pipeline(const PipelineSpec& spec) {
  json described = {{"agent", spec.name},
                    {"sensors", json::array()},
                    {"fusion", json::array()},
                    {"models", json::array()},
                    {"mcus", json::array()}};
  for (const SensorSpec& sensor : spec.sensors) {
    described["sensors"].push_back(describe_sensor(sensor));
  }
  for (const FilterSpec& filter : spec.filters) {
    described["fusion"].push_back(describe_filter(filter));
  }
  for (const ModelSpec& model : spec.models) {
    described["models"].push_back(describe_model(spec, model));
  }
  for (const McuSpec& mcu : spec.mcus) {
    described["mcus"].push_back(
        {{"id", mcu.id}, {"device", mcu.device}, {"model", spec.models[mcu.model].id}});
  }
  return described;
}

std::string pipeline_text(const json& description) {
  std::string text;
  for (const json& sensor : description["sensors"]) text += sensor_text(sensor);
  for (const json& filter : description["fusion"]) text += filter_text(filter);
  for (const json& model : description["models"]) text += model_text(model);
  for (const json& mcu : description["mcus"]) {
    text += "mcu " + mcu["id"].get<std::string>() + " runs " + mcu["model"].get<std::string>() +
            " at " + mcu["device"].get<std::string>() + "\n";
  }
  return text;
}

}  // namespace haltere::agent
