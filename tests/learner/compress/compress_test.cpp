#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "learner/compress/candidates.hpp"
#include "learner/compress/fit.hpp"
#include "learner/compress/prune.hpp"
#include "learner/trainer.hpp"
#include "models/random.hpp"
#include "models/recipe.hpp"
#include "models/weight_grid.hpp"

namespace haltere::learner {
namespace {

using models::Activation;
using models::LayerShape;
using models::Network;

constexpr std::uint64_t seed = 11;
constexpr std::size_t inputs = 4;

/// Points whose class is the quadrant of their first two numbers.
FitRows quadrants(std::size_t count, std::uint64_t from) {
  models::Random random(from);
  FitRows rows{.inputs = inputs, .outputs = 4, .x = {}, .targets = {}};
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t i = 0; i < inputs; ++i) rows.x.push_back(2.0F * random.symmetric());
    const float* x = &rows.x[r * inputs];
    const std::size_t label = (x[0] > 0.0F ? 1U : 0U) + (x[1] > 0.0F ? 2U : 0U);
    for (std::size_t c = 0; c < 4; ++c) rows.targets.push_back(c == label ? 1.0F : 0.0F);
  }
  return rows;
}

Network net(const std::vector<std::size_t>& widths) {
  std::vector<LayerShape> shapes;
  shapes.reserve(widths.size() + 1);
  for (const std::size_t width : widths) shapes.push_back({width, Activation::relu});
  shapes.push_back({4, Activation::softmax});
  return Network::create(inputs, shapes, seed).value();
}

double accuracy(const std::vector<float>& shares, const FitRows& rows) {
  std::size_t right = 0;
  for (std::size_t r = 0; r < rows.count(); ++r) {
    const auto best = std::max_element(&shares[r * 4], &shares[r * 4] + 4) - &shares[r * 4];
    right += rows.targets[r * 4 + static_cast<std::size_t>(best)] > 0.5F ? 1U : 0U;
  }
  return static_cast<double>(right) / static_cast<double>(rows.count());
}

CompressSource source(const std::vector<std::size_t>& widths) {
  CompressSource made{.network = net(widths),
                      .draft = {},
                      .mean = std::vector<float>(inputs, 0.0F),
                      .std = std::vector<float>(inputs, 1.0F),
                      .raw = {},
                      .rows = quadrants(800, 3)};
  made.raw = made.rows.x;
  made.draft.task = kernels::Task::classify;
  made.draft.provenance.model_id = "quadrants";
  made.draft.labels = {"a", "b", "c", "d"};
  made.draft.recipe = models::table_recipe(std::vector<std::string>{"w", "x", "y", "z"}).value();
  return made;
}

double int8_accuracy(const models::Bundle& bundle, const FitRows& rows) {
  models::Int8Model model = models::Int8Model::create(models::encode(bundle).value()).value();
  std::vector<float> shares;
  for (std::size_t r = 0; r < rows.count(); ++r) {
    model.run(std::span(rows.x).subspan(r * inputs, inputs));
    for (const std::int8_t share : model.outputs()) shares.push_back(static_cast<float>(share));
  }
  return accuracy(shares, rows);
}

TEST(Fit, LearnsAndIsTheSameEveryTime) {
  const FitRows rows = quadrants(800, 3);
  Network one = net({16});
  Network other = net({16});
  fit(one, rows, {.steps = 1500});
  fit(other, rows, {.steps = 1500});
  EXPECT_TRUE(std::ranges::equal(one.parameters(), other.parameters()));
  const FitRows fresh = quadrants(500, 4);
  EXPECT_GT(accuracy(answers(one, fresh), fresh), 0.95);
}

TEST(Trainer, RoundsWhatAStepSeesToItsGrid) {
  Trainer trainer(net({8}), {.kind = LossKind::cross_entropy}, LearnSettings{}, 4);
  const FitRows rows = quadrants(4, 5);
  const models::Quantization coarse{0.25F, -128};
  trainer.round_activations({coarse});
  const std::vector<float> plain = [&] {
    const auto out = trainer.forward(rows.x, 4);
    return std::vector<float>(out.begin(), out.end());
  }();
  const auto rounded = trainer.forward_training(rows.x, 4);
  EXPECT_FALSE(std::ranges::equal(plain, rounded)) << "a step sees the grid, an answer does not";
}

TEST(RoundTo, PutsValuesOnTheGrid) {
  std::vector<float> values{-1.0F, 0.1F, 0.13F, 100.0F};
  models::round_to({0.25F, -128}, values);
  EXPECT_EQ(values, (std::vector<float>{0.0F, 0.0F, 0.25F, 63.75F}));
}

/// Units that never vary, or that nothing listens to, can go without a change.
TEST(Prune, TakesUnitsThatDoNothingFirst) {
  const FitRows rows = quadrants(200, 6);
  Network network = net({6, 5});
  const std::span<float> parameters = network.parameters();
  for (std::size_t i = 0; i < inputs; ++i) parameters[i * 6 + 2] = 0.0F;  // constant: its bias
  parameters[inputs * 6 + 2] = 0.7F;
  const std::size_t above = network.parameter_offset(1);
  for (std::size_t o = 0; o < 5; ++o) parameters[above + std::size_t{20} + o] = 0.0F;  // unheard
  const Result<Network> pruned = prune(network, std::vector<std::size_t>{4, 5}, rows);
  ASSERT_TRUE(pruned.ok());
  EXPECT_EQ(hidden_widths(*pruned), (std::vector<std::size_t>{4, 5}));
  EXPECT_EQ(pruned->parameters().size(), 4U * 4U + 4U + 4U * 5U + 5U + 5U * 4U + 4U);
  const std::vector<float> before = answers(network, rows);
  const std::vector<float> after = answers(*pruned, rows);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i], 1e-5F);
}

TEST(Narrower, GoesDownToAnEighthButNotBelowTwo) {
  const std::vector<std::size_t> widths{32, 16};
  const auto all = narrower(widths);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all.front(), (std::vector<std::size_t>{24, 12}));
  EXPECT_EQ(all.back(), (std::vector<std::size_t>{4, 2}));
  EXPECT_TRUE(narrower(std::vector<std::size_t>{2}).empty());
  EXPECT_TRUE(narrower(std::vector<std::size_t>{}).empty());
}

TEST(Compressor, MakesModelsOfEveryKindThatAnswerWell) {
  Compressor compressor(source({24, 12}));
  const FitRows fresh = quadrants(500, 9);
  const std::vector<std::size_t> half{12, 6};
  const std::vector<Result<Candidate>> all{compressor.rounded(false), compressor.rounded(true),
                                           compressor.aware(), compressor.pruned(half),
                                           compressor.distilled(half)};
  const double whole = accuracy(answers(compressor.network(), fresh), fresh);
  EXPECT_GT(whole, 0.95);
  for (const Result<Candidate>& candidate : all) {
    ASSERT_TRUE(candidate.ok()) << candidate.error().message;
    EXPECT_GT(int8_accuracy(candidate->bundle, fresh), whole - 0.02) << candidate->method;
  }
  EXPECT_EQ(all.back()->widths, half);
  EXPECT_LT(models::encode(all.back()->bundle)->size(), models::encode(all[1]->bundle)->size());
}

TEST(Compressor, PutsBigLayersIntoFourBits) {
  Compressor compressor(source({24, 12}));
  ASSERT_TRUE(has_big_layer(compressor.network()));
  const FitRows fresh = quadrants(500, 9);
  const double whole = accuracy(answers(compressor.network(), fresh), fresh);
  const Result<Candidate> plain = compressor.aware();
  ASSERT_TRUE(plain.ok());
  for (const auto& candidate : {compressor.rounded_int4(), compressor.aware_int4()}) {
    ASSERT_TRUE(candidate.ok()) << candidate.error().message;
    const auto& layers = candidate->bundle.layers;
    EXPECT_EQ(layers[0].packing, kernels::WeightPacking::plain);
    EXPECT_EQ(layers[1].packing, kernels::WeightPacking::nibbles) << "24 x 12";
    EXPECT_EQ(layers[2].packing, kernels::WeightPacking::plain);
    EXPECT_LT(models::encode(candidate->bundle)->size(), models::encode(plain->bundle)->size());
    EXPECT_GT(int8_accuracy(candidate->bundle, fresh), whole - 0.04) << candidate->method;
  }
  ASSERT_TRUE(compressor.pruned(std::vector<std::size_t>{12, 6}).ok());
  EXPECT_FALSE(has_big_layer(compressor.pruned_network()));
}

TEST(Fit, LeavesInt4LayersOnTheirGrid) {
  Network network = net({24, 12});
  const FitRows rows = quadrants(200, 3);
  fit(network, rows, {.steps = 70, .grids = {{0.05F, -128}, {0.05F, -128}}, .int4_from = 256});
  const models::DenseLayer layer = network.layer(1);
  const std::vector<float> scales = models::weight_grid(layer, models::int4_steps);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const float scale = scales[i % layer.outputs];
    EXPECT_NEAR(layer.weights[i],
                scale * models::steps_of(layer.weights[i], scale, models::int4_steps), 1e-5F);
  }
}

TEST(Compressor, TakesANetWithoutHiddenLayers) {
  Compressor compressor(source({}));
  EXPECT_TRUE(compressor.rounded(true).ok());
  EXPECT_TRUE(compressor.aware().ok());
}

}  // namespace
}  // namespace haltere::learner
