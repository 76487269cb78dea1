#include "models/network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/kernels/crc32.hpp"
#include "models/random.hpp"

namespace haltere::models {
namespace {

constexpr std::array<LayerShape, 3> shape{
    {{19, Activation::relu}, {7, Activation::tanh}, {4, Activation::softmax}}};

TEST(Network, SameSeedGivesTheSameBytesOnEveryMachine) {
  const Network network = Network::create(11, shape, 42).value();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(network.parameters().data());
  const std::size_t size = network.parameters().size() * sizeof(float);
  EXPECT_EQ(kernels::crc32(bytes, size), 2504863604U);
}

TEST(Network, SeedsDiffer) {
  const Network one = Network::create(11, shape, 1).value();
  const Network two = Network::create(11, shape, 2).value();
  EXPECT_FALSE(std::ranges::equal(one.parameters(), two.parameters()));
}

TEST(Network, LayersLieOneAfterTheOther) {
  Network network = Network::create(11, shape, 1).value();
  ASSERT_EQ(network.layer_count(), 3U);
  std::size_t offset = 0;
  for (std::size_t l = 0; l < 3; ++l) {
    const DenseLayer layer = network.layer(l);
    EXPECT_EQ(network.parameter_offset(l), offset);
    EXPECT_EQ(layer.weights.data(), network.parameters().data() + offset);
    EXPECT_EQ(layer.layer_bias.data(), layer.weights.data() + layer.inputs * layer.outputs);
    offset += (layer.inputs + 1) * layer.outputs;
  }
  EXPECT_EQ(network.parameters().size(), offset);
}

TEST(Network, ForwardComposesDenseSumsAndActivations) {
  const Network network = Network::create(11, shape, 3).value();
  Random random(4);
  std::vector<float> x(11);
  for (float& value : x) value = random.symmetric();
  std::vector<float> workspace(network.workspace_size());
  const std::span<const float> outputs = network.forward(x, workspace);
  std::vector<float> row = x;
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    std::vector<float> next(network.layer(l).outputs);
    dense_sums(network.layer(l), row, next);
    activate(network.layer(l).activation, next);
    EXPECT_TRUE(std::ranges::equal(next, network.activations(workspace, l)));
    row = next;
  }
  EXPECT_TRUE(std::ranges::equal(row, outputs));
  float sum = 0.0F;
  for (const float share : outputs) sum += share;
  EXPECT_NEAR(sum, 1.0F, 1e-6F);
}

TEST(Network, ARowsResultDoesNotDependOnTheOtherRows) {
  const Network network = Network::create(11, shape, 5).value();
  constexpr std::size_t rows = 7;
  Random random(6);
  std::vector<float> x(rows * 11);
  for (float& value : x) value = random.below(3) == 0 ? 0.0F : random.symmetric();
  std::vector<float> together(network.workspace_size(rows));
  const std::span<const float> outputs = network.forward(x, together, rows);
  std::vector<float> alone(network.workspace_size());
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float> one = network.forward(std::span(x).subspan(row * 11, 11), alone);
    EXPECT_TRUE(std::ranges::equal(one, outputs.subspan(row * 4, 4))) << "row " << row;
  }
}

TEST(Network, NamesTheShapeItRefuses) {
  const auto message = [](std::size_t inputs, std::vector<LayerShape> layers) {
    const Result<Network> network = Network::create(inputs, layers, 1);
    return network.ok() ? std::string() : network.error().message;
  };
  EXPECT_NE(message(0, {{1, Activation::linear}}).find("inputs"), std::string::npos);
  EXPECT_NE(message(3, {}).find("layers"), std::string::npos);
  EXPECT_NE(message(3, {{0, Activation::linear}}).find("units"), std::string::npos);
  EXPECT_NE(message(3, {{max_units + 1, Activation::linear}}).find("units"), std::string::npos);
  EXPECT_NE(message(3, {{2, Activation::softmax}, {2, Activation::linear}}).find("softmax"),
            std::string::npos);
  EXPECT_EQ(message(3, {{2, Activation::linear}}), "");
}

}  // namespace
}  // namespace haltere::models
