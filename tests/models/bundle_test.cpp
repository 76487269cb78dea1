#include "models/bundle.hpp"
#include "config/json.hpp"

#include <gtest/gtest.h>

#include "models/recipe.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::models {
namespace {

using kernels::Activation;
using kernels::Task;

std::vector<Bundle> all_bundles() {
  std::vector<Bundle> bundles = small_bundles();
  bundles.push_back(example_bundle());
  return bundles;
}

TEST(Bundle, HasTheSizeThatTheFormatGivesForItsExample) {
  const auto bytes = encode(example_bundle());
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->size(), 3192U);
  const auto view = open(*bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(kernels::required_ram_bytes(*view), 84U);
  EXPECT_EQ(multiply_accumulates(*view), 1760U);
}

TEST(Bundle, ComesBackFromItsBytesUnchanged) {
  for (const auto& bundle : all_bundles()) {
    const auto bytes = encode(bundle);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto back = decode(*bytes);
    ASSERT_TRUE(back) << back.error().message;
    const auto again = encode(*back);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *bytes);
    EXPECT_EQ(back->provenance.model_id, bundle.provenance.model_id);
    EXPECT_EQ(back->provenance.parent, bundle.provenance.parent);
    EXPECT_EQ(back->provenance.created_ns, bundle.provenance.created_ns);
    EXPECT_EQ(back->labels, bundle.labels);
    EXPECT_EQ(back->layers.back().weights, bundle.layers.back().weights);
    EXPECT_EQ(back->anomaly_threshold, bundle.anomaly_threshold);
  }
}

TEST(Bundle, DecodesFromUnalignedMemory) {
  const auto bytes = encode(example_bundle());
  std::vector<std::uint8_t> shifted(bytes->size() + 1);
  std::copy(bytes->begin(), bytes->end(), shifted.begin() + 1);
  EXPECT_TRUE(decode(std::span(shifted).subspan(1)));
}

TEST(Bundle, NamesWhatCannotBeWritten) {
  const auto message = [](auto change) {
    Bundle bundle = example_bundle();
    change(bundle);
    const auto bytes = encode(bundle);
    return bytes ? std::string("written") : bytes.error().message;
  };
  EXPECT_EQ(message([](Bundle& b) { b.provenance.model_id = "far too long for a name"; }),
            "model id 'far too long for a name' must be 1 to 16 bytes long");
  EXPECT_EQ(message([](Bundle& b) { b.layers[1].inputs = 31; }),
            "layer 1 takes 31 inputs, but gets 32");
  EXPECT_NE(message([](Bundle& b) { b.layers[1].weights.pop_back(); }).find("layer 1"),
            std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.layers[2].weights[3] = -128; }).find("layer"),
            std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.mean.pop_back(); }).find("normalisation"), std::string::npos);
  EXPECT_NE(message([](Bundle& b) {
              b.recipe = *table_recipe(std::vector<std::string>{"x"});
            }).find("recipe"),
            std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.recipe.clear(); }).find("recipe"), std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.layers.clear(); }).find("layers"), std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.labels[0] = "a\tb"; }).find("label"), std::string::npos);
  EXPECT_NE(message([](Bundle& b) { b.output_scales.push_back({}); }).find("output scales"),
            std::string::npos);
}

TEST(Int8Model, AnswersWithTheLabelOfTheLargestOutput) {
  auto model = Int8Model::create(*encode(example_bundle()));
  ASSERT_TRUE(model) << model.error().message;
  const auto verdict = model->run(example_bundle().self_test_features);
  const auto outputs = model->outputs();
  const auto best = std::max_element(outputs.begin(), outputs.end());
  EXPECT_EQ(verdict.label, best - outputs.begin());
  EXPECT_EQ(verdict.score, *best);
}

TEST(Int8Model, SaysUnknownBelowTheThreshold) {
  Bundle bundle = example_bundle();
  bundle.unknown_below = 127;
  for (auto& layer : bundle.layers) std::ranges::fill(layer.multipliers, 0);
  auto model = Int8Model::create(*encode(bundle));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->run(bundle.self_test_features).label, -1);
}

TEST(Int8Model, ScoresAnomaliesBySquaredDifferences) {
  // A layer that ignores its inputs and always gives the zero point.
  Bundle bundle = sample_bundle(Task::anomaly, 2, {{2, Activation::linear}}, 5);
  bundle.layers[0].multipliers = {0, 0};
  bundle.mean = {0.0F, 0.0F};
  bundle.gain = {1.0F, 1.0F};
  bundle.input_zero_point = bundle.output_zero_point = bundle.layers[0].output_zero_point = 3;
  bundle.anomaly_threshold = 25;
  auto model = Int8Model::create(*encode(bundle));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->run(std::vector{3.0F, -4.0F}).score, 25);
  EXPECT_EQ(model->run(std::vector{3.0F, -4.0F}).label, 0);
  EXPECT_EQ(model->run(std::vector{3.0F, 5.0F}).label, 1);
}

TEST(Int8Model, TurnsRegressionOutputsIntoTheTargetsUnit) {
  const auto model = Int8Model::create(*encode(small_bundles()[1]));
  ASSERT_TRUE(model) << model.error().message;
  const auto zero = static_cast<std::int8_t>(model->view().output_zero_point);
  EXPECT_EQ(kernels::output_value(model->view(), 0, zero), 20.0F);
  EXPECT_EQ(kernels::output_value(model->view(), 0, static_cast<std::int8_t>(zero ^ 1)) - 20.0F,
            (zero & 1) != 0 ? -0.25F : 0.25F);
}

TEST(Int8Model, CopiesAndMovesWithItsBytes) {
  const std::vector<float> features = example_bundle().self_test_features;
  auto first = Int8Model::create(*encode(example_bundle()));
  const auto expected = first->run(features).score;
  Int8Model copy = *first;
  EXPECT_NE(copy.view().bytes, first->view().bytes);
  const Int8Model moved = std::move(*first);
  EXPECT_EQ(copy.run(features).score, expected);
  EXPECT_EQ(copy.identity(), moved.identity());
}

TEST(Int8Model, TakesNotANumberForTheUsualValue) {
  auto model = Int8Model::create(*encode(example_bundle()));
  const std::vector<float> usual = example_bundle().mean;
  std::vector<float> broken(usual.size(), NAN);
  model->run(usual);
  const std::vector<std::int8_t> expected(model->outputs().begin(), model->outputs().end());
  model->run(broken);
  EXPECT_TRUE(std::ranges::equal(model->outputs(), expected));
}

TEST(BundleText, DescribesModelRecipeAndSize) {
  const auto bytes = encode(small_bundles()[0]);
  const auto view = open(*bytes);
  const std::string text = describe(*view);
  for (const char* part :
       {"sample version 3", "classify", "3-5 relu -2 softmax", "label 0, label 1",
        "20 samples every 10 samples at 100 Hz", "band_power (bands 2, from 1 Hz, to 40 Hz)"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
}

TEST(BundleText, WritesJsonThatOthersCanRead) {
  const auto bytes = encode(example_bundle());
  const auto view = open(*bytes);
  const auto summary = nlohmann::json::parse(describe_json(*view));
  EXPECT_EQ(summary["id"], "sample");
  EXPECT_EQ(summary["bytes"], 3192);
  EXPECT_EQ(summary["recipe"]["channels"][5], "gz");
  EXPECT_EQ(summary["identity"], identity_text(kernels::bundle_identity(*view)));
  const auto all = nlohmann::json::parse(*to_json(*bytes));
  EXPECT_EQ(all["layers"][0]["weights"].size(), 36U * 32U);
  EXPECT_EQ(all["self_test"]["outputs"].size(), 6U);
}

TEST(Recipe, NamesInputsAndCutsLongColumns) {
  const auto bytes = encode(small_bundles()[0]);
  EXPECT_EQ(input_names(open(*bytes)->recipe),
            (std::vector<std::string>{"mean(ax)", "band_power1(ax)", "band_power2(ax)"}));
  const auto recipe =
      table_recipe(std::vector<std::string>{"temperature_outside", "0123456789abcd\xc3\xbc!"});
  ASSERT_TRUE(recipe);
  kernels::RecipeView view{};
  ASSERT_TRUE(kernels::open_recipe(recipe->data(), recipe->size(), view));
  EXPECT_EQ(input_names(view),
            (std::vector<std::string>{"last(temperature_outs)", "last(0123456789abcd\xc3\xbc)"}));
  EXPECT_FALSE(table_recipe({}));
  EXPECT_FALSE(table_recipe(std::vector<std::string>{""}));
}

}  // namespace
}  // namespace haltere::models
