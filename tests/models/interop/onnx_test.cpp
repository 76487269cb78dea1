// Float models go to ONNX and come back; damaged files are refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/float_model.hpp"
#include "models/interop/float_chain.hpp"
#include "models/interop/formats.hpp"

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

TEST(Tfjs, NamesItsWeightsAndKeepsThem) {
  const auto files = export_tfjs(sample(), "weights.bin");
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_NE(files->model_json.find("\"weights.bin\""), std::string::npos);
  EXPECT_EQ(files->weights.size(), 4U * (6 + 2 + 4 + 2));
}

}  // namespace
}  // namespace haltere::models::interop
