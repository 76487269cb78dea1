#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/row_store.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// A bounded memory of rows, balanced over classes: a class-balancing reservoir (Chrysakis and
/// Moens, ICML 2020) whose chance to take a row of a full class never falls below
/// `slowest_renewal`, so that it follows a stream that drifts. A full class is one that no other
/// exceeds; a row of any other class always enters, in the place of a random row of the largest.
class Replay {
 public:
  /// Room for `capacity` rows [inputs] with [values] numbers each, classes 0..classes-1.
  Replay(std::size_t capacity, std::size_t inputs, std::size_t classes,
         RowFormat format = RowFormat::float32, std::size_t values = 1);

  /// Offers a row with its truth, and `id` to find it again. Draws from `random` only when full.
  void offer(const Example& example, models::Random& random, std::uint64_t id = 0);

  /// Forgets the row `id`; false if it is not here.
  bool withdraw(std::uint64_t id);

  /// One class more, of which nothing is known yet.
  void add_class();

  /// Forgets every row.
  void clear();

  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  /// Valid until the next call.
  [[nodiscard]] std::span<const float> row(std::size_t index) const { return rows_.row(index); }
  [[nodiscard]] std::size_t label(std::size_t index) const { return labels_[index]; }
  [[nodiscard]] float value(std::size_t index) const { return values_[index * width_]; }
  [[nodiscard]] Example example(std::size_t index) const {
    return {row(index), label(index), value(index),
            std::span(values_).subspan(index * width_ + 1, width_ - 1)};
  }
  [[nodiscard]] std::size_t count(std::size_t label) const { return held_[label]; }

  void exchange(Archive& archive);

  static constexpr double slowest_renewal = 0.1;

 private:
  void place(std::size_t index, const Example& example, std::uint64_t id);
  [[nodiscard]] std::size_t pick_of(std::size_t label, models::Random& random) const;

  std::size_t capacity_;
  std::size_t width_;  ///< values of a row
  RowStore rows_;
  std::vector<std::uint32_t> labels_;
  std::vector<float> values_;  ///< [capacity][width]
  std::vector<std::uint64_t> ids_;
  std::vector<std::uint32_t> held_;  ///< rows in memory of each class
  std::vector<double> seen_;         ///< rows offered of each class
};

}  // namespace haltere::learner
