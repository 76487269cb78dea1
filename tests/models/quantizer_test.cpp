#include "models/quantizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/dequantizer.hpp"
#include "models/random.hpp"
#include "models/recipe.hpp"

namespace haltere::models {
namespace {

constexpr std::uint64_t seed = 8;

/// A net with random weights and biases, rows of features around different means, and what
/// quantization needs to know of them.
struct TrainedNet {
  Network network;
  std::vector<float> rows{};
  std::vector<float> mean{};
  std::vector<float> deviation{};

  [[nodiscard]] Calibration calibration() const {
    return {.rows = rows, .mean = mean, .std = deviation};
  }
};

TrainedNet trained_net(std::size_t inputs, const std::vector<LayerShape>& layers,
                       std::size_t count = 256) {
  Random random(seed);
  TrainedNet out{.network = *Network::create(inputs, layers, seed)};
  for (float& parameter : out.network.parameters())
    if (parameter == 0.0F) parameter = random.symmetric() * 0.2F;  // the layer_bias
  for (std::size_t i = 0; i < inputs; ++i) {
    out.mean.push_back(random.symmetric() * 100.0F);
    out.deviation.push_back(0.1F + static_cast<float>(random.below(100)));
  }
  for (std::size_t row = 0; row < count; ++row)
    for (std::size_t i = 0; i < inputs; ++i) {
      float normal = 0.0F;  // of 12 uniform numbers, about normal
      for (int k = 0; k < 12; ++k) normal += random.symmetric() * 0.5F;
      out.rows.push_back(out.mean[i] + out.deviation[i] * normal);
    }
  return out;
}

Bundle draft(kernels::Task task, std::size_t inputs, std::size_t outputs) {
  Bundle bundle;
  bundle.task = task;
  bundle.provenance.model_id = "net";
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < inputs; ++i) columns.push_back("c" + std::to_string(i));
  bundle.recipe = *table_recipe(columns);
  if (task == kernels::Task::classify)
    for (std::size_t i = 0; i < outputs; ++i) bundle.labels.push_back("label" + std::to_string(i));
  if (task == kernels::Task::regress)
    bundle.output_scales.assign(outputs, {.scale = 10.0F, .offset = 50.0F});
  return bundle;
}

/// The float net's outputs for raw row `index`.
std::vector<float> float_outputs(const TrainedNet& trained, std::size_t index) {
  const std::size_t inputs = trained.network.inputs();
  std::vector<float> x(inputs);
  for (std::size_t i = 0; i < inputs; ++i)
    x[i] = (trained.rows[index * inputs + i] - trained.mean[i]) / trained.deviation[i];
  std::vector<float> workspace(trained.network.workspace_size());
  const auto y = trained.network.forward(x, workspace);
  return {y.begin(), y.end()};
}

Int8Model quantized(const TrainedNet& trained, Bundle from) {
  const auto bundle = quantize(trained.network, trained.calibration(), std::move(from));
  EXPECT_TRUE(bundle) << (bundle ? "" : bundle.error().message);
  const auto bytes = encode(*bundle);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  auto model = Int8Model::create(*bytes);
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  return *model;
}

/// Share of rows on which float and int8 name the same class.
double agreement(const TrainedNet& trained, Int8Model& model) {
  const std::size_t inputs = trained.network.inputs();
  const std::size_t rows = trained.rows.size() / inputs;
  std::size_t same = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto y = float_outputs(trained, row);
    const auto best = std::ranges::max_element(y) - y.begin();
    same +=
        model.run(std::span(trained.rows).subspan(row * inputs, inputs)).label == best ? 1U : 0U;
  }
  return static_cast<double>(same) / static_cast<double>(rows);
}

TEST(FixedMultiplier, FollowsTheDefinitionOfTflite) {
  EXPECT_EQ(fixed_multiplier(1.0).multiplier, 1 << 30);
  EXPECT_EQ(fixed_multiplier(1.0).shift, 1);
  EXPECT_EQ(fixed_multiplier(0.75).multiplier, 1610612736);
  EXPECT_EQ(fixed_multiplier(0.75).shift, 0);
  EXPECT_EQ(fixed_multiplier(0.0).multiplier, 0);
  EXPECT_EQ(fixed_multiplier(1e-12).multiplier, 0);
  // Rounds up to 2^31, which does not fit: the next power of two instead.
  EXPECT_EQ(fixed_multiplier(1.0 - 1e-12).multiplier, 1 << 30);
  EXPECT_EQ(fixed_multiplier(1.0 - 1e-12).shift, 1);
  Random random(seed);
  for (int i = 0; i < 1000; ++i) {
    const double real = std::ldexp(1.0 + static_cast<double>(random.next()) / 4294967296.0,
                                   static_cast<int>(random.below(30)) - 29);
    const FixedMultiplier fixed = fixed_multiplier(real);
    EXPECT_NEAR(std::ldexp(fixed.multiplier, fixed.shift - 31) / real, 1.0, 1e-9);
  }
}

TEST(Quantizer, NamesTheSameClassAsFloat) {
  for (const Activation hidden :
       {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid}) {
    const TrainedNet net =
        trained_net(36, {{32, hidden}, {16, hidden}, {6, Activation::softmax}}, 1000);
    Int8Model model = quantized(net, draft(kernels::Task::classify, 36, 6));
    EXPECT_GE(agreement(net, model), 0.95) << to_string(hidden);
  }
}

TEST(Quantizer, KeepsSharesCloseToFloat) {
  const TrainedNet net = trained_net(20, {{24, Activation::relu}, {4, Activation::softmax}});
  Int8Model model = quantized(net, draft(kernels::Task::classify, 20, 4));
  for (std::size_t row = 0; row < 256; ++row) {
    const auto y = float_outputs(net, row);
    model.run(std::span(net.rows).subspan(row * 20, 20));
    for (std::size_t o = 0; o < 4; ++o)
      EXPECT_NEAR((model.outputs()[o] + 128) / 256.0F, y[o], 0.06F);
  }
}

TEST(Quantizer, RegressesInTheTargetsUnit) {
  const TrainedNet net = trained_net(5, {{16, Activation::tanh}, {2, Activation::linear}});
  Int8Model model = quantized(net, draft(kernels::Task::regress, 5, 2));
  double squared = 0.0;
  double spread = 0.0;
  for (std::size_t row = 0; row < 256; ++row) {
    const auto y = float_outputs(net, row);
    model.run(std::span(net.rows).subspan(row * 5, 5));
    for (std::uint16_t o = 0; o < 2; ++o) {
      const float value = kernels::output_value(model.view(), o, model.outputs()[o]);
      squared += std::pow(static_cast<double>(value - (50.0F + 10.0F * y[o])), 2);
      spread += std::pow(static_cast<double>(10.0F * y[o]), 2);
    }
  }
  EXPECT_LT(std::sqrt(squared / spread), 0.03);
}

TEST(Quantizer, GivesAnAutoencoderOneScaleAtBothEnds) {
  const TrainedNet net = trained_net(12, {{6, Activation::relu}, {12, Activation::linear}});
  Int8Model model = quantized(net, draft(kernels::Task::anomaly, 12, 12));
  EXPECT_EQ(model.view().input_scale, model.view().output_scale);
  EXPECT_EQ(model.view().input_zero_point, model.view().output_zero_point);
  EXPECT_GT(model.run(std::span(net.rows).first(12)).score, 0);
}

/// What an int8 model of a net with one output answers too much, per row of its calibration.
std::vector<double> errors_of(const TrainedNet& net, const Calibration& calibration) {
  const std::size_t inputs = net.network.inputs();
  const auto bundle =
      quantize(net.network, calibration, draft(kernels::Task::regress, inputs, 1)).value();
  Int8Model model = Int8Model::create(encode(bundle).value()).value();
  std::vector<double> errors;
  for (std::size_t row = 0; row < net.rows.size() / inputs; ++row) {
    model.run(std::span(net.rows).subspan(row * inputs, inputs));
    const float answer = kernels::output_value(model.view(), 0, model.outputs()[0]);
    errors.push_back(static_cast<double>(answer - (50.0F + 10.0F * float_outputs(net, row)[0])));
  }
  return errors;
}

/// One unit with far larger weights than the others, which counts for little.
TrainedNet uneven_net() {
  constexpr std::size_t units = 20;
  TrainedNet net = trained_net(24, {{units, Activation::relu}, {1, Activation::linear}});
  const std::span<float> weights = net.network.parameters();
  for (std::size_t i = 0; i < 24; ++i) weights[i * units] *= 20.0F;
  weights[net.network.parameter_offset(1)] *= 0.02F;
  return net;
}

TEST(Quantizer, KeepsCloserWithAScalePerOutput) {
  const TrainedNet net = uneven_net();
  const auto mean_error = [&](bool per_channel) {
    Calibration calibration = net.calibration();
    calibration.per_channel = per_channel;
    double sum = 0.0;
    for (const double error : errors_of(net, calibration)) sum += std::abs(error);
    return sum;
  };
  EXPECT_LT(mean_error(true), 0.7 * mean_error(false));
}

/// Inputs that are not about 0 turn rounded weights into a shift of the answers.
TEST(Quantizer, CorrectsWhatRoundingShifts) {
  TrainedNet net = uneven_net();
  for (std::size_t i = 0; i < net.mean.size(); ++i) net.mean[i] -= 2.0F * net.deviation[i];
  const auto shift = [&](bool correct_bias) {
    Calibration calibration = net.calibration();
    calibration.per_channel = false;
    calibration.correct_bias = correct_bias;
    double sum = 0.0;
    for (const double error : errors_of(net, calibration)) sum += error;
    return std::abs(sum);
  };
  EXPECT_LT(shift(true), 0.7 * shift(false));
}

TEST(Dequantizer, GivesBackTheNetThatWasQuantized) {
  const TrainedNet net =
      trained_net(9, {{12, Activation::relu}, {7, Activation::tanh}, {3, Activation::softmax}});
  const auto first =
      quantize(net.network, net.calibration(), draft(kernels::Task::classify, 9, 3)).value();
  const Result<Network> back = dequantize(first);
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->parameters().size(), net.network.parameters().size());
  for (std::size_t l = 0; l < 3; ++l) {
    const DenseLayer layer = net.network.layer(l);
    const DenseLayer got = back->layer(l);
    EXPECT_EQ(got.activation, layer.activation);
    const float largest = std::ranges::max(layer.weights, {}, [](float w) { return std::fabs(w); });
    for (std::size_t i = 0; i < layer.weights.size(); ++i)
      EXPECT_NEAR(got.weights[i], layer.weights[i], std::fabs(largest) / 250.0F);
    for (std::size_t o = 0; o < layer.outputs; ++o)
      EXPECT_NEAR(got.layer_bias[o], layer.layer_bias[o], 1e-3F);
  }
  const auto second = quantize(*back, net.calibration(), draft(kernels::Task::classify, 9, 3));
  EXPECT_EQ(second->layers[0].weights, first.layers[0].weights);
}

TEST(Dequantizer, RefusesPackedWeights) {
  Bundle packed = quantize(trained_net(4, {{4, Activation::linear}}).network,
                           trained_net(4, {{4, Activation::linear}}).calibration(),
                           draft(kernels::Task::regress, 4, 4))
                      .value();
  packed.layers[0].packing = kernels::WeightPacking::dual;
  EXPECT_FALSE(dequantize(packed).ok());
}

TEST(Quantizer, GivesTheSameBytesEveryTime) {
  const TrainedNet net = trained_net(9, {{8, Activation::relu}, {3, Activation::softmax}});
  const Int8Model first = quantized(net, draft(kernels::Task::classify, 9, 3));
  const Int8Model second = quantized(net, draft(kernels::Task::classify, 9, 3));
  EXPECT_TRUE(std::ranges::equal(first.bytes(), second.bytes()));
}

TEST(Quantizer, SurvivesNetsThatAreDegenerate) {
  // All zero; one enormous layer_bias; weights of very different size; outputs that never vary.
  for (const int kind : {0, 1, 2, 3}) {
    TrainedNet net = trained_net(4, {{5, Activation::relu}, {2, Activation::linear}});
    const auto parameters = net.network.parameters();
    if (kind == 0) std::ranges::fill(parameters, 0.0F);
    if (kind == 1) parameters[20] = 1e6F;
    if (kind == 2)
      for (std::size_t i = 0; i < parameters.size(); ++i)
        parameters[i] *= i % 2 == 0 ? 1e6F : 1e-6F;
    if (kind == 3) std::ranges::fill(parameters.first(20), 0.0F);
    Int8Model model = quantized(net, draft(kernels::Task::regress, 4, 2));
    model.run(std::span(net.rows).first(4));
  }
}

TEST(Quantizer, SurvivesRowsThatNeverVary) {
  TrainedNet net = trained_net(4, {{5, Activation::relu}, {2, Activation::softmax}});
  for (std::size_t i = 0; i < net.rows.size(); ++i) net.rows[i] = net.mean[i % 4];
  Int8Model model = quantized(net, draft(kernels::Task::classify, 4, 2));
  const auto y = float_outputs(net, 0);
  model.run(std::span(net.rows).first(4));
  EXPECT_NEAR((model.outputs()[0] + 128) / 256.0F, y[0], 0.02F);
}

TEST(Quantizer, LosesLittleToOneOutlier) {
  TrainedNet net = trained_net(16, {{16, Activation::relu}, {4, Activation::softmax}}, 500);
  for (std::size_t i = 0; i < 16; ++i) net.rows[i] = net.mean[i] + net.deviation[i] * 1000.0F;
  Int8Model model = quantized(net, draft(kernels::Task::classify, 16, 4));
  EXPECT_GE(agreement(net, model), 0.93);
}

TEST(Quantizer, RefusesWhatDoesNotFit) {
  const TrainedNet net = trained_net(4, {{5, Activation::relu}, {2, Activation::softmax}});
  const auto refused = [&](Calibration calibration) {
    return !quantize(net.network, calibration, draft(kernels::Task::classify, 4, 2));
  };
  Calibration few = net.calibration();
  few.rows = few.rows.first(3);
  EXPECT_TRUE(refused(few));
  few.rows = {};
  EXPECT_TRUE(refused(few));
  Calibration narrow = net.calibration();
  narrow.mean = narrow.mean.first(3);
  EXPECT_TRUE(refused(narrow));
  Calibration flat = net.calibration();
  const std::vector<float> zeros(4, 0.0F);
  flat.std = zeros;
  EXPECT_TRUE(refused(flat));
  std::vector<float> rows = net.rows;
  rows[7] = std::numeric_limits<float>::quiet_NaN();
  Calibration broken = net.calibration();
  broken.rows = rows;
  EXPECT_TRUE(refused(broken));
  EXPECT_FALSE(quantize(net.network, net.calibration(), draft(kernels::Task::anomaly, 4, 4)));
  EXPECT_FALSE(quantize(net.network, net.calibration(), draft(kernels::Task::regress, 4, 3)));
}

}  // namespace
}  // namespace haltere::models
