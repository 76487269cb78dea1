// Every case of models/format.md that a reader must refuse.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "models/bundle.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/packed_groups.hpp"
#include "models/packer.hpp"
#include "tests/models/sample_bundle.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
using kernels::Activation;
using kernels::BundleError;
using kernels::Task;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t nan_bits = 0x7fc00000U;

std::vector<Bytes> small_files() {
  std::vector<Bytes> files;
  for (const auto& bundle : small_bundles()) files.push_back(*encode(bundle));
  // Packed ones too, each for another core class.
  for (std::uint8_t packing = 1; packing < kernels::weight_packings; ++packing)
    files.push_back(*pack(files[packing % 4], static_cast<kernels::WeightPacking>(packing)));
  return files;
}

BundleError open_error(const Bytes& bytes) {
  kernels::BundleView view{};
  return kernels::open_bundle(bytes.data(), bytes.size(), view);
}

/// The error of `bytes` with `value` at `offset` and the CRC made to fit.
template <typename T>
BundleError error_with(Bytes bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  fix_crc(bytes);
  return open_error(bytes);
}

/// Where the sections of a file start.
struct Places {
  std::size_t recipe = 0, normalisation = 0, layers = 0, labels = 0, task = 0, self_test = 0;
};

Places places_of(const Bytes& bytes) {
  const auto opened = open(bytes);
  const kernels::BundleView& view = *opened;
  const auto offset = [&](const std::uint8_t* p) {
    return static_cast<std::size_t>(p - view.bytes);
  };
  return {offset(view.recipe.bytes), offset(view.normalisation), offset(view.layers),
          offset(view.labels),       offset(view.task_data),     offset(view.self_test)};
}

/// Whatever the values, nothing of a mapped bundle lies outside it.
void expect_sections_within(const kernels::BundleView& view) {
  const std::uint8_t* layer = view.layers;
  std::uint16_t inputs = view.inputs;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView read = kernels::read_layer(layer);
    ASSERT_EQ(read.dense.inputs, inputs);
    inputs = read.dense.outputs;
    layer = read.next;
  }
  EXPECT_EQ(inputs, view.outputs);
  EXPECT_EQ(layer, view.labels);
  EXPECT_EQ(view.recipe.bytes + view.recipe.size, view.normalisation);
  EXPECT_EQ(view.self_test + std::size_t{4} * view.inputs + kernels::padded_to_4(view.outputs) +
                at::crc_bytes,
            view.bytes + view.size);
  std::size_t features = 0;
  for (std::uint8_t i = 0; i < view.recipe.feature_count; ++i) {
    const auto feature = kernels::recipe_feature(view.recipe, i);
    features += feature.kind == kernels::FeatureKind::band_power ? feature.bands : 1U;
  }
  EXPECT_EQ(features * view.recipe.channel_count, view.inputs);
}

Bytes classifier() { return *encode(small_bundles()[0]); }
Bytes regressor() { return *encode(small_bundles()[1]); }
Bytes autoencoder() { return *encode(small_bundles()[2]); }

TEST(BundleCorruption, AcceptsTheSamplesAsTheyAre) {
  for (const auto& bytes : small_files()) EXPECT_EQ(open_error(bytes), BundleError::none);
}

TEST(BundleCorruption, RefusesMisalignedMemory) {
  const Bytes good = classifier();
  Bytes shifted(good.size() + 4);
  kernels::BundleView view{};
  for (std::size_t shift = 1; shift < 4; ++shift) {
    std::ranges::copy(good, shifted.begin() + static_cast<std::ptrdiff_t>(shift));
    EXPECT_EQ(kernels::open_bundle(shifted.data() + shift, good.size(), view),
              BundleError::misaligned);
  }
}

TEST(BundleCorruption, RefusesEveryFlippedBit) {
  for (auto bytes : small_files())
    for (std::size_t i = 0; i < bytes.size(); ++i)
      for (unsigned bit = 0; bit < 8; ++bit) {
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (1U << bit));
        ASSERT_NE(open_error(bytes), BundleError::none) << "byte " << i << " bit " << bit;
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (1U << bit));
      }
}

TEST(BundleCorruption, SurvivesEveryChangedByteWithAFittingCrc) {
  std::size_t refused = 0;
  for (const auto& good : small_files())
    for (std::size_t i = 0; i + 4 < good.size(); ++i)
      for (const unsigned change : {0x01U, 0x80U, 0x7FU, 0xFFU}) {
        Bytes bytes = good;
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ change);
        fix_crc(bytes);
        kernels::BundleView mapped{};
        const bool fits =
            kernels::map_bundle(bytes.data(), bytes.size(), mapped) == BundleError::none;
        if (fits) expect_sections_within(mapped);
        auto model = Int8Model::create(bytes);
        if (model) {
          ASSERT_TRUE(fits) << "byte " << i << ": it looks at less";
          EXPECT_EQ(mapped.scratch_bytes, model->view().scratch_bytes);
        }
        if (!model) {
          ++refused;
          continue;
        }
        // What is still a bundle runs within its bounds; the sanitizers watch.
        std::vector<float> features(model->view().inputs, 1e3F);
        model->run(features);
        EXPECT_FALSE(describe(model->view()).empty());
      }
  EXPECT_GT(refused, 0U);
}

TEST(BundleCorruption, RefusesEveryTruncation) {
  for (const auto& good : small_files())
    for (std::size_t size = 0; size < good.size(); ++size) {
      Bytes bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_NE(open_error(bytes), BundleError::none) << size;
      if (size < at::header_bytes + at::crc_bytes) continue;
      // Even if its header and CRC were made to fit.
      bytes.resize(size / 4 * 4);
      const auto length = static_cast<std::uint32_t>(bytes.size());
      EXPECT_NE(error_with(bytes, at::total_length, length), BundleError::none) << size;
    }
}

TEST(BundleCorruption, RefusesTrailingBytes) {
  for (auto bytes : small_files()) {
    bytes.push_back(0);
    EXPECT_EQ(open_error(bytes), BundleError::wrong_length);
    bytes.insert(bytes.end(), 3, 0);
    const auto length = static_cast<std::uint32_t>(bytes.size());
    EXPECT_EQ(error_with(bytes, at::total_length, length), BundleError::wrong_length);
  }
}

TEST(BundleCorruption, RefusesAnotherMagic) {
  EXPECT_EQ(error_with(classifier(), at::magic, std::uint8_t{'h'}), BundleError::wrong_magic);
  EXPECT_EQ(open_error(Bytes(200)), BundleError::wrong_magic);
  EXPECT_EQ(open_error(Bytes(8)), BundleError::too_short);
  EXPECT_EQ(open_error(Bytes()), BundleError::too_short);
}

TEST(BundleCorruption, RefusesAnotherVersion) {
  EXPECT_EQ(error_with(classifier(), at::format_version, std::uint16_t{2}),
            BundleError::unsupported_version);
}

TEST(BundleCorruption, RefusesCountsThatDoNotFit) {
  const Bytes good = classifier();
  for (const std::size_t field : {at::inputs, at::outputs, at::label_count})
    for (const unsigned value : {0U, 1U, 4U, 1000U, 4096U, 4097U, 65535U})
      EXPECT_NE(error_with(good, field, static_cast<std::uint16_t>(value)), BundleError::none)
          << field << " " << value;
  for (const unsigned value : {0U, 1U, 3U, 16U, 17U, 255U})
    EXPECT_NE(error_with(good, at::layer_count, static_cast<std::uint8_t>(value)),
              BundleError::none);
  EXPECT_EQ(error_with(good, at::total_length, std::uint32_t{0xfffffffcU}),
            BundleError::wrong_length);
  const std::size_t layer = places_of(good).layers;
  EXPECT_EQ(error_with(good, layer + at::layer_outputs, std::uint16_t{4096}),
            BundleError::wrong_length);
}

TEST(BundleCorruption, RefusesReservedBytes) {
  const Bytes good = classifier();
  for (std::size_t i = 0; i < at::reserved_bytes; ++i)
    EXPECT_EQ(error_with(good, at::reserved + i, std::uint8_t{1}), BundleError::bad_header) << i;
  for (std::size_t i = 0; i < at::reserved_provenance_bytes; ++i)
    EXPECT_EQ(error_with(good, at::reserved_provenance + i, std::uint8_t{1}),
              BundleError::bad_provenance);
  const Places places = places_of(good);
  EXPECT_EQ(error_with(good, places.layers + at::layer_reserved, std::uint8_t{1}),
            BundleError::bad_layer);
  const std::size_t shifts = places.layers + at::layer_header_bytes + std::size_t{8} * 5;
  EXPECT_EQ(error_with(good, shifts + 5, std::uint8_t{1}), BundleError::bad_layer);  // 5 of 8 used
  EXPECT_EQ(error_with(good, shifts + 8 + 15, std::uint8_t{1}),
            BundleError::bad_layer);  // 15 of 16
  EXPECT_EQ(error_with(good, places.task + 1, std::uint8_t{1}), BundleError::bad_task);
  EXPECT_EQ(error_with(good, places.self_test + 12 + 2, std::uint8_t{1}),
            BundleError::bad_self_test);
}

TEST(BundleCorruption, RefusesUnknownCodes) {
  const Bytes good = classifier();
  const std::size_t layer = places_of(good).layers;
  EXPECT_EQ(error_with(good, at::task, std::uint8_t{3}), BundleError::bad_header);
  EXPECT_EQ(error_with(good, at::packing_class, kernels::weight_packings),
            BundleError::unsupported_packing);
  EXPECT_EQ(error_with(good, at::seal_kind, std::uint8_t{2}), BundleError::unsupported_seal);
  EXPECT_EQ(error_with(good, layer + at::layer_activation, std::uint8_t{6}),
            BundleError::bad_layer);
  EXPECT_EQ(error_with(good, layer + at::layer_packing, std::uint8_t{1}), BundleError::bad_layer);
}

TEST(BundleCorruption, RefusesPackedRowsOutOfRange) {
  namespace groups = kernels::packed_groups;
  const Bytes good = *pack(classifier(), kernels::WeightPacking::dual);
  ASSERT_EQ(open_error(good), BundleError::none);
  const std::size_t layer = places_of(good).layers;
  const std::size_t last_row =
      layer + at::layer_header_bytes + groups::layer_bytes(3, 5) - groups::row_bytes;
  for (const std::size_t row :
       {last_row, last_row - groups::row_bytes, last_row - groups::group_bytes(3)}) {
    for (const std::uint32_t shift : {0U, groups::max_shift + 1, 0x80000001U, 0x101U})
      EXPECT_EQ(error_with(good, row + groups::row_shift, shift), BundleError::bad_layer);
    EXPECT_EQ(error_with(good, row + groups::row_multiplier, std::int32_t{-1}),
              BundleError::bad_layer);
  }
  EXPECT_EQ(error_with(good, layer + at::layer_packing, std::uint8_t{2}), BundleError::bad_layer)
      << "a layer is plain, or packed as the bundle says";
  EXPECT_NE(error_with(good, layer + at::layer_packing, std::uint8_t{0}), BundleError::none);
  EXPECT_EQ(error_with(good, at::packing_class, std::uint8_t{0}), BundleError::bad_layer);
}

TEST(BundleCorruption, RefusesScalesThatAreNone) {
  const Bytes good = classifier();
  const std::size_t layer = places_of(good).layers;
  for (const float scale : {0.0F, -0.1F, 1e-40F, INFINITY, NAN}) {
    EXPECT_EQ(error_with(good, at::input_scale, scale), BundleError::bad_header) << scale;
    EXPECT_EQ(error_with(good, at::output_scale, scale), BundleError::bad_header) << scale;
    EXPECT_EQ(error_with(good, layer + at::layer_output_scale, scale), BundleError::bad_layer);
  }
}

TEST(BundleCorruption, RefusesBadTexts) {
  const Bytes good = classifier();
  const std::size_t label = places_of(good).labels;
  EXPECT_EQ(error_with(good, at::model_id, '\0'), BundleError::bad_provenance);
  EXPECT_EQ(error_with(good, at::model_id, '\xff'), BundleError::bad_provenance);
  EXPECT_EQ(error_with(good, at::model_id + 15, 'x'), BundleError::bad_provenance);
  EXPECT_EQ(error_with(good, at::version, std::uint32_t{0}), BundleError::bad_provenance);
  EXPECT_EQ(error_with(good, label, '\0'), BundleError::bad_labels);
  EXPECT_EQ(error_with(good, label, '\n'), BundleError::bad_labels);
  EXPECT_EQ(error_with(good, label + 16 + 15, 'x'), BundleError::bad_labels);
}

TEST(BundleCorruption, RefusesNumbersThatAreNotFinite) {
  const Bytes good = classifier();
  const Places places = places_of(good);
  EXPECT_EQ(error_with(good, at::prequential_score, nan_bits), BundleError::bad_provenance);
  EXPECT_EQ(error_with(good, at::held_back_score, nan_bits), BundleError::bad_provenance);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(error_with(good, places.normalisation + 4 * i, nan_bits),
              BundleError::bad_normalisation);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(error_with(good, places.self_test + 4 * i, nan_bits), BundleError::bad_self_test);
  const Bytes regression = regressor();
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(error_with(regression, places_of(regression).task + 4 * i, nan_bits),
              BundleError::bad_task);
}

TEST(BundleCorruption, RefusesRecipesThatDoNotFit) {
  const Bytes good = classifier();
  const std::size_t recipe = places_of(good).recipe;
  EXPECT_EQ(error_with(good, recipe, nan_bits), BundleError::bad_recipe);
  EXPECT_EQ(error_with(good, recipe + 8, std::uint16_t{2}), BundleError::bad_recipe);
  EXPECT_EQ(error_with(good, recipe + 8, std::uint16_t{4096}), BundleError::bad_recipe);
  EXPECT_EQ(error_with(good, recipe + 10, std::uint8_t{1}), BundleError::bad_recipe);
  EXPECT_EQ(error_with(good, recipe + 11, std::uint8_t{31}), BundleError::bad_recipe);
}

TEST(BundleCorruption, RefusesLayerValuesOutOfRange) {
  const Bytes good = classifier();
  const std::size_t layer = places_of(good).layers;
  const std::size_t multipliers = layer + at::layer_header_bytes;
  const std::size_t bias = multipliers + std::size_t{4} * 5;
  const std::size_t shifts = bias + std::size_t{4} * 5;
  const auto refused = [&](std::size_t offset, auto value) {
    return error_with(good, offset, value) == BundleError::bad_layer;
  };
  EXPECT_TRUE(refused(layer + at::layer_clamp_max, std::int8_t{-128}));
  EXPECT_TRUE(refused(multipliers, std::int32_t{1}));
  EXPECT_TRUE(refused(multipliers, std::int32_t{-1}));
  EXPECT_TRUE(refused(bias, std::int32_t{(1 << 30) + 1}));
  EXPECT_TRUE(refused(bias, INT32_MIN));
  EXPECT_TRUE(refused(shifts, std::int8_t{16}));
  EXPECT_TRUE(refused(shifts, std::int8_t{-32}));
  EXPECT_TRUE(refused(shifts + 8, std::int8_t{-128}));
  EXPECT_TRUE(refused(layer + at::layer_softmax_shift, std::int8_t{1}));
  EXPECT_TRUE(refused(layer + at::layer_softmax_multiplier, std::int32_t{1 << 30}));
}

TEST(BundleCorruption, RefusesShiftsThatCouldOverflow) {
  Bundle bundle = small_bundles()[1];  // 2 inputs: sums up to 32768 + |layer_bias|
  bundle.layers[0].shifts = {15};
  bundle.layers[0].layer_bias = {32767};
  EXPECT_TRUE(encode(bundle));
  bundle.layers[0].layer_bias = {32768};
  EXPECT_FALSE(encode(bundle));
  bundle.layers[0].layer_bias = {-32768};
  EXPECT_FALSE(encode(bundle));
}

TEST(BundleCorruption, RefusesLayersThatDoNotFit) {
  const Bytes good = classifier();
  const Places places = places_of(good);
  EXPECT_EQ(error_with(good, places.layers + at::layer_inputs, std::uint16_t{2}),
            BundleError::bad_layer);
  EXPECT_EQ(error_with(good, at::output_zero_point, std::int8_t{0}), BundleError::bad_layer);
  EXPECT_EQ(error_with(good, at::output_scale, 0.5F), BundleError::bad_layer);
  Bundle early = small_bundles()[0];
  early.layers[0].activation = Activation::softmax;
  early.layers[0].softmax = early.layers[1].softmax;
  EXPECT_FALSE(encode(early));
  EXPECT_FALSE(encode(sample_bundle(Task::classify, 2, {{257, Activation::softmax}}, 1)));
  EXPECT_TRUE(encode(sample_bundle(Task::classify, 2, {{256, Activation::softmax}}, 1)));
}

TEST(BundleCorruption, RefusesAnAutoencoderOnTwoScales) {
  EXPECT_EQ(error_with(autoencoder(), at::input_zero_point, std::int8_t{99}),
            BundleError::bad_task);
  EXPECT_EQ(error_with(autoencoder(), at::input_scale, 0.5F), BundleError::bad_task);
}

TEST(BundleCorruption, FindsASelfTestMismatch) {
  for (auto bytes : small_files()) {
    const auto view = open(bytes);
    const std::size_t expected = places_of(bytes).self_test + std::size_t{4} * view->inputs;
    bytes[expected] = static_cast<std::uint8_t>(bytes[expected] ^ 1U);
    fix_crc(bytes);
    EXPECT_EQ(open_error(bytes), BundleError::none);
    const auto model = Int8Model::create(bytes);
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find("self-test"), std::string::npos);
  }
}

}  // namespace
}  // namespace haltere::models
