#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "config/json.hpp"
#include "config/text.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/feature_name.hpp"

namespace haltere::models {
namespace {

using config::as_written;
using kernels::BundleView;
using nlohmann::ordered_json;

std::string padded_text(const char* text) {
  return {text, std::find(text, text + kernels::name_bytes, '\0')};
}

std::string number(double value) {
  std::string text(32, '\0');
  const int size = std::snprintf(text.data(), text.size(), "%.4g", value);
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

ordered_json numbers(std::span<const float> values) {
  ordered_json out = ordered_json::array();
  for (const float value : values) out.push_back(as_written(value));
  return out;
}

/// A number that an entry of a recipe's feature list says, and what it is.
struct FeatureNumber {
  const char* name;
  const char* unit;
  float value;
  bool is_count = false;
};

std::vector<FeatureNumber> feature_numbers(const kernels::FeatureSpec& feature) {
  using kernels::FeatureKind;
  const auto bands = static_cast<float>(feature.bands);
  switch (feature.kind) {
    case FeatureKind::band_power:
    case FeatureKind::log_mel:
      return {{"bands", "", bands, true},
              {"from_hz", " Hz", feature.from},
              {"to_hz", " Hz", feature.to}};
    case FeatureKind::wavelet_energy: return {{"levels", "", bands, true}};
    case FeatureKind::order_amplitude:
      return {{"harmonics", "", bands, true},
              {"speed_hz", " Hz", feature.from},
              {"order", "", feature.to}};
    case FeatureKind::envelope_power:
      return {{"bands", "", bands, true},
              {"to_hz", " Hz", feature.to},
              {"above_hz", " Hz", feature.from}};
    case FeatureKind::envelope_tone:
      return {{"harmonics", "", bands, true},
              {"frequency_hz", " Hz", feature.from},
              {"above_hz", " Hz", feature.to}};
    case FeatureKind::quantile: return {{"share", "", feature.from}};
    default: return {};
  }
}

std::string feature_text(const kernels::FeatureSpec& feature) {
  std::string text = kernels::feature_name(feature.kind);
  std::string_view between = " (";
  for (const FeatureNumber& said : feature_numbers(feature)) {
    const std::string_view name(said.name);
    text += std::string(between) + std::string(name.substr(0, name.find("_hz"))) + ' ' +
            number(static_cast<double>(said.value)) + said.unit;
    between = ", ";
  }
  return between == " (" ? text : text + ')';
}

std::string_view type_text(kernels::TensorType type) {
  return type == kernels::TensorType::int8 ? "int8" : "float32";
}

ordered_json recipe_json(const kernels::RecipeView& recipe) {
  if (recipe.channel_count == 0)
    return {{"input_type", type_text(kernels::recipe_input_type(recipe))},
            {"output_type", type_text(kernels::recipe_output_type(recipe))}};
  ordered_json channels = ordered_json::array();
  for (std::uint16_t i = 0; i < recipe.channel_count; ++i)
    channels.push_back(padded_text(kernels::recipe_channel_name(recipe, i)));
  ordered_json features = ordered_json::array();
  for (std::uint8_t i = 0; i < recipe.feature_count; ++i) {
    const kernels::FeatureSpec feature = kernels::recipe_feature(recipe, i);
    ordered_json entry = {{"feature", kernels::feature_name(feature.kind)}};
    for (const FeatureNumber& said : feature_numbers(feature)) {
      if (said.is_count)
        entry[said.name] = feature.bands;
      else
        entry[said.name] = as_written(said.value);
    }
    features.push_back(std::move(entry));
  }
  return {{"rate_hz", as_written(recipe.rate_hz)},
          {"window_samples", recipe.window_samples},
          {"step_samples", recipe.step_samples},
          {"channels", std::move(channels)},
          {"features", std::move(features)}};
}

/// Of a layer's weights, or 0 where they are packed for a core class.
int weight_bits(kernels::WeightPacking packing) {
  if (packing == kernels::WeightPacking::nibbles) return 4;
  return packing == kernels::WeightPacking::plain ? 8 : 0;
}

ordered_json layers_json(const BundleView& view) {
  ordered_json layers = ordered_json::array();
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    layers.push_back({{"inputs", layer.dense.inputs},
                      {"outputs", layer.dense.outputs},
                      {"activation", to_string(layer.activation)}});
    const int bits = weight_bits(layer.dense.packing);
    if (bits != 0) layers.back()["weight_bits"] = bits;
    next = layer.next;
  }
  return layers;
}

ordered_json labels_json(const BundleView& view) {
  ordered_json labels = ordered_json::array();
  for (std::uint16_t i = 0; i < view.label_count; ++i)
    labels.push_back(padded_text(kernels::bundle_label(view, i)));
  return labels;
}

ordered_json provenance_json(const Provenance& provenance) {
  return {{"id", provenance.model_id},
          {"version", provenance.version},
          {"parent", identity_text(provenance.parent)},
          {"created_ns", provenance.created_ns},
          {"windows_learned", provenance.windows_learned},
          {"prequential_score", as_written(provenance.prequential_score)},
          {"held_back_score", as_written(provenance.held_back_score)}};
}

ordered_json summary(const BundleView& view) {
  ordered_json out = provenance_json(provenance_of(view));
  out["task"] = to_string(view.task);
  out["identity"] = identity_text(kernels::bundle_identity(view));
  out["bytes"] = view.size;
  out["ram_bytes"] = kernels::required_ram_bytes(view);
  out["multiply_accumulates"] = multiply_accumulates(view);
  out["layers"] = layers_json(view);
  out["labels"] = labels_json(view);
  out["recipe"] = recipe_json(view.recipe);
  return out;
}

ordered_json layer_json(const BundleLayer& layer) {
  return {{"inputs", layer.inputs},
          {"outputs", layer.outputs},
          {"activation", to_string(layer.activation)},
          {"weight_bits", weight_bits(layer.packing)},
          {"clamp", {layer.clamp_min, layer.clamp_max}},
          {"output_scale", as_written(layer.output_scale)},
          {"output_zero_point", layer.output_zero_point},
          {"softmax_multiplier", layer.softmax.multiplier},
          {"softmax_shift", layer.softmax.shift},
          {"multipliers", layer.multipliers},
          {"shifts", layer.shifts},
          {"layer_bias", layer.layer_bias},
          {"weights", layer.weights},
          {"table", layer.table}};
}

/// Label and recipe texts were checked to be UTF-8, which is all that dump could stumble over.
std::string dump(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string joined(const ordered_json& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ", ";
    out += text.get<std::string>();
  }
  return out;
}

std::string count_text(std::uint32_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string window_text(const kernels::RecipeView& recipe) {
  if (recipe.window_samples == 1 && recipe.step_samples == 1) return "each row by itself";
  std::string text = count_text(recipe.window_samples, "sample") + " every " +
                     count_text(recipe.step_samples, "sample");
  if (recipe.rate_hz > 0.0F) text += " at " + number(static_cast<double>(recipe.rate_hz)) + " Hz";
  return text;
}

std::string features_text(const kernels::RecipeView& recipe) {
  std::string features;
  for (std::uint8_t i = 0; i < recipe.feature_count; ++i) {
    if (i > 0) features += ", ";
    features += feature_text(kernels::recipe_feature(recipe, i));
  }
  return features;
}

/// Quantization of a tensor that comes or leaves as it is.
std::string tensor_text(kernels::TensorType type, float scale, std::int8_t zero_point) {
  return std::string(type_text(type)) + "; as int8: scale " + number(static_cast<double>(scale)) +
         ", zero point " + std::to_string(zero_point);
}

std::string layers_text(const BundleView& view) {
  std::string out = std::to_string(view.inputs);
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    out += '-';
    out += std::to_string(layer.dense.outputs);
    if (layer.dense.packing == kernels::WeightPacking::nibbles) out += " int4";
    out += ' ';
    out += to_string(layer.activation);
    if (i + 1 < view.layer_count) out += ' ';
    next = layer.next;
  }
  return out;
}

/// The summary, the ends' quantization and the meaning of inputs and outputs.
Result<ordered_json> features_of(std::span<const std::uint8_t> bytes, const Bundle& bundle) {
  const std::vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
  const auto view = open(aligned);
  if (!view) return view.error();
  ordered_json out = summary(*view);
  out["input"] = {{"scale", as_written(bundle.input_scale)},
                  {"zero_point", bundle.input_zero_point}};
  out["output"] = {{"scale", as_written(bundle.output_scale)},
                   {"zero_point", bundle.output_zero_point}};
  out["mean"] = numbers(bundle.mean);
  out["gain"] = numbers(bundle.gain);
  if (bundle.task == kernels::Task::classify) out["unknown_below"] = bundle.unknown_below;
  if (bundle.task == kernels::Task::anomaly) out["anomaly_threshold"] = bundle.anomaly_threshold;
  for (const auto& scale : bundle.output_scales)
    out["output_scales"].push_back(
        {{"scale", as_written(scale.scale)}, {"offset", as_written(scale.offset)}});
  return out;
}

}  // namespace

std::string identity_text(std::uint64_t identity) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; identity >>= 4U) text[i] = "0123456789abcdef"[identity & 15U];
  return text;
}

std::size_t multiply_accumulates(const BundleView& view) {
  std::size_t count = 0;
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    count += std::size_t{layer.dense.inputs} * layer.dense.outputs;
    next = layer.next;
  }
  return count;
}

std::string describe(const BundleView& view) {
  const Provenance provenance = provenance_of(view);
  const kernels::RecipeView& recipe = view.recipe;
  std::string out;
  const auto line = [&out](std::string_view key, const std::string& value) {
    out +=
        std::string(key) + std::string(key.size() < 12 ? 12 - key.size() : 1, ' ') + value + "\n";
  };
  line("model", provenance.model_id + " version " + std::to_string(provenance.version));
  line("identity", identity_text(kernels::bundle_identity(view)) + ", parent " +
                       (provenance.parent == 0 ? "none" : identity_text(provenance.parent)));
  line("task", std::string(to_string(view.task)));
  line("layers", layers_text(view));
  if (view.label_count > 0) line("labels", joined(labels_json(view)));
  line("learned", std::to_string(provenance.windows_learned) + " windows; score prequential " +
                      number(static_cast<double>(provenance.prequential_score)) +
                      (provenance.held_back_score == 0.0F
                           ? ""
                           : ", int8 on held-back windows " +
                                 number(static_cast<double>(provenance.held_back_score))));
  if (recipe.channel_count == 0) {
    line("input",
         tensor_text(kernels::recipe_input_type(recipe), view.input_scale, view.input_zero_point));
    line("output", tensor_text(kernels::recipe_output_type(recipe), view.output_scale,
                               view.output_zero_point));
  } else {
    line("window", window_text(recipe));
    line("channels", joined(recipe_json(recipe)["channels"]));
    line("features", features_text(recipe));
  }
  line("size", std::to_string(view.size) + " bytes, " +
                   std::to_string(kernels::required_ram_bytes(view)) + " bytes of RAM, " +
                   std::to_string(multiply_accumulates(view)) + " multiply-accumulates");
  return out;
}

std::string describe_float_json(const FloatModel& model) {
  ordered_json out = provenance_json(model.provenance);
  out["task"] = to_string(model.task);
  out["input_type"] = type_text(kernels::TensorType::float32);
  out["inputs"] = model.inputs();
  out["outputs"] = model.outputs();
  out["labels"] = model.labels;
  return dump(out);
}

std::string describe_json(const BundleView& view) { return dump(summary(view)); }

Result<std::string> feature_json(std::span<const std::uint8_t> bytes) {
  const auto bundle = decode(bytes);
  if (!bundle) return bundle.error();
  const auto out = features_of(bytes, *bundle);
  return out ? dump(*out) : Result<std::string>(out.error());
}

Result<std::string> to_json(std::span<const std::uint8_t> bytes) {
  const auto bundle = decode(bytes);
  if (!bundle) return bundle.error();
  auto made = features_of(bytes, *bundle);
  if (!made) return made.error();
  ordered_json out = std::move(made).value();
  out["layers"] = ordered_json::array();
  for (const auto& layer : bundle->layers) out["layers"].push_back(layer_json(layer));
  out["self_test"] = {{"features", numbers(bundle->self_test_features)},
                      {"outputs", bundle->self_test_outputs}};
  return dump(out);
}

}  // namespace haltere::models
