#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/bundle.hpp"

namespace haltere::models {

/// A valid bundle with random weights, a recipe of `inputs` channels and a layer per entry of
/// `layers`; the last layer's activation suits `task`. Same seed, same bundle.
struct SampleLayer {
  std::size_t outputs = 0;
  kernels::Activation activation = kernels::Activation::relu;
  kernels::WeightPacking packing = kernels::WeightPacking::plain;
};
[[nodiscard]] Bundle sample_bundle(kernels::Task task, std::size_t inputs,
                                   const std::vector<SampleLayer>& layers, std::uint64_t seed);

/// The bundle of format.md's example: 36-32-16-6, relu, relu, softmax.
[[nodiscard]] Bundle example_bundle();

/// Small ones of each kind, for tests that go through every byte.
[[nodiscard]] std::vector<Bundle> small_bundles();

/// Makes the CRC at the end fit the bytes before it.
void fix_crc(std::vector<std::uint8_t>& bytes);

}  // namespace haltere::models
