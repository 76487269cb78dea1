#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/batch.hpp"

namespace haltere::learner {

/// The newest rows with their truth, in a ring.
class RecentRows {
 public:
  /// Room for `capacity` rows [inputs] with [values] numbers each, labels 0..classes-1.
  RecentRows(std::size_t capacity, std::size_t inputs, std::size_t classes, std::size_t values = 1);

  /// Takes in a row, in the place of the oldest once full.
  void push(const Example& example);

  /// Forgets every row.
  void clear();

  /// One class more.
  void add_class() { ++classes_; }

  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  [[nodiscard]] Example example(std::size_t index) const;

  void exchange(Archive& archive);

 private:
  std::size_t capacity_;
  std::size_t inputs_;
  std::size_t classes_;
  std::size_t width_;         ///< values of a row
  std::uint64_t oldest_ = 0;  ///< place of the oldest row once full
  std::vector<float> rows_;   ///< [capacity][inputs]
  std::vector<std::uint32_t> labels_;
  std::vector<float> values_;  ///< [capacity][width]
};

}  // namespace haltere::learner
