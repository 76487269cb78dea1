#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// The distance of a row to the nearest of a bounded number of prototypes of the rows learned, kept
/// by the doubling algorithm (Charikar, Chekuri, Feder, Motwani, "Incremental Clustering and
/// Dynamic Information Retrieval", STOC 1997): a row within a radius of its nearest prototype moves
/// that one, any other becomes a prototype; when there are too many, the radius grows and those
/// within it merge. Bounded work per row; allocates at construction alone.
class Prototypes {
 public:
  Prototypes(std::size_t inputs, std::size_t capacity);

  /// Learns one row [inputs], measured in units of `deviations` [inputs], each > 0.
  void update(std::span<const float> row, std::span<const float> deviations);

  /// Mean squared difference to the nearest prototype in these units; 0 before any.
  [[nodiscard]] float score(std::span<const float> row, std::span<const float> deviations) const;

  /// What each input adds to `score`, [inputs]; they sum to it.
  void contributions(std::span<const float> row, std::span<const float> deviations,
                     std::span<float> out) const;

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::size_t capacity() const { return weights_.size() - 1; }

  void exchange(Archive& archive);

 private:
  struct Nearest {
    std::size_t index = 0;
    float distance = 0.0F;  ///< mean squared
  };

  [[nodiscard]] std::span<const float> at(std::size_t index) const {
    return std::span(values_).subspan(index * inputs_, inputs_);
  }
  [[nodiscard]] Nearest nearest(std::span<const float> row, std::span<const float> deviations,
                                std::size_t from) const;
  void join(std::size_t kept, std::size_t gone);
  void thin_out(std::span<const float> deviations);

  std::size_t inputs_;
  std::size_t count_ = 0;
  float radius_ = 0.0F;         ///< mean squared
  std::vector<float> values_;   ///< [capacity + 1][inputs]
  std::vector<float> weights_;  ///< rows that a prototype stands for, [capacity + 1]
};

}  // namespace haltere::learner
