#include "tests/fakes/random_bundle.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "models/kernels/dense_s4.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_writer.hpp"
#include "models/recipe.hpp"

namespace haltere::fakes {
namespace {

using kernels::Activation;

int between(int low, int high, std::mt19937& random) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

float uniform(float low, float high, std::mt19937& random) {
  return std::uniform_real_distribution<float>(low, high)(random);
}

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "random bundle: %s\n", result.error().message.c_str());
  std::abort();
}

std::vector<std::int8_t> table_of(Activation activation, float scale, std::int8_t zero_point) {
  std::vector<std::int8_t> table(256);
  for (int i = 0; i < 256; ++i) {
    const double x = static_cast<double>(scale) * (i - 128 - zero_point);
    double y = 256.0 / (1.0 + std::exp(-x)) - 128.0;
    if (activation == Activation::tanh) y = std::tanh(x) * 128.0;
    if (activation == Activation::leaky_relu)
      y = (x < 0.0 ? 0.01 * x : x) / static_cast<double>(scale) + zero_point;
    table[static_cast<std::size_t>(i)] =
        static_cast<std::int8_t>(std::clamp(std::lround(y), -128L, 127L));
  }
  return table;
}

models::BundleLayer random_layer(std::size_t inputs, std::size_t outputs, Activation activation,
                                 const RandomNet& net, std::mt19937& random) {
  const bool per_channel = net.per_channel;
  const bool is_int4 = inputs * outputs >= net.int4_from;
  const int largest = is_int4 ? kernels::nibbles::largest : 127;
  models::BundleLayer layer;
  if (is_int4) layer.packing = kernels::WeightPacking::nibbles;
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.activation = activation;
  layer.output_scale = uniform(0.01F, 0.1F, random);
  layer.output_zero_point = static_cast<std::int8_t>(between(-128, 127, random));
  if (activation == Activation::relu) layer.clamp_min = layer.output_zero_point;
  if (activation == Activation::softmax) {
    layer.softmax = {between(1 << 30, std::numeric_limits<int>::max(), random),
                     static_cast<std::int8_t>(between(18, 24, random))};
  }
  // Sums have a spread of sqrt(inputs) * 73 * that of the weights; an output's should be some tens.
  const double spread = std::sqrt(static_cast<double>(inputs)) * 73.0 * (largest * 73.0 / 127.0);
  const int shift = std::clamp(static_cast<int>(std::floor(std::log2(90.0 / spread))), -31, 0);
  const std::int32_t common = between(1 << 30, std::numeric_limits<int>::max(), random);
  for (std::size_t i = 0; i < outputs; ++i) {
    layer.multipliers.push_back(
        per_channel ? between(1 << 30, std::numeric_limits<int>::max(), random) : common);
    layer.shifts.push_back(
        static_cast<std::int8_t>(shift + (per_channel ? between(-1, 1, random) : 0)));
    layer.layer_bias.push_back(between(-20000, 20000, random));
  }
  layer.weights.resize(inputs * outputs);
  for (auto& weight : layer.weights)
    weight = static_cast<std::int8_t>(between(-largest, largest, random));
  if (activation == Activation::tanh || activation == Activation::sigmoid ||
      activation == Activation::leaky_relu) {
    layer.table = table_of(activation, layer.output_scale, layer.output_zero_point);
  }
  return layer;
}

// Fewer activations than layers: the last but one stands for all hidden layers that have none.
Activation activation_of(const RandomNet& net, std::size_t layer) {
  const std::size_t layers = net.sizes.size() - 1;
  const std::size_t given = net.activations.size();
  if (layer + 1 == layers) return net.activations.back();
  return net.activations[std::min(layer, given < 2 ? 0 : given - 2)];
}

void set_output_quantization(models::Bundle& bundle) {
  const models::BundleLayer& last = bundle.layers.back();
  bundle.output_scale = last.output_scale;
  bundle.output_zero_point = last.output_zero_point;
  if (last.activation == Activation::tanh) {
    bundle.output_scale = 1.0F / 128.0F;
    bundle.output_zero_point = 0;
  }
  if (last.activation == Activation::sigmoid || last.activation == Activation::softmax) {
    bundle.output_scale = 1.0F / 256.0F;
    bundle.output_zero_point = -128;
  }
}

void set_task(models::Bundle& bundle, const RandomNet& net, std::mt19937& random) {
  bundle.task = net.task;
  const std::size_t outputs = bundle.layers.back().outputs;
  if (net.task == kernels::Task::classify) {
    for (std::size_t i = 0; i < outputs; ++i) bundle.labels.push_back("class " + std::to_string(i));
  }
  if (net.task == kernels::Task::regress) {
    for (std::size_t i = 0; i < outputs; ++i) {
      bundle.labels.push_back("target " + std::to_string(i));
      bundle.output_scales.push_back({uniform(0.1F, 2.0F, random), uniform(-5.0F, 5.0F, random)});
    }
  }
  if (net.task == kernels::Task::anomaly) {
    bundle.input_scale = bundle.output_scale;
    bundle.input_zero_point = bundle.output_zero_point;
    bundle.anomaly_threshold = static_cast<std::uint32_t>(between(1, 200000, random));
  }
}

std::vector<std::uint8_t> bundle_with(const RandomNet& net, std::vector<std::uint8_t> recipe,
                                      std::mt19937& random) {
  models::Bundle bundle;
  bundle.recipe = std::move(recipe);
  bundle.provenance.model_id = net.id;
  bundle.provenance.version = net.version;
  bundle.input_scale = uniform(0.01F, 0.05F, random);
  bundle.input_zero_point = static_cast<std::int8_t>(between(-20, 20, random));
  for (std::size_t i = 0; i < net.sizes.front(); ++i) {
    bundle.mean.push_back(uniform(-3.0F, 3.0F, random));
    bundle.gain.push_back(uniform(5.0F, 60.0F, random));
  }
  for (std::size_t i = 0; i + 1 < net.sizes.size(); ++i) {
    bundle.layers.push_back(
        random_layer(net.sizes[i], net.sizes[i + 1], activation_of(net, i), net, random));
    models::BundleLayer& layer = bundle.layers.back();
    if (net.relu_is_int8 && layer.activation == Activation::relu) {
      layer.output_zero_point = layer.clamp_min = -128;
    }
  }
  set_output_quantization(bundle);
  set_task(bundle, net, random);
  bundle.self_test_features.resize(net.sizes.front());
  for (float& x : bundle.self_test_features) x = uniform(-5.0F, 5.0F, random);
  return must(models::encode(bundle));
}

/// One entry of each kind, for windows of 12 samples or more at 100 Hz.
std::vector<kernels::FeatureSpec> every_feature() {
  using kernels::FeatureKind;
  std::vector<kernels::FeatureSpec> features;
  for (std::uint8_t i = 0; i < kernels::feature_kinds; ++i) {
    const auto kind = static_cast<FeatureKind>(i);
    switch (kind) {
      case FeatureKind::band_power:
      case FeatureKind::log_mel: features.push_back({kind, 3, 2.0F, 40.0F}); break;
      case FeatureKind::wavelet_energy: features.push_back({kind, 2, 0.0F, 0.0F}); break;
      case FeatureKind::order_amplitude: features.push_back({kind, 3, 4.5F, 3.585F}); break;
      case FeatureKind::envelope_power: features.push_back({kind, 1, 20.0F, 18.0F}); break;
      case FeatureKind::envelope_tone: features.push_back({kind, 2, 4.0F, 20.0F}); break;
      case FeatureKind::quantile: features.push_back({kind, 0, 0.9F, 0.0F}); break;
      default: features.push_back({kind, 0, 0.0F, 0.0F});
    }
  }
  return features;
}

}  // namespace

std::vector<std::uint8_t> random_bundle(const RandomNet& net, std::mt19937& random) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < net.sizes.front(); ++i) columns.push_back("x" + std::to_string(i));
  return bundle_with(net, must(models::table_recipe(columns)), random);
}

std::vector<std::uint8_t> bundle_of(std::uint32_t version, std::vector<std::size_t> sizes) {
  std::mt19937 random(version);
  RandomNet net;
  net.sizes = std::move(sizes);
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return random_bundle(net, random);
}

std::vector<std::uint8_t> random_window_bundle(std::uint16_t channels, std::uint16_t samples,
                                               std::mt19937& random) {
  const std::vector<kernels::FeatureSpec> features = every_feature();
  std::vector<kernels::RecipeChannel> names(channels);
  for (std::uint16_t i = 0; i < channels; ++i) {
    std::snprintf(names[i].name, sizeof names[i].name, "c%d", i);
    names[i].vector = 1;
  }
  const kernels::RecipeContents contents{
      .rate_hz = 100.0F,
      .window_samples = samples,
      .step_samples = samples,
      .channels = names.data(),
      .channel_count = channels,
      .features = features.data(),
      .feature_count = static_cast<std::uint8_t>(features.size())};
  std::vector<std::uint8_t> recipe(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, recipe.data());
  kernels::RecipeView view{};
  if (!kernels::open_recipe(recipe.data(), recipe.size(), view)) std::abort();
  RandomNet net;
  net.sizes = {view.inputs, 8, 4};
  net.activations = {Activation::relu, Activation::softmax};
  return bundle_with(net, std::move(recipe), random);
}

std::vector<float> random_features(std::size_t count, std::mt19937& random) {
  std::vector<float> features(count);
  for (float& x : features) {
    x = uniform(-6.0F, 6.0F, random);
    const int kind = between(0, 99, random);
    if (kind == 0) x = std::numeric_limits<float>::quiet_NaN();
    if (kind == 1) x = between(0, 1, random) == 0 ? -1e30F : 1e30F;
  }
  return features;
}

RandomNet random_net(std::size_t most_units, std::mt19937& random) {
  constexpr Activation hidden[] = {Activation::linear, Activation::relu, Activation::tanh,
                                   Activation::sigmoid, Activation::leaky_relu};
  const auto units = [&] {
    return static_cast<std::size_t>(between(1, static_cast<int>(most_units), random));
  };
  RandomNet net;
  net.per_channel = between(0, 2, random) != 0;
  const int layers = between(1, 4, random);
  net.sizes.push_back(units());
  for (int i = 0; i < layers; ++i) {
    net.sizes.push_back(units());
    net.activations.push_back(hidden[between(0, 4, random)]);
  }
  switch (between(0, 3, random)) {
    case 0: net.task = kernels::Task::regress; break;
    case 1:
      net.task = kernels::Task::anomaly;
      net.sizes.back() = net.sizes.front();
      break;
    default:
      net.activations.back() = Activation::softmax;
      net.sizes.back() = std::max<std::size_t>(net.sizes.back(), 2);
  }
  return net;
}

}  // namespace haltere::fakes
