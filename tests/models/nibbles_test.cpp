// int4 weights give the bytes that the same weights give as int8, from fewer bytes of bundle.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "models/bundle.hpp"
#include "models/head_merge.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/dense_s4.hpp"
#include "models/packer.hpp"
#include "models/random.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
namespace nibbles = kernels::nibbles;
using kernels::Activation;
using kernels::BundleError;
using kernels::Task;
using kernels::WeightPacking;
using Bytes = std::vector<std::uint8_t>;
using Values = std::vector<std::int8_t>;

constexpr std::uint64_t seed = 20261122;

Values run(const Bytes& bytes, const Values& x) {
  const auto view = open(bytes);
  EXPECT_TRUE(view);
  Values scratch(kernels::required_ram_bytes(*view));
  Values outputs(view->outputs);
  std::ranges::copy(x, kernels::bundle_inputs(*view, scratch.data()));
  kernels::run_layers(*view, scratch.data(), outputs.data());
  return outputs;
}

Bytes with_packing(Bundle bundle, WeightPacking packing) {
  for (BundleLayer& layer : bundle.layers) layer.packing = packing;
  return *encode(bundle);
}

void expect_equal(const Bytes& one, const Bytes& other, std::size_t inputs, Random& random) {
  for (int round = 0; round < 12; ++round) {
    Values x(inputs);
    for (auto& value : x) value = static_cast<std::int8_t>(random.next());
    if (round == 0) std::ranges::fill(x, std::int8_t{-128});
    if (round == 1) std::ranges::fill(x, std::int8_t{127});
    ASSERT_EQ(run(one, x), run(other, x)) << "round " << round;
  }
}

Bundle one_layer(std::size_t inputs, std::size_t outputs, Random& random) {
  Bundle bundle = sample_bundle(
      Task::regress, inputs, {{outputs, Activation::relu, WeightPacking::nibbles}}, random.next());
  BundleLayer& layer = bundle.layers[0];
  for (std::size_t o = 0; o < outputs; ++o)
    layer.shifts[o] = static_cast<std::int8_t>(2 - static_cast<int>(random.below(14)));
  return bundle;
}

TEST(Nibbles, GiveTheBytesOfInt8ForLayersOfAnySize) {
  Random random(seed);
  for (const std::size_t inputs : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 33U, 127U, 300U})
    for (const std::size_t outputs : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 33U}) {
      SCOPED_TRACE(std::to_string(inputs) + " inputs, " + std::to_string(outputs) + " outputs");
      const Bundle bundle = one_layer(inputs, outputs, random);
      const Bytes small = *encode(bundle);
      const Bytes plain = with_packing(bundle, WeightPacking::plain);
      ASSERT_NO_FATAL_FAILURE(expect_equal(plain, small, inputs, random));
      EXPECT_EQ(decode(small)->layers[0].weights, bundle.layers[0].weights);
      EXPECT_EQ(plain.size() - small.size(),
                (inputs * outputs + 3) / 4 * 4 - ((outputs + 3) / 4 * inputs * 2 + 3) / 4 * 4);
    }
}

TEST(Nibbles, SurviveTheLargestSums) {
  Random random(seed);
  for (const std::int8_t weight : {nibbles::largest, std::int8_t{-nibbles::largest}}) {
    Bundle bundle = one_layer(4096, 5, random);
    std::ranges::fill(bundle.layers[0].weights, weight);
    std::ranges::fill(bundle.layers[0].shifts, std::int8_t{-16});
    ASSERT_NO_FATAL_FAILURE(
        expect_equal(with_packing(bundle, WeightPacking::plain), *encode(bundle), 4096, random));
  }
}

TEST(Nibbles, StayWhatTheyAreBesideLayersPackedForACore) {
  Random random(seed);
  const Bundle bundle = sample_bundle(Task::classify, 9,
                                      {{20, Activation::relu, WeightPacking::nibbles},
                                       {10, Activation::tanh},
                                       {3, Activation::softmax}},
                                      2);
  const Bytes mixed = *encode(bundle);
  const Bytes plain = with_packing(bundle, WeightPacking::plain);
  for (const auto packing :
       {WeightPacking::dual, WeightPacking::pairs, WeightPacking::columns, WeightPacking::bytes}) {
    const Bytes packed = *pack(mixed, packing);
    const auto view = open(packed);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->packing, packing);
    EXPECT_EQ(kernels::read_layer(view->layers).dense.packing, WeightPacking::nibbles);
    ASSERT_NO_FATAL_FAILURE(expect_equal(plain, packed, 9, random));
  }
  const Bytes alone = *encode(one_layer(9, 4, random));
  EXPECT_EQ(*pack(alone, WeightPacking::dual), alone);
}

TEST(Nibbles, AreRefusedWhereTheyCannotBe) {
  Random random(seed);
  const Bundle bundle = one_layer(3, 5, random);
  const Bytes good = *encode(bundle);
  const auto view = open(good);
  const auto layer = static_cast<std::size_t>(view->layers - view->bytes);
  const std::size_t weights = layer + at::layer_header_bytes + std::size_t{5} * 8 + 8;
  const auto error_with = [&](std::size_t offset, std::uint8_t value) {
    Bytes bytes = good;
    bytes[offset] = value;
    fix_crc(bytes);
    kernels::BundleView other{};
    return kernels::open_bundle(bytes.data(), bytes.size(), other);
  };
  ASSERT_EQ(error_with(weights, good[weights]), BundleError::none);
  EXPECT_EQ(error_with(weights, good[weights] & 0xf0U), BundleError::bad_layer) << "-8";
  EXPECT_EQ(error_with(weights, good[weights] & 0x0fU), BundleError::bad_layer) << "-8";
  EXPECT_EQ(error_with(weights + 6, good[weights + 6] | 0x10U), BundleError::bad_layer)
      << "of a sixth row";
  EXPECT_EQ(error_with(weights + 7, 1), BundleError::bad_layer) << "of a seventh row";
  EXPECT_EQ(error_with(at::packing_class, static_cast<std::uint8_t>(WeightPacking::nibbles)),
            BundleError::unsupported_packing)
      << "of layers, not of bundles";
  Bundle wide = bundle;
  wide.layers[0].weights[4] = 8;
  EXPECT_EQ(encode(wide).error().kind, ErrorKind::invalid);
  wide.layers[0].packing = WeightPacking::dual;
  EXPECT_EQ(encode(wide).error().kind, ErrorKind::invalid);
}

TEST(Nibbles, ArePaddedWithZeros) {
  Random random(seed);
  Bytes bytes = *encode(one_layer(3, 4, random));  // 6 of 8 bytes
  const auto view = open(bytes);
  const kernels::LayerView layer = kernels::read_layer(view->layers);
  bytes[static_cast<std::size_t>(layer.next - view->bytes) - 1] = 1;
  fix_crc(bytes);
  EXPECT_FALSE(open(bytes));
}

TEST(Nibbles, BecomeInt8WhereTheMicrocontrollerLearned) {
  Bundle bundle = example_bundle();
  BundleLayer& last = bundle.layers.back();
  last.packing = WeightPacking::nibbles;
  for (auto& weight : last.weights) weight = static_cast<std::int8_t>(weight % 8);
  const std::vector<float> delta(last.outputs * (last.inputs + 1), 0.01F);
  const auto merged = merge_head(bundle, delta);
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->layers.back().packing, WeightPacking::plain);
  EXPECT_TRUE(encode(*merged));
}

}  // namespace
}  // namespace haltere::models
