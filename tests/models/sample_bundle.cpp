#include "tests/models/sample_bundle.hpp"

#include <algorithm>
#include <cstring>

#include "models/kernels/crc32.hpp"
#include "models/kernels/recipe_writer.hpp"
#include "models/random.hpp"
#include "models/recipe.hpp"

namespace haltere::models {
namespace {

using kernels::Activation;
using kernels::FeatureKind;
using kernels::Task;

BundleLayer sample_layer(std::size_t inputs, const SampleLayer& shape, Random& random) {
  BundleLayer layer;
  layer.inputs = inputs;
  layer.outputs = shape.outputs;
  layer.activation = shape.activation;
  layer.packing = shape.packing;
  layer.output_scale = 0.05F;
  layer.output_zero_point = static_cast<std::int8_t>(random.next());
  if (shape.activation == Activation::relu) layer.clamp_min = layer.output_zero_point;
  if (shape.activation == Activation::softmax) layer.softmax = {1717986918, 22};  // scale 0.05
  for (std::size_t o = 0; o < shape.outputs; ++o) {
    layer.multipliers.push_back(static_cast<std::int32_t>(0x40000000U | (random.next() >> 2U)));
    layer.shifts.push_back(static_cast<std::int8_t>(-8 - static_cast<int>(random.below(3))));
    layer.layer_bias.push_back(static_cast<std::int32_t>(random.next()) >> 16);
  }
  const int largest = shape.packing == kernels::WeightPacking::nibbles ? 7 : 127;
  for (std::size_t i = 0; i < inputs * shape.outputs; ++i)
    layer.weights.push_back(static_cast<std::int8_t>(
        static_cast<int>(random.below(static_cast<std::uint32_t>(2 * largest + 1))) - largest));
  if (shape.activation == Activation::tanh || shape.activation == Activation::sigmoid ||
      shape.activation == Activation::leaky_relu)
    for (int i = 0; i < 256; ++i) layer.table.push_back(static_cast<std::int8_t>(i - 128));
  return layer;
}

void set_output(Bundle& bundle) {
  const BundleLayer& last = bundle.layers.back();
  switch (last.activation) {
    case Activation::linear:
    case Activation::relu:
    case Activation::leaky_relu:
      bundle.output_scale = last.output_scale;
      bundle.output_zero_point = last.output_zero_point;
      break;
    case Activation::tanh: bundle.output_scale = 1.0F / 128.0F; break;
    case Activation::sigmoid:
    case Activation::softmax:
      bundle.output_scale = 1.0F / 256.0F;
      bundle.output_zero_point = -128;
      break;
  }
}

void set_task(Bundle& bundle) {
  const std::size_t outputs = bundle.layers.back().outputs;
  switch (bundle.task) {
    case Task::classify:
      for (std::size_t i = 0; i < outputs; ++i)
        bundle.labels.push_back("label " + std::to_string(i));
      break;
    case Task::regress:
      bundle.output_scales.assign(outputs, {.scale = 0.25F, .offset = 20.0F});
      break;
    case Task::anomaly:
      bundle.anomaly_threshold = 1000;
      bundle.input_scale = bundle.output_scale;
      bundle.input_zero_point = bundle.output_zero_point;
      break;
  }
}

std::vector<std::uint8_t> spectrum_recipe() {
  kernels::RecipeChannel channel{};
  std::memcpy(channel.name, "ax", 2);
  channel.quantity = 1;
  const std::vector<kernels::FeatureSpec> features = {{FeatureKind::mean, 0, 0.0F, 0.0F},
                                                      {FeatureKind::band_power, 2, 1.0F, 40.0F}};
  const kernels::RecipeContents contents{100.0F, 20, 10, &channel, 1, features.data(), 2};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  return bytes;
}

}  // namespace

Bundle sample_bundle(Task task, std::size_t inputs, const std::vector<SampleLayer>& layers,
                     std::uint64_t seed) {
  Random random(seed);
  Bundle bundle;
  bundle.task = task;
  bundle.input_scale = 0.03F;
  bundle.input_zero_point = -2;
  bundle.provenance = {.model_id = "sample",
                       .version = 3,
                       .parent = 0x0123456789abcdefU,
                       .created_ns = 1'234'567'890,
                       .windows_learned = 200,
                       .prequential_score = 0.9F,
                       .held_back_score = 0.95F};
  std::vector<std::string> columns;
  std::size_t width = inputs;
  for (std::size_t i = 0; i < inputs; ++i) columns.push_back("c" + std::to_string(i));
  bundle.recipe = *table_recipe(columns);
  for (const auto& layer : layers) {
    bundle.layers.push_back(sample_layer(width, layer, random));
    width = layer.outputs;
  }
  for (std::size_t i = 0; i < inputs; ++i) {
    bundle.mean.push_back(random.symmetric());
    bundle.gain.push_back(20.0F + random.symmetric());
    bundle.self_test_features.push_back(random.symmetric() * 4.0F);
  }
  set_output(bundle);
  set_task(bundle);
  return bundle;
}

Bundle example_bundle() {
  Bundle bundle = sample_bundle(
      Task::classify, 36,
      {{32, Activation::relu}, {16, Activation::relu}, {6, Activation::softmax}}, 363216);
  std::vector<kernels::RecipeChannel> channels(6);
  for (std::size_t i = 0; i < 6; ++i) std::memcpy(channels[i].name, &"axayazgxgygz"[2 * i], 2);
  std::vector<kernels::FeatureSpec> features;
  for (const auto kind : {FeatureKind::mean, FeatureKind::std, FeatureKind::rms, FeatureKind::min,
                          FeatureKind::max, FeatureKind::zero_crossings})
    features.push_back({kind, 0, 0.0F, 0.0F});
  const kernels::RecipeContents contents{119.0F, 119, 119, channels.data(), 6, features.data(), 6};
  bundle.recipe.resize(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bundle.recipe.data());
  return bundle;
}

std::vector<Bundle> small_bundles() {
  std::vector<Bundle> bundles;
  bundles.push_back(
      sample_bundle(Task::classify, 3, {{5, Activation::relu}, {2, Activation::softmax}}, 1));
  bundles.back().recipe = spectrum_recipe();
  bundles.push_back(sample_bundle(Task::regress, 2, {{1, Activation::linear}}, 2));
  bundles.push_back(
      sample_bundle(Task::anomaly, 4, {{2, Activation::tanh}, {4, Activation::linear}}, 3));
  bundles.push_back(sample_bundle(Task::regress, 5,
                                  {{3, Activation::leaky_relu}, {2, Activation::leaky_relu}}, 5));
  bundles.push_back(sample_bundle(Task::regress, 1, {{3, Activation::sigmoid}}, 4));
  bundles.back().labels = {"x", "y", "z"};
  bundles.push_back(sample_bundle(Task::classify, 3,
                                  {{5, Activation::relu, kernels::WeightPacking::nibbles},
                                   {4, Activation::tanh, kernels::WeightPacking::nibbles},
                                   {2, Activation::softmax}},
                                  6));
  return bundles;
}

void fix_crc(std::vector<std::uint8_t>& bytes) {
  const std::uint32_t crc = kernels::crc32(bytes.data(), bytes.size() - 4);
  std::memcpy(bytes.data() + bytes.size() - 4, &crc, 4);
}

}  // namespace haltere::models
