#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// The newest `capacity` rows, in no promised order. A Row lists its state in exchange(Archive&).
template <typename Row>
class RowWindow {
 public:
  static constexpr std::size_t capacity = 1000;

  RowWindow() { rows_.reserve(capacity); }

  void push(const Row& row) {
    if (rows_.size() < capacity) {
      rows_.push_back(row);
      return;
    }
    rows_[oldest_] = row;
    oldest_ = static_cast<std::uint32_t>((oldest_ + 1) % capacity);
  }

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  void exchange(Archive& archive) {
    std::uint64_t count = rows_.size();
    archive.exchange(count);
    archive.exchange(oldest_);
    if (count > capacity || oldest_ >= capacity) archive.fail();
    if (archive.failed()) return;
    rows_.resize(static_cast<std::size_t>(count));
    for (Row& row : rows_) row.exchange(archive);
  }

 private:
  std::vector<Row> rows_;
  std::uint32_t oldest_ = 0;  ///< where the next row goes once full
};

}  // namespace haltere::learner
