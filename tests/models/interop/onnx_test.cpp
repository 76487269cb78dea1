// Models go to ONNX and come back, also as other exporters write them; damaged files are refused.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <onnx.pb.h>

#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/interop/float_chain.hpp"
#include "models/interop/formats.hpp"
#include "tests/read_file.hpp"

namespace haltere::models::interop {
namespace {

std::vector<std::uint8_t> sample() {
  FloatModel model;
  model.provenance.model_id = "sample";
  model.task = kernels::Task::classify;
  model.labels = {"0", "1"};
  model.steps = {
      {FloatStepKind::dense,
       3,
       2,
       -3.402823466e38F,
       3.402823466e38F,
       {1, 2, 3, -1, 0.5F, 4},
       {0.25F, -1}},
      {FloatStepKind::tanh, 2, 2, 0.0F, 0.0F, {}, {}},
      {FloatStepKind::dense, 2, 2, -3.402823466e38F, 3.402823466e38F, {1, 0.5F, -1, 2}, {0, 1}},
      {FloatStepKind::softmax, 2, 2, 0.0F, 0.0F, {}, {}},
  };
  return *encode_float(model);
}

TEST(Onnx, FloatModelsComeBackTheSame) {
  const auto bundle = sample();
  const auto file = export_onnx(bundle);
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto again = import_onnx(*file, {"sample", {}});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, bundle);
}

using Bytes = std::vector<std::uint8_t>;

/// An int8 model with floats at both ends, and the QDQ file that we make of it.
Bytes int8_sample() {
  const Bytes bytes = read_bytes("tests/fuzz/corpus/tflite_fuzz/syn_fio_16_24_3.tflite");
  return *import_tflite(bytes, {"model", {}});
}

/// What comes back of that file once `change` was made to it.
Result<Bytes> changed(const std::function<void(onnx::Graph&)>& change) {
  const Bytes file = *export_onnx(int8_sample());
  onnx::Model model;
  EXPECT_TRUE(model.ParseFromArray(file.data(), static_cast<int>(file.size())));
  change(*model.mutable_graph());
  const std::string bytes = model.SerializeAsString();
  return import_onnx({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                     {"model", {}});
}

/// All numbers of `tensor` as uint8 of the same meaning.
void make_unsigned(onnx::Tensor& tensor) {
  std::string bytes = tensor.raw_data();
  for (char& byte : bytes) byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 0x80U);
  tensor.set_raw_data(bytes);
  tensor.set_data_type(2);
}

TEST(OnnxQdq, ComesBackTheSame) {
  const auto again = changed([](onnx::Graph&) {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, int8_sample());
}

TEST(OnnxQdq, TakesActivationsAndWeightsOfUint8) {
  const auto again = changed([](onnx::Graph& graph) {
    for (onnx::Tensor& tensor : *graph.mutable_initializer())
      if (tensor.data_type() == 3) make_unsigned(tensor);
  });
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, int8_sample());
}

TEST(OnnxQdq, TakesAFloatBias) {
  const auto again = changed([](onnx::Graph& graph) {
    for (onnx::Node& node : *graph.mutable_node()) {
      if (node.op_type() != "DequantizeLinear" || !node.input(0).starts_with("bias")) continue;
      const auto find = [&](const std::string& name) -> onnx::Tensor& {
        for (onnx::Tensor& tensor : *graph.mutable_initializer())
          if (tensor.name() == name) return tensor;
        return *graph.add_initializer();
      };
      onnx::Tensor& bias = find(node.input(0));
      const std::string whole = bias.raw_data();
      const std::string scale = find(node.input(1)).raw_data();
      for (std::size_t at = 0; at < whole.size(); at += 4) {
        std::int32_t value = 0;
        float unit = 0.0F;
        std::memcpy(&value, whole.data() + at, 4);
        std::memcpy(&unit, scale.data() + (scale.size() > 4 ? at : 0), 4);
        bias.add_float_data(static_cast<float>(value) * unit);
      }
      bias.clear_raw_data();
      bias.set_data_type(1);
      const std::string old = node.output(0);
      for (onnx::Node& user : *graph.mutable_node())
        for (std::string& input : *user.mutable_input())
          if (input == old) input = bias.name();
    }
  });
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, int8_sample());
}

TEST(OnnxQdq, SaysWhatItDoesNotTake) {
  const auto refusal = [](const std::function<void(onnx::Graph&)>& change) {
    const auto bundle = changed(change);
    return bundle ? std::string("taken") : bundle.error().message;
  };
  const auto remove = [](onnx::Graph& graph, int index) {
    const std::string from = graph.node(index).output(0);
    const std::string to = graph.node(index).input(0);
    graph.mutable_node()->DeleteSubrange(index, 1);
    for (onnx::Node& node : *graph.mutable_node())
      for (std::string& input : *node.mutable_input())
        if (input == from) input = to;
  };
  const auto last_quantize = [](const onnx::Graph& graph) {
    int found = 0;
    for (int i = 0; i < graph.node_size(); ++i)
      if (graph.node(i).op_type() == "QuantizeLinear") found = i;
    return found;
  };
  EXPECT_NE(refusal([&](onnx::Graph& graph) { remove(graph, last_quantize(graph)); }).find("Quant"),
            std::string::npos);
  EXPECT_NE(refusal([](onnx::Graph& graph) {
              for (onnx::Tensor& tensor : *graph.mutable_initializer())
                if (tensor.name().starts_with("weights_zero_point"))
                  tensor.set_raw_data(std::string(tensor.raw_data().size(), 1));
            }).find("symmetric"),
            std::string::npos);
  EXPECT_NE(refusal([](onnx::Graph& graph) {
              for (onnx::Tensor& tensor : *graph.mutable_initializer())
                if (tensor.name().starts_with("scale"))
                  tensor.set_raw_data(std::string(tensor.raw_data().size(), 0));
            }).find("scale"),
            std::string::npos);
}

TEST(Onnx, SurvivesFlippedBitsAndTruncation) {
  std::vector<std::uint8_t> file = *export_onnx(sample());
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ (1U << bit % 8));
    const auto bundle = import_onnx(file, {"sample", {}});
    if (bundle) {
      EXPECT_TRUE(decode_float(*bundle).ok());
    } else {
      EXPECT_FALSE(bundle.error().message.empty());
      ++refused;
    }
    file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ (1U << bit % 8));
  }
  EXPECT_GT(refused, 100U);
  for (; !file.empty(); file.pop_back()) static_cast<void>(import_onnx(file, {"sample", {}}));
}

TEST(OnnxQdq, SurvivesFlippedBits) {
  constexpr std::size_t stride = 13;  // coprime to 8: all bits of bytes come up
  Bytes file = *export_onnx(int8_sample());
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); bit += stride) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ mask);
    const auto bundle = import_onnx(file, {"model", {}});
    if (bundle) {
      EXPECT_TRUE(is_float_bundle(*bundle) ? decode_float(*bundle).ok() : decode(*bundle).ok());
    } else {
      EXPECT_FALSE(bundle.error().message.empty());
      ++refused;
    }
    file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ mask);
  }
  EXPECT_GT(refused, 100U);
}

TEST(Tfjs, NamesItsWeightsAndKeepsThem) {
  const auto files = export_tfjs(sample(), "weights.bin");
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_NE(files->model_json.find("\"weights.bin\""), std::string::npos);
  EXPECT_EQ(files->weights.size(), 4U * (6 + 2 + 4 + 2));
}

}  // namespace
}  // namespace haltere::models::interop
