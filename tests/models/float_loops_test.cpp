#include "models/float_loops.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::models {
namespace {

constexpr std::uint64_t seed = 20260106;
constexpr std::array<DenseSize, 7> sizes{
    {{36, 32, 1}, {16, 6, 1}, {5, 1, 7}, {33, 17, 4}, {1, 130, 3}, {64, 64, 33}, {7, 15, 2}}};

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
  layer.parameters.resize(layer.parameters.size() + parameter_slack, 0.0F);
  return layer;
}

/// Everything the loops compute for one layer, in one vector.
std::vector<float> run_all(const FloatLoops& loops, const Layer& layer) {
  const DenseSize size = layer.size;
  std::vector<float> y(size.rows * size.outputs);
  std::vector<float> dx(size.rows * size.inputs);
  std::vector<float> gradient((size.inputs + 1) * size.outputs);
  loops.forward(layer.parameters.data(), layer.x.data(), y.data(), size);
  loops.backward(layer.parameters.data(), layer.dy.data(), dx.data(), size);
  loops.gradient(layer.x.data(), layer.dy.data(), gradient.data(), size);
  std::vector<float> stepped = layer.parameters;
  loops.descend(stepped.data(), layer.x.data(), layer.dy.data(), 0.1F, size);
  std::vector<float> first(gradient.size(), 0.25F);
  std::vector<float> second(gradient.size(), 0.5F);
  AdamFactors factors;
  factors.rate = 0.01F;
  loops.adam_step(stepped.data(), {first.data(), second.data()}, gradient.data(), gradient.size(),
                  factors);
  loops.momentum_step(stepped.data(), first.data(), gradient.data(), gradient.size(), {0.1F, 0.9F});
  std::vector<float> all;
  for (const auto* part : {&y, &dx, &gradient, &stepped, &first, &second})
    all.insert(all.end(), part->begin(), part->end());
  all.push_back(loops.norm_squared(all.data(), all.size()));
  for (auto* apply : {loops.tanh, loops.sigmoid, loops.softmax}) {
    std::vector<float> activated(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(y.size()));
    apply(activated.data(), activated.size());
    all.insert(all.end(), activated.begin(), activated.end());
  }
  return all;
}

TEST(FloatLoops, EveryBuildGivesTheSameBits) {
  for (const char* name : {"avx2", "avx512"}) {
    const FloatLoops* wide = find_float_loops(name);
    if (wide == nullptr) continue;  // this CPU does not run it
    for (const DenseSize size : sizes) {
      const Layer layer = make_layer(size);
      const std::vector<float> expected = run_all(*find_float_loops("base"), layer);
      const std::vector<float> given = run_all(*wide, layer);
      ASSERT_EQ(given.size(), expected.size());
      EXPECT_EQ(std::memcmp(given.data(), expected.data(), given.size() * sizeof(float)), 0)
          << name << ' ' << size.inputs << 'x' << size.outputs << 'x' << size.rows;
    }
  }
}

TEST(FloatLoops, FollowTheirFormulas) {
  for (const DenseSize size : sizes) {
    const Layer layer = make_layer(size);
    std::vector<float> y(size.rows * size.outputs);
    std::vector<float> dx(size.rows * size.inputs);
    std::vector<float> gradient((size.inputs + 1) * size.outputs);
    float_loops().forward(layer.parameters.data(), layer.x.data(), y.data(), size);
    float_loops().backward(layer.parameters.data(), layer.dy.data(), dx.data(), size);
    float_loops().gradient(layer.x.data(), layer.dy.data(), gradient.data(), size);
    const auto w = [&](std::size_t i, std::size_t o) {
      return static_cast<double>(layer.parameters[i * size.outputs + o]);
    };
    for (std::size_t r = 0; r < size.rows; ++r) {
      for (std::size_t o = 0; o < size.outputs; ++o) {
        double sum = w(size.inputs, o);
        for (std::size_t i = 0; i < size.inputs; ++i)
          sum += static_cast<double>(layer.x[r * size.inputs + i]) * w(i, o);
        EXPECT_NEAR(static_cast<double>(y[r * size.outputs + o]), sum, 1e-5);
      }
      for (std::size_t i = 0; i < size.inputs; ++i) {
        double sum = 0.0;
        for (std::size_t o = 0; o < size.outputs; ++o)
          sum += static_cast<double>(layer.dy[r * size.outputs + o]) * w(i, o);
        EXPECT_NEAR(static_cast<double>(dx[r * size.inputs + i]), sum, 1e-5);
      }
    }
    for (std::size_t i = 0; i <= size.inputs; ++i)
      for (std::size_t o = 0; o < size.outputs; ++o) {
        double sum = 0.0;
        for (std::size_t r = 0; r < size.rows; ++r) {
          const float input = i < size.inputs ? layer.x[r * size.inputs + i] : 1.0F;
          sum += static_cast<double>(input * layer.dy[r * size.outputs + o]);
        }
        EXPECT_NEAR(static_cast<double>(gradient[i * size.outputs + o]), sum, 1e-5);
      }
  }
}

TEST(FloatLoops, ActivationsAreCloseToTheExactFunctions) {
  for (float x = -100.0F; x <= 100.0F; x += 0.0371F) {
    const double exact = static_cast<double>(x);
    float value = x;
    float_loops().tanh(&value, 1);
    EXPECT_NEAR(static_cast<double>(value), std::tanh(exact), 3e-7) << x;
    value = x;
    float_loops().sigmoid(&value, 1);
    EXPECT_NEAR(static_cast<double>(value), 1.0 / (1.0 + std::exp(-exact)), 2e-7) << x;
  }
  std::array<float, 3> row{1000.0F, 999.0F, -1000.0F};
  float_loops().softmax(row.data(), row.size());
  EXPECT_NEAR(row[0], 0.7310586F, 1e-6F);
  EXPECT_NEAR(row[1], 0.2689414F, 1e-6F);
  EXPECT_NEAR(row[2], 0.0F, 1e-30F);
}

TEST(FloatLoops, KeepNanVisible) {
  for (auto* apply : {float_loops().relu, float_loops().tanh, float_loops().sigmoid}) {
    float value = std::nanf("");
    apply(&value, 1);
    EXPECT_TRUE(std::isnan(value));
  }
}

}  // namespace
}  // namespace haltere::models
