#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "learner/archive.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// Leaves units of hidden layers out of a step, each with the same probability, and raises the
/// others by 1 / (1 - probability), so that a net answers with all of them unchanged (Srivastava
/// et al., JMLR 2014, in the inverted form).
class Dropout {
 public:
  /// `probability` 0..1, 1 excluded; 0 = off.
  Dropout(float probability, std::uint64_t seed) : probability_(probability), random_(seed) {}

  [[nodiscard]] bool is_on() const { return probability_ > 0.0F; }

  /// What is left of a unit that stays, times its factor: 1.
  [[nodiscard]] float unscaled() const { return 1.0F - probability_; }

  /// Draws the factor of each unit, 0 or 1 / (1 - probability), into `factors`, and applies it.
  void draw(std::span<float> units, std::span<float> factors) {
    const auto limit = static_cast<std::uint32_t>(static_cast<double>(probability_) * 0x1p32);
    const float raised = 1.0F / unscaled();
    for (std::size_t i = 0; i < units.size(); ++i) {
      factors[i] = random_.next() < limit ? 0.0F : raised;
      units[i] *= factors[i];
    }
  }

  void exchange(Archive& archive) { archive.exchange(random_); }

 private:
  float probability_;
  models::Random random_;
};

}  // namespace haltere::learner
