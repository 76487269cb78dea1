#pragma once

#include <cstddef>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// How far the ends of intervals are moved outwards so that they hold the share of the truths that
/// they should. Learned quantiles lie too close together on rows that are new. Each truth moves the
/// margin of its target: out by `pace` times the share if it was missed, in by `pace` times the
/// rest if it was held; so in the long run that share is held, whatever the stream does (Gibbs and
/// Candes, NeurIPS 2021; on the ends themselves as Bastani et al., NeurIPS 2022).
class IntervalMargin {
 public:
  IntervalMargin(std::size_t targets, float share) : share_(share), margins_(targets, 0.0F) {}

  /// Of target `target`, in its deviations; may be below 0.
  [[nodiscard]] float of(std::size_t target) const { return margins_[target]; }

  void learn(std::size_t target, bool held) {
    margins_[target] += pace * (held ? share_ - 1.0F : share_);
  }

  void exchange(Archive& archive) { archive.exchange(std::span(margins_)); }

  static constexpr float pace = 0.01F;  ///< deviations

 private:
  float share_;
  std::vector<float> margins_;
};

}  // namespace haltere::learner
