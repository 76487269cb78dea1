// The kernels against TFLite Micro itself: models and its answers, as tflm/extract.py wrote them.
// The last three vectors of each are full-range random, all 127 and all -128.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/kernels/dense_s8.hpp"
#include "models/kernels/softmax_s8.hpp"

namespace haltere::kernels {
namespace {

struct Layer {
  bool is_softmax = false;
  SoftmaxS8 softmax{};
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  int clamp_min = 0;
  int clamp_max = 0;
  int zero_point = 0;
  std::vector<std::int32_t> multipliers{};
  std::vector<std::int8_t> shifts{};
  std::vector<std::int32_t> layer_bias{};
  std::vector<std::int8_t> weights{};
};

struct Model {
  std::vector<Layer> layers;
  std::vector<std::vector<int>> vectors;  ///< inputs, then outputs
};

template <typename T>
void read(std::istream& in, std::size_t count, std::vector<T>& out) {
  for (std::size_t i = 0; i < count; ++i) {
    int value = 0;
    in >> value;
    out.push_back(static_cast<T>(value));
  }
}

Layer read_dense(std::istream& in) {
  Layer layer;
  in >> layer.inputs >> layer.outputs >> layer.clamp_min >> layer.clamp_max >> layer.zero_point;
  read(in, layer.outputs, layer.multipliers);
  read(in, layer.outputs, layer.shifts);
  read(in, layer.outputs, layer.layer_bias);
  read(in, layer.inputs * layer.outputs, layer.weights);
  return layer;
}

Layer read_softmax(std::istream& in) {
  Layer layer{.is_softmax = true};
  int shift = 0;
  in >> layer.softmax.multiplier >> shift;
  layer.softmax.shift = static_cast<std::int8_t>(shift);
  return layer;
}

Model read_model(const std::string& name) {
  Model model;
  std::ifstream file("tests/models/kernels/tflm/" + name + ".txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string kind;
    in >> kind;
    if (kind == "dense") model.layers.push_back(read_dense(in));
    if (kind == "softmax") model.layers.push_back(read_softmax(in));
    if (kind != "vector") continue;
    model.vectors.emplace_back();
    for (int value = 0; in >> value;) model.vectors.back().push_back(value);
  }
  return model;
}

std::vector<std::int8_t> run(const Layer& layer, std::vector<std::int8_t> x) {
  if (layer.is_softmax) {
    softmax_s8(layer.softmax, x.data(), x.size());
    return x;
  }
  const DenseS8 dense{
      .inputs = static_cast<std::uint16_t>(layer.inputs),
      .outputs = static_cast<std::uint16_t>(layer.outputs),
      .packing = WeightPacking::plain,
      .clamp_min = static_cast<std::int8_t>(layer.clamp_min),
      .clamp_max = static_cast<std::int8_t>(layer.clamp_max),
      .output_zero_point = static_cast<std::int8_t>(layer.zero_point),
      .multipliers = reinterpret_cast<const std::uint8_t*>(layer.multipliers.data()),
      .layer_bias = reinterpret_cast<const std::uint8_t*>(layer.layer_bias.data()),
      .shifts = layer.shifts.data(),
      .weights = layer.weights.data()};
  std::vector<std::int8_t> y(layer.outputs);
  dense_s8(dense, x.data(), y.data());
  return y;
}

class TfliteMicro : public testing::TestWithParam<const char*> {};

TEST_P(TfliteMicro, GivesTheSameBytes) {
  const Model model = read_model(GetParam());
  ASSERT_FALSE(model.layers.empty());
  ASSERT_GE(model.vectors.size(), 16U);
  const std::size_t inputs = model.layers.front().inputs;
  for (const auto& vector : model.vectors) {
    const auto split = vector.begin() + static_cast<std::ptrdiff_t>(inputs);
    std::vector<std::int8_t> values(vector.begin(), split);
    for (const auto& layer : model.layers) values = run(layer, values);
    EXPECT_EQ(std::vector<int>(values.begin(), values.end()),
              std::vector<int>(split, vector.end()));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, TfliteMicro,
                         testing::Values("hello_world_int8", "syn_36_32_16_6_softmax",
                                         "syn_nobias_24_24_4", "syn_pc_33_17_9_2"));

}  // namespace
}  // namespace haltere::kernels
