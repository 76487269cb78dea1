#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/online_normaliser.hpp"

namespace haltere::learner {

/// How remembered rows are kept.
enum class RowFormat : std::uint8_t {
  float32,
  int8,  ///< a quarter of the memory: sixteenths of a deviation, within eight
};

/// A fixed number of rows [inputs], as they came or in a byte per value. Bytes count from a center
/// of each input in units of its deviation; both follow the rows, and all bytes of an input are
/// written anew when they no longer fit. Allocates only when constructed.
class RowStore {
 public:
  RowStore(std::size_t rows, std::size_t inputs, RowFormat format);

  /// Memory that a row takes.
  [[nodiscard]] static std::size_t bytes_per_row(std::size_t inputs, RowFormat format) {
    return inputs * (format == RowFormat::int8 ? 1 : sizeof(float));
  }

  /// Keeps `row` at `index`; `used` rows from 0 on mean something.
  void write(std::size_t index, std::span<const float> row, std::size_t used);

  /// Copies the row at `from` over the one at `to`.
  void move(std::size_t from, std::size_t to);

  /// The row at `index`; with int8 valid until the next call.
  [[nodiscard]] std::span<const float> row(std::size_t index) const;

  /// The first `used` rows.
  void exchange(Archive& archive, std::size_t used);

 private:
  void fit(std::size_t input, std::size_t used);
  [[nodiscard]] std::uint8_t code(std::size_t input, float value) const;
  [[nodiscard]] float value(std::size_t input, std::uint8_t code) const;

  std::size_t inputs_;
  RowFormat format_;
  std::vector<float> values_;        ///< [rows][inputs], float32
  std::vector<std::uint8_t> codes_;  ///< [rows][inputs], int8
  OnlineNormaliser seen_;            ///< int8: of the rows written
  std::vector<float> center_;        ///< int8: what code 128 means
  std::vector<float> unit_;          ///< int8: what sixteen codes mean
  mutable std::vector<float> row_;   ///< int8: the one read last
};

}  // namespace haltere::learner
