#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace haltere::models {

/// Seeded generator whose sequence is the same on every machine and library (xoshiro128++, Blackman
/// and Vigna 2019). `state` is plain, to be saved and restored.
struct Random {
  std::array<std::uint32_t, 4> state{};

  explicit Random(std::uint64_t seed = 1) {
    for (auto& word : state) {  // SplitMix64 spreads the seed, as the authors advise
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
      word = static_cast<std::uint32_t>((z ^ (z >> 31U)) >> 32U);
    }
  }

  /// Uniform over all 32-bit values.
  std::uint32_t next() {
    const std::uint32_t result = std::rotl(state[0] + state[3], 7) + state[0];
    const std::uint32_t shifted = state[1] << 9U;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = std::rotl(state[3], 11);
    return result;
  }

  /// Uniform in [0, count) up to a deviation of count / 2^32; `count` > 0.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>((std::uint64_t{next()} * count) >> 32U);
  }

  /// Uniform in [-1, 1) in steps of 2^-23.
  float symmetric() { return static_cast<float>(next() >> 8U) * 0x1p-23F - 1.0F; }
};

}  // namespace haltere::models
