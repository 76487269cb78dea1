// Exported .tflite and .onnx files come back as the same layers, imported ones and ones the
// quantizer made.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <vector>

#include "models/interop/float_chain.hpp"
#include "models/interop/formats.hpp"
#include "models/interop/raw_model.hpp"
#include "models/network.hpp"
#include "models/quantizer.hpp"
#include "models/recipe.hpp"
#include "tests/read_file.hpp"

namespace haltere::models::interop {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes run_all(const Bytes& bundle, const Bytes& input) {
  auto model = RawModel::create(bundle);
  EXPECT_TRUE(model.ok());
  Bytes output;
  for (std::size_t at = 0; at + model->input_bytes() <= input.size(); at += model->input_bytes())
    model->run(std::span(input).subspan(at, model->input_bytes()), output);
  return output;
}

/// A way out of the agent and back.
struct Format {
  const char* name;
  decltype(&export_tflite) to_file;
  decltype(&import_tflite) from_file;
};

class Export : public testing::TestWithParam<Format> {};

INSTANTIATE_TEST_SUITE_P(Formats, Export,
                         testing::Values(Format{"tflite", export_tflite, import_tflite},
                                         Format{"onnx", export_onnx, import_onnx}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(Export, ImportedModelsComeBackTheSame) {
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/tflite_fuzz")) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto bundle = import_tflite(read_bytes(entry.path()), {"model", {}});
    ASSERT_TRUE(bundle.ok()) << bundle.error().message;
    const auto file = GetParam().to_file(*bundle);
    ASSERT_TRUE(file.ok()) << file.error().message;
    const auto again = GetParam().from_file(*file, {"model", {}});
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, *bundle);
    ++models;
  }
  EXPECT_GE(models, 4U);
}

struct Net {
  std::size_t inputs;
  std::vector<LayerShape> layers;
};

/// Layers of `int4_from` weights and more in four bits; 0: none.
Bytes quantized(const Net& net, std::uint32_t seed, std::size_t int4_from) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  auto network = *Network::create(net.inputs, net.layers, seed);
  for (float& value : network.parameters()) value += 0.05F * normal(random);
  std::vector<float> rows(64 * net.inputs);
  for (float& value : rows) value = normal(random);
  const std::vector<float> mean(net.inputs, 0.1F);
  const std::vector<float> std(net.inputs, 1.3F);
  const std::vector<std::string> columns(net.inputs, "x");
  Bundle draft;
  draft.task = kernels::Task::regress;
  draft.provenance.model_id = "net";
  draft.recipe = *table_recipe(columns);
  draft.output_scales.assign(network.outputs(), {1.0F, 0.0F});
  Calibration calibration;
  calibration.rows = rows;
  calibration.mean = mean;
  calibration.std = std;
  if (int4_from > 0) calibration.int4_from = int4_from;
  const auto bundle = quantize(network, calibration, draft);
  EXPECT_TRUE(bundle.ok());
  return *encode(*bundle);
}

TEST_P(Export, LearnedModelsGiveTheSameBytes) {
  const std::vector<Net> nets{
      {36, {{32, Activation::relu}, {16, Activation::relu}, {6, Activation::softmax}}},
      {7, {{5, Activation::tanh}, {3, Activation::linear}}},
      {12, {{9, Activation::sigmoid}, {1, Activation::sigmoid}}},
      {300, {{20, Activation::leaky_relu}, {2, Activation::tanh}}},
      {1, {{1, Activation::linear}}},
  };
  std::uint32_t seed = 1;
  for (const Net& net : nets) {
    for (int repeat = 0; repeat < 4; ++repeat, ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const Bytes bundle = quantized(net, seed, repeat % 2 == 1 ? 20 : 0);
      const auto file = GetParam().to_file(bundle);
      ASSERT_TRUE(file.ok()) << file.error().message;
      const auto again = GetParam().from_file(*file, {"net", {}});
      ASSERT_TRUE(again.ok()) << again.error().message;
      std::mt19937 random(seed);
      Bytes input(200 * net.inputs);
      for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random());
      EXPECT_EQ(run_all(*again, input), run_all(bundle, input));
    }
  }
}

}  // namespace
}  // namespace haltere::models::interop
