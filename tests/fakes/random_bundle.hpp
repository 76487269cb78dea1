#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "models/bundle.hpp"

namespace haltere::fakes {

struct RandomNet {
  std::vector<std::size_t> sizes;                ///< inputs, then units of each layer
  std::vector<kernels::Activation> activations;  ///< of hidden layers, then of the last one
  bool per_channel = true;
  bool relu_is_int8 = false;         ///< relu has its zero point at -128, as quantizers put it
  std::size_t int4_from = SIZE_MAX;  ///< layers of as many weights have them in 4 bits
  kernels::Task task = kernels::Task::classify;
  std::uint32_t version = 1;
  std::string id = "random";
};

/// A bundle of random weights, scaled so that activations use their range. Aborts when the format
/// does not allow it.
std::vector<std::uint8_t> random_bundle(const RandomNet& net, std::mt19937& random);

/// As above with relu and softmax over `sizes`, the weights told by the version.
std::vector<std::uint8_t> bundle_of(std::uint32_t version,
                                    std::vector<std::size_t> sizes = {9, 12, 4});

/// As above with a window recipe: every feature over `channels` channels of `samples` samples; the
/// net's inputs follow from it.
std::vector<std::uint8_t> random_window_bundle(std::uint16_t channels, std::uint16_t samples,
                                               std::mt19937& random);

/// Features that reach saturation, ties and NaN now and then.
std::vector<float> random_features(std::size_t count, std::mt19937& random);

/// A random shape with at most `most_units` units per layer.
RandomNet random_net(std::size_t most_units, std::mt19937& random);

}  // namespace haltere::fakes
