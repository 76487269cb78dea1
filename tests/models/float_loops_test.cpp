#include "models/float_loops.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::models {

// The 16-lane loops compiled for this machine's common instructions: what only a CPU with vectors
// of that width would run is tested on every one.
namespace loops_wide_exact {
extern const FloatLoops table;
}
namespace loops_wide_fused {
extern const FloatLoops table;
}

namespace {

constexpr std::uint64_t seed = 20260106;
constexpr std::array<DenseSize, 16> sizes{{{36, 32, 1},
                                           {37, 30, 8},
                                           {20, 270, 7},
                                           {16, 6, 1},
                                           {5, 1, 7},
                                           {33, 17, 4},
                                           {1, 130, 3},
                                           {64, 64, 33},
                                           {7, 15, 2},
                                           {37, 129, 1},
                                           {96, 200, 1},
                                           {64, 64, 1},
                                           {128, 8, 5},
                                           {9, 31, 6},
                                           {8, 128, 32},
                                           {3, 47, 12}}};

std::vector<const FloatLoops*> builds(Arithmetic arithmetic) {
  const auto all = all_float_loops(arithmetic);
  std::vector<const FloatLoops*> found(all.begin(), all.end());
  found.push_back(arithmetic == Arithmetic::exact ? &loops_wide_exact::table
                                                  : &loops_wide_fused::table);
  return found;
}

std::vector<const FloatLoops*> all_builds() {
  std::vector<const FloatLoops*> found = builds(Arithmetic::exact);
  for (const FloatLoops* fused : builds(Arithmetic::fused)) found.push_back(fused);
  return found;
}

/// Values in ±1, a third of them exactly 0 as after relu.
std::vector<float> random_values(std::size_t count, std::uint64_t from) {
  Random random(from);
  std::vector<float> values(count);
  for (float& value : values) value = random.below(3) == 0 ? 0.0F : random.symmetric();
  return values;
}

struct Layer {
  DenseSize size;
  std::vector<float> parameters;
  std::vector<float> x;
  std::vector<float> dy;
};

Layer make_layer(DenseSize size) {
  Layer layer{size, random_values((size.inputs + 1) * size.outputs, seed),
              random_values(size.rows * size.inputs, seed + 1),
              random_values(size.rows * size.outputs, seed + 2)};
  layer.parameters.resize(layer.parameters.size() + slack, 0.0F);
  layer.dy.resize(layer.dy.size() + slack, 0.0F);
  return layer;
}

/// What the loops compute for one layer, without what they write past the ends.
struct Answers {
  std::vector<float> y;
  std::vector<float> dx;
  std::vector<float> gradient;
  std::vector<float> descended;
};

Answers answer(const FloatLoops& loops, const Layer& layer, bool rectified) {
  const DenseSize size = layer.size;
  Answers given{std::vector<float>(size.rows * size.outputs + slack),
                std::vector<float>(size.rows * size.inputs),
                std::vector<float>((size.inputs + 1) * size.outputs + slack), layer.parameters};
  loops.forward(layer.parameters.data(), layer.x.data(), given.y.data(), size, rectified);
  loops.backward(layer.parameters.data(), layer.dy.data(), rectified ? layer.x.data() : nullptr,
                 given.dx.data(), size);
  loops.gradient(layer.x.data(), layer.dy.data(), given.gradient.data(), size);
  loops.descend(given.descended.data(), layer.x.data(), layer.dy.data(), 0.1F, size);
  given.y.resize(given.y.size() - slack);
  given.gradient.resize(given.gradient.size() - slack);
  return given;
}

void append(std::vector<float>& to, const std::vector<float>& values) {
  to.insert(to.end(), values.begin(), values.end());
}

/// Everything the loops compute for one layer, in one vector.
std::vector<float> run_all(const FloatLoops& loops, const Layer& layer) {
  const Answers plain = answer(loops, layer, false);
  const Answers cut = answer(loops, layer, true);
  std::vector<float> all;
  for (const Answers* answers : {&plain, &cut})
    for (const auto* part : {&answers->y, &answers->dx, &answers->gradient, &answers->descended})
      append(all, *part);
  const std::size_t count = plain.gradient.size();
  std::vector<float> stepped = layer.parameters;
  std::vector<float> first(count, 0.25F);
  std::vector<float> second(count, 0.5F);
  AdamFactors adam;
  adam.step = {0.01F, 0.999F, 0.5F};
  loops.adam_step(stepped.data(), {first.data(), second.data()}, plain.gradient.data(), count,
                  adam);
  for (const bool nesterov : {false, true})
    loops.momentum_step(stepped.data(), first.data(), plain.gradient.data(), count,
                        {{0.1F, 0.99F, 0.5F}, 0.9F, nesterov});
  loops.sgd_step(stepped.data(), plain.gradient.data(), count, {0.1F, 1.0F, 0.5F});
  loops.sgd_step(stepped.data(), plain.gradient.data(), count, {0.1F, 0.9F, 0.5F});
  for (const auto* part : {&stepped, &first, &second}) append(all, *part);
  all.push_back(loops.norm_squared(all.data(), all.size()));
  std::vector<float> activated = plain.y;
  for (auto* apply : {loops.leaky_relu, loops.relu, loops.tanh, loops.sigmoid}) {
    apply(activated.data(), activated.size());
    append(all, activated);
  }
  loops.softmax(activated.data(), layer.size.rows, layer.size.outputs);
  append(all, activated);
  return all;
}

std::string describe(const FloatLoops& loops, DenseSize size) {
  return std::string(loops.name) + ' ' + std::to_string(size.inputs) + 'x' +
         std::to_string(size.outputs) + 'x' + std::to_string(size.rows);
}

TEST(FloatLoops, EveryExactBuildGivesTheSameBits) {
  const std::vector<const FloatLoops*> exact = builds(Arithmetic::exact);
  for (const DenseSize size : sizes) {
    const Layer layer = make_layer(size);
    const std::vector<float> expected = run_all(*exact.front(), layer);
    for (const FloatLoops* wide : exact) {
      const std::vector<float> given = run_all(*wide, layer);
      ASSERT_EQ(given.size(), expected.size());
      EXPECT_EQ(std::memcmp(given.data(), expected.data(), given.size() * sizeof(float)), 0)
          << describe(*wide, size);
    }
  }
}

/// A sum and the sum of its terms' magnitudes, in double.
struct Sum {
  double value = 0.0;
  double magnitude = 0.0;
  std::size_t terms = 0;
  void add(double a, double b) {
    value += a * b;
    magnitude += std::abs(a * b);
    ++terms;
  }
  void add(float a, float b) { add(static_cast<double>(a), static_cast<double>(b)); }
  void expect(float given, const std::string& what) const {
    EXPECT_NEAR(static_cast<double>(given), value, fused_tolerance(terms) * magnitude + 1e-30)
        << what;
  }
};

void expect_forward(const Layer& layer, const Answers& given, const std::string& what) {
  const DenseSize size = layer.size;
  for (std::size_t r = 0; r < size.rows; ++r)
    for (std::size_t o = 0; o < size.outputs; ++o) {
      Sum sum;
      sum.add(1.0F, layer.parameters[size.inputs * size.outputs + o]);
      for (std::size_t i = 0; i < size.inputs; ++i)
        sum.add(layer.x[r * size.inputs + i], layer.parameters[i * size.outputs + o]);
      sum.expect(given.y[r * size.outputs + o], what + " y");
    }
}

void expect_backward(const Layer& layer, const Answers& given, const std::string& what) {
  const DenseSize size = layer.size;
  for (std::size_t r = 0; r < size.rows; ++r)
    for (std::size_t i = 0; i < size.inputs; ++i) {
      Sum sum;
      for (std::size_t o = 0; o < size.outputs; ++o)
        sum.add(layer.dy[r * size.outputs + o], layer.parameters[i * size.outputs + o]);
      sum.expect(given.dx[r * size.inputs + i], what + " dx");
    }
}

void expect_gradient(const Layer& layer, const Answers& given, const std::string& what) {
  const DenseSize size = layer.size;
  for (std::size_t i = 0; i <= size.inputs; ++i)
    for (std::size_t o = 0; o < size.outputs; ++o) {
      const auto input = [&](std::size_t r) {
        return i < size.inputs ? layer.x[r * size.inputs + i] : 1.0F;
      };
      const std::size_t at = i * size.outputs + o;
      Sum sum;
      for (std::size_t r = 0; r < size.rows; ++r) sum.add(input(r), layer.dy[r * size.outputs + o]);
      sum.expect(given.gradient[at], what + " gradient");
      Sum step;
      step.add(1.0F, layer.parameters[at]);
      step.add(-0.1, static_cast<double>(input(0) * layer.dy[o]));
      step.terms = 4;
      step.expect(given.descended[at], what + " descended");
    }
}

TEST(FloatLoops, FollowTheirFormulasWithinTheTolerance) {
  for (const FloatLoops* loops : all_builds())
    for (const DenseSize size : sizes) {
      const Layer layer = make_layer(size);
      const Answers given = answer(*loops, layer, false);
      const std::string what = describe(*loops, size);
      expect_forward(layer, given, what);
      expect_backward(layer, given, what);
      expect_gradient(layer, given, what);
    }
}

TEST(FloatLoops, CutWhatReluCuts) {
  for (const FloatLoops* loops : all_builds())
    for (const DenseSize size : sizes) {
      const Layer layer = make_layer(size);
      const Answers plain = answer(*loops, layer, false);
      const Answers cut = answer(*loops, layer, true);
      for (std::size_t i = 0; i < plain.y.size(); ++i)
        EXPECT_EQ(cut.y[i], std::max(plain.y[i], 0.0F)) << describe(*loops, size);
      if (size.rows == 1 && size.outputs >= 96)
        continue;  // there x below 0 cannot come from a relu
      for (std::size_t i = 0; i < plain.dx.size(); ++i)
        EXPECT_EQ(cut.dx[i], layer.x[i] > 0.0F ? plain.dx[i] : 0.0F) << describe(*loops, size);
    }
}

/// One pass gives what two give, to the bit.
TEST(FloatLoops, DescendBackIsBackwardThenDescend) {
  for (const FloatLoops* loops : all_builds())
    for (const DenseSize size : sizes) {
      if (size.rows > 1) continue;
      Layer layer = make_layer(size);
      for (const bool relu : {false, true}) {
        if (relu)
          for (float& x : layer.x) x = std::abs(x);
        const Answers expected = answer(*loops, layer, relu);
        std::vector<float> dx(size.inputs);
        std::vector<float> stepped = layer.parameters;
        loops->descend_back(stepped.data(), {layer.x.data(), layer.dy.data(), dx.data(), relu},
                            0.1F, size);
        EXPECT_EQ(dx, expected.dx) << describe(*loops, size) << " relu " << relu;
        EXPECT_EQ(stepped, expected.descended) << describe(*loops, size) << " relu " << relu;
      }
    }
}

/// Adam's step relative to its rate, exact and fused, for slopes from tiny to large.
TEST(FloatLoops, FusedAdamStaysWithinItsTolerance) {
  constexpr std::size_t count = 37;
  const FloatLoops& exact = float_loops(Arithmetic::exact);
  for (const FloatLoops* fused : builds(Arithmetic::fused))
    for (const float size : {1e-2F, 1.0F, 1e6F}) {
      std::vector<float> slopes = random_values(count, seed);
      for (float& slope : slopes) slope *= size;
      const auto run = [&](const FloatLoops& loops) {
        std::vector<float> parameters(count, 0.0F);
        std::vector<float> first(count, 0.1F * size);
        std::vector<float> second(count, 0.2F * size * size);
        AdamFactors factors;
        factors.step.rate = 1.0F;
        loops.adam_step(parameters.data(), {first.data(), second.data()}, slopes.data(), count,
                        factors);
        return parameters;
      };
      const std::vector<float> expected = run(exact);
      const std::vector<float> given = run(*fused);
      for (std::size_t i = 0; i < count; ++i)
        EXPECT_NEAR(static_cast<double>(given[i]), static_cast<double>(expected[i]),
                    fused_adam_tolerance)
            << fused->name << " slopes of " << size;
    }
}

/// What gets no gradient any more fades to 0 or, in the fused loops of Adam, to five last places of
/// 1e-30, and is never a denormal, which is slow.
TEST(FloatLoops, WhatFadesEndsAtZero) {
  for (const FloatLoops* loops : all_builds()) {
    std::vector<float> parameters(19, 1.0F);
    std::vector<float> first(19, 1.0F);
    std::vector<float> second(19, 1e-20F);
    const std::vector<float> none(19, 0.0F);
    AdamFactors adam;
    adam.step = {0.0F, 0.5F, 1.0F};
    for (int i = 0; i < 800; ++i) {
      loops->adam_step(parameters.data(), {first.data(), second.data()}, none.data(), 19, adam);
      EXPECT_NE(std::fpclassify(first[0]), FP_SUBNORMAL) << loops->name << " step " << i;
    }
    for (const float left : first) EXPECT_LE(std::abs(left), 5e-37F) << loops->name;
    std::vector<float> velocity(19, 1.0F);
    for (int i = 0; i < 800; ++i)
      loops->momentum_step(parameters.data(), velocity.data(), none.data(), 19,
                           {{0.0F, 0.5F, 1.0F}, 0.9F, false});
    EXPECT_EQ(velocity, none) << loops->name;
    EXPECT_EQ(parameters, none) << loops->name;
  }
}

TEST(FloatLoops, ActivationsAreCloseToTheExactFunctions) {
  for (const FloatLoops* loops : all_builds()) {
    for (float x = -100.0F; x <= 100.0F; x += 0.0371F) {
      const double exact = static_cast<double>(x);
      float value = x;
      loops->tanh(&value, 1);
      EXPECT_NEAR(static_cast<double>(value), std::tanh(exact), 3e-7) << x;
      value = x;
      loops->leaky_relu(&value, 1);
      EXPECT_EQ(value, x < 0.0F ? 0.01F * x : x);
      value = x;
      loops->sigmoid(&value, 1);
      EXPECT_NEAR(static_cast<double>(value), 1.0 / (1.0 + std::exp(-exact)), 2e-7) << x;
    }
    std::array<float, 6> rows{1000.0F, 999.0F, -1000.0F, 0.0F, 0.0F, 0.0F};
    loops->softmax(rows.data(), 2, 3);
    EXPECT_NEAR(rows[0], 0.7310586F, 1e-6F);
    EXPECT_NEAR(rows[1], 0.2689414F, 1e-6F);
    EXPECT_EQ(rows[2], 0.0F);
    for (std::size_t i = 3; i < 6; ++i) EXPECT_NEAR(rows[i], 1.0F / 3.0F, 1e-6F);
  }
}

TEST(FloatLoops, KeepNanVisible) {
  for (const FloatLoops* loops : all_builds())
    for (auto* apply : {loops->relu, loops->leaky_relu, loops->tanh, loops->sigmoid}) {
      float value = std::nanf("");
      apply(&value, 1);
      EXPECT_TRUE(std::isnan(value)) << loops->name;
    }
}

}  // namespace
}  // namespace haltere::models
