// Packed weights give the bytes that plain ones give, whatever the layer.
#include "models/packer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/bundle.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/random.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::models {
namespace {

using kernels::Activation;
using kernels::Task;
using kernels::WeightPacking;
using Bytes = std::vector<std::uint8_t>;
using Values = std::vector<std::int8_t>;

constexpr std::uint64_t seed = 20261121;
constexpr WeightPacking packings[] = {WeightPacking::dual, WeightPacking::pairs,
                                      WeightPacking::columns, WeightPacking::bytes};

/// Another quantization for each row; shifts over the whole range that can be packed, and beyond to
/// where nothing but the zero point is left.
void vary(BundleLayer& layer, Random& random) {
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    layer.multipliers[o] = static_cast<std::int32_t>(random.next() >> 2U) | 0x40000000;
    if (random.below(8) == 0) layer.multipliers[o] = 0;
    layer.shifts[o] = static_cast<std::int8_t>(-1 - static_cast<int>(random.below(22)));
    if (random.below(8) == 0)
      layer.shifts[o] = static_cast<std::int8_t>(-24 - static_cast<int>(random.below(8)));
    layer.layer_bias[o] = static_cast<std::int32_t>(random.next()) >> 12U;
  }
  const auto a = static_cast<std::int8_t>(random.next());
  const auto b = static_cast<std::int8_t>(random.next());
  layer.clamp_min = random.below(2) == 0 ? std::int8_t{-128} : std::min(a, b);
  layer.clamp_max = random.below(2) == 0 ? std::int8_t{127} : std::max(a, b);
  if (layer.clamp_min > layer.clamp_max) layer.clamp_min = -128;
}

Values run(const Bytes& bytes, const Values& x) {
  const auto view = open(bytes);
  EXPECT_TRUE(view);
  Values scratch(kernels::required_ram_bytes(*view));
  Values outputs(view->outputs);
  std::ranges::copy(x, kernels::bundle_inputs(*view, scratch.data()));
  kernels::run_layers(*view, scratch.data(), outputs.data());
  return outputs;
}

void expect_equal(const Bytes& plain, const Bytes& packed, std::size_t inputs, Random& random) {
  for (int round = 0; round < 12; ++round) {
    Values x(inputs);
    for (auto& value : x) value = static_cast<std::int8_t>(random.next());
    if (round == 0) std::ranges::fill(x, std::int8_t{-128});
    if (round == 1) std::ranges::fill(x, std::int8_t{127});
    ASSERT_EQ(run(packed, x), run(plain, x)) << "round " << round;
  }
}

TEST(Packer, KeepsEveryByteOfTheOutputsForLayersOfAnySize) {
  Random random(seed);
  for (const std::size_t inputs : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 33U, 127U, 300U})
    for (const std::size_t outputs : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 32U}) {
      Bundle bundle =
          sample_bundle(Task::regress, inputs, {{outputs, Activation::relu}}, random.next());
      vary(bundle.layers[0], random);
      const Bytes plain = *encode(bundle);
      for (const WeightPacking packing : packings) {
        SCOPED_TRACE(std::to_string(inputs) + " inputs, " + std::to_string(outputs) +
                     " outputs, packing " + std::to_string(static_cast<int>(packing)));
        const Bytes packed = *pack(plain, packing);
        ASSERT_EQ(open(packed)->packing, packing);
        ASSERT_NO_FATAL_FAILURE(expect_equal(plain, packed, inputs, random));
      }
    }
}

TEST(Packer, KeepsTheOutputsOfWholeNetsWithEveryActivation) {
  Random random(seed);
  std::vector<Bundle> bundles = small_bundles();
  bundles.push_back(example_bundle());
  for (const Bundle& bundle : bundles) {
    const Bytes plain = *encode(bundle);
    for (const WeightPacking packing : packings) {
      const Bytes packed = *pack(plain, packing);
      ASSERT_NO_FATAL_FAILURE(expect_equal(plain, packed, bundle.mean.size(), random));
      EXPECT_TRUE(Int8Model::create(packed)) << "its own self-test";
    }
  }
}

TEST(Packer, SurvivesTheLargestSumsThatItTakes) {
  Random random(seed);
  Bundle bundle = sample_bundle(Task::regress, 512, {{5, Activation::linear}}, 1);
  BundleLayer& layer = bundle.layers[0];
  std::ranges::fill(layer.multipliers, INT32_MAX);
  std::ranges::fill(layer.shifts, std::int8_t{-15});
  // 128 * 512 * 127 is 8,323,072; with these the sum stays just below 2^23.
  layer.layer_bias = {65535, -65535, 0, 65535, -65535};
  for (std::size_t i = 0; i < layer.weights.size(); ++i)
    layer.weights[i] = (i / 512) % 2 == 0 ? std::int8_t{127} : std::int8_t{-127};
  const Bytes plain = *encode(bundle);
  for (const WeightPacking packing : packings) {
    const Bytes packed = *pack(plain, packing);
    ASSERT_EQ(open(packed)->packing, packing);
    ASSERT_NO_FATAL_FAILURE(expect_equal(plain, packed, 512, random));
  }
  layer.layer_bias[3] = 65536;
  const Bytes larger = *encode(bundle);
  EXPECT_EQ(*pack(larger, WeightPacking::dual), larger) << "one more needs a 25th bit";
}

TEST(Packer, LeavesALayerPlainThatNoKernelTakes) {
  Random random(seed);
  Bundle bundle = sample_bundle(
      Task::regress, 6, {{9, Activation::relu}, {5, Activation::relu}, {3, Activation::linear}}, 2);
  bundle.layers[1].shifts[2] = 0;
  const Bytes plain = *encode(bundle);
  for (const WeightPacking packing : packings) {
    const Bytes packed = *pack(plain, packing);
    ASSERT_NO_FATAL_FAILURE(expect_equal(plain, packed, 6, random));
    const auto view = open(packed);
    const kernels::LayerView first = kernels::read_layer(view->layers);
    EXPECT_EQ(first.dense.packing, packing);
    EXPECT_EQ(kernels::read_layer(first.next).dense.packing, WeightPacking::plain);
  }
  for (auto& layer : bundle.layers) layer.shifts[0] = 1;
  const Bytes none = *encode(bundle);
  EXPECT_EQ(*pack(none, WeightPacking::pairs), none);
}

TEST(Packer, RefusesWhatIsPackedAlreadyOrNoBundle) {
  const Bytes packed = *pack(*encode(example_bundle()), WeightPacking::columns);
  EXPECT_EQ(pack(packed, WeightPacking::dual).error().kind, ErrorKind::invalid);
  EXPECT_EQ(decode(packed).error().kind, ErrorKind::invalid);
  EXPECT_FALSE(pack(Bytes(50), WeightPacking::dual));
}

TEST(Packer, CostsTheFlashAndTheMemoryThatTheFormatSays) {
  const Bytes plain = *encode(example_bundle());
  EXPECT_EQ(plain.size(), 3192U);
  for (const WeightPacking packing : packings) EXPECT_EQ(pack(plain, packing)->size(), 3632U);
  EXPECT_EQ(open(plain)->scratch_bytes, 84U);
  EXPECT_EQ(open(*pack(plain, WeightPacking::dual))->scratch_bytes, 84U + 72U);
  EXPECT_EQ(open(*pack(plain, WeightPacking::pairs))->scratch_bytes, 84U + 216U);
  EXPECT_EQ(open(*pack(plain, WeightPacking::columns))->scratch_bytes, 84U + 36U);
  EXPECT_EQ(open(*pack(plain, WeightPacking::bytes))->scratch_bytes, 84U);
}

}  // namespace
}  // namespace haltere::models
