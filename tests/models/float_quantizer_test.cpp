// Imported float models as int8 ones: as near as 8 bits are, whatever the sizes of the inputs.
#include "models/float_quantizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "models/kernels/bundle_view.hpp"
#include "models/random.hpp"

namespace haltere::models {
namespace {

constexpr std::size_t inputs = 6;
constexpr float largest = std::numeric_limits<float>::max();
const std::vector<std::string> columns{"a", "b", "c", "d", "e", "f"};

FloatStep dense(Random& random, std::size_t from, std::size_t to, float low, float high,
                float reach) {
  FloatStep step{FloatStepKind::dense, from, to, low, high, {}, {}};
  for (std::size_t i = 0; i < from * to; ++i) step.weights.push_back(reach * random.symmetric());
  for (std::size_t o = 0; o < to; ++o) step.bias.push_back(reach * random.symmetric());
  return step;
}

FloatModel regression(std::vector<FloatStep> steps) {
  FloatModel model;
  model.provenance.model_id = "imported";
  model.steps = std::move(steps);
  return model;
}

/// Inputs of 0.01 to 1000 about means of their own; `model`'s first layer is made to fit.
std::vector<float> rows_for(FloatModel& model, std::size_t count) {
  Random random(5);
  FloatStep& first = model.steps.front();
  std::vector<float> rows(count * inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    const float size = std::pow(10.0F, static_cast<float>(i) - 2.0F);
    for (std::size_t r = 0; r < count; ++r)
      rows[r * inputs + i] = size * (3.0F + random.symmetric());
    for (std::size_t o = 0; o < first.outputs; ++o) {
      first.weights[o * inputs + i] /= size;
      first.bias[o] -= first.weights[o * inputs + i] * size * 3.0F;
    }
  }
  return rows;
}

Int8Model int8_of(const FloatModel& model, std::span<const float> rows) {
  const auto bundle = quantize_float(model, rows, columns);
  EXPECT_TRUE(bundle.ok()) << (bundle ? "" : bundle.error().message);
  auto int8 = Int8Model::create(*encode(*bundle));
  EXPECT_TRUE(int8.ok());
  return std::move(int8).value();
}

/// The largest difference over the rows, as a share of the float outputs' range.
double worst(const FloatModel& model, std::span<const float> rows) {
  Int8Model int8 = int8_of(model, rows);
  double error = 0.0;
  float low = largest;
  float high = -largest;
  for (std::size_t at = 0; at < rows.size(); at += inputs) {
    const std::vector<float> exact = model.run(rows.subspan(at, inputs));
    int8.run(rows.subspan(at, inputs));
    for (std::size_t o = 0; o < exact.size(); ++o) {
      const float value =
          kernels::output_value(int8.view(), static_cast<std::uint16_t>(o), int8.outputs()[o]);
      error = std::max(error, std::fabs(static_cast<double>(value - exact[o])));
      low = std::min(low, exact[o]);
      high = std::max(high, exact[o]);
    }
  }
  return error / static_cast<double>(high - low);
}

TEST(FloatQuantizer, KeepsOutputsWithinAFewStepsWhateverTheInputsSizes) {
  Random random(1);
  FloatModel model = regression({dense(random, inputs, 16, 0.0F, largest, 1.0F),
                                 dense(random, 16, 8, -largest, largest, 0.5F),
                                 {FloatStepKind::tanh, 8, 8, 0.0F, 0.0F, {}, {}},
                                 dense(random, 8, 3, -largest, largest, 1.0F)});
  const std::vector<float> rows = rows_for(model, 300);
  EXPECT_LT(worst(model, rows), 0.03);
}

TEST(FloatQuantizer, LimitsAtSix) {
  Random random(2);
  FloatModel model = regression({dense(random, inputs, 16, 0.0F, 6.0F, 12.0F),
                                 dense(random, 16, 2, -largest, largest, 1.0F)});
  const std::vector<float> rows = rows_for(model, 300);
  EXPECT_LT(worst(model, rows), 0.03);
  FloatModel without = model;
  without.steps.front().high = largest;
  std::size_t limited = 0;
  for (std::size_t at = 0; at < rows.size(); at += inputs) {
    const std::span<const float> row = std::span(rows).subspan(at, inputs);
    limited += model.run(row) != without.run(row) ? 1U : 0U;
  }
  EXPECT_GT(limited, rows.size() / inputs / 2) << "the limit must matter here";
}

TEST(FloatQuantizer, AnswersAsTheFloatModelDoes) {
  Random random(3);
  FloatModel model = regression({dense(random, inputs, 12, -largest, largest, 1.0F),
                                 {FloatStepKind::clamp, 12, 12, 0.0F, 6.0F, {}, {}},
                                 dense(random, 12, 3, -largest, largest, 1.0F),
                                 {FloatStepKind::softmax, 3, 3, 0.0F, 0.0F, {}, {}}});
  model.task = kernels::Task::classify;
  model.labels = {"x", "y", "z"};
  const std::vector<float> rows = rows_for(model, 500);
  Int8Model int8 = int8_of(model, rows);
  std::vector<std::size_t> winners(3);
  std::size_t same = 0;
  for (std::size_t at = 0; at < rows.size(); at += inputs) {
    const std::vector<float> exact = model.run(std::span(rows).subspan(at, inputs));
    const auto winner = std::ranges::max_element(exact) - exact.begin();
    ++winners[static_cast<std::size_t>(winner)];
    same += int8.run(std::span(rows).subspan(at, inputs)).label == winner ? 1U : 0U;
  }
  EXPECT_GE(same, 490U);
  EXPECT_LT(std::ranges::max(winners), 450U) << "rows of one answer show little";
}

TEST(FloatQuantizer, SaysWhatInt8LayersCannotFollow) {
  Random random(4);
  const FloatStep last = dense(random, 4, 2, -largest, largest, 1.0F);
  const auto error_of = [&](std::vector<FloatStep> steps) {
    const FloatModel model = regression(std::move(steps));
    const std::vector<float> rows(10 * model.inputs(), 1.0F);
    const std::vector<std::string> names(model.inputs(), "c");
    const auto bundle = quantize_float(model, rows, names);
    return bundle ? std::string() : bundle.error().message;
  };
  EXPECT_TRUE(error_of({dense(random, 3, 4, -1.0F, 1.0F, 1.0F), last}).starts_with("step 1 of 2"));
  const FloatStep tanh{FloatStepKind::tanh, 4, 4, 0.0F, 0.0F, {}, {}};
  EXPECT_TRUE(error_of({tanh, last}).starts_with("step 1 of 2"));
  EXPECT_TRUE(
      error_of({dense(random, 3, 4, 0.0F, largest, 1.0F), tanh, last}).starts_with("step 2 of 3"));
  EXPECT_EQ(error_of({dense(random, 3, 4, 0.0F, largest, 1.0F), last}), "");
}

TEST(FloatQuantizer, RefusesRowsThatAreNotTheModels) {
  Random random(6);
  const FloatModel model = regression({dense(random, inputs, 2, -largest, largest, 1.0F)});
  EXPECT_FALSE(quantize_float(model, std::vector<float>(7), columns).ok());
  EXPECT_FALSE(quantize_float(model, {}, columns).ok());
  std::vector<float> rows(2 * inputs, 1.0F);
  rows[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(quantize_float(model, rows, columns).ok());
}

}  // namespace
}  // namespace haltere::models
