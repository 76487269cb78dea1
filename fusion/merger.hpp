#pragma once

#include <cstddef>
#include <span>

#include "fusion/align.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Where a sample of a Merger's input comes from.
struct MergedSample {
  std::size_t input = 0;  ///< in the order of FilterType::inputs
  sensors::TimeNs time_ns = 0;
  bool starts_segment = false;  ///< not contiguous with the input's sample before
};

/// A filter whose inputs each keep their clock, and whose rows have times of their own. Reads no
/// clock, allocates nothing after construction.
class Merger {
 public:
  Merger() = default;
  Merger(const Merger&) = delete;
  Merger& operator=(const Merger&) = delete;
  virtual ~Merger() = default;

  /// Takes a sample of one input, `row` [channels of that input].
  virtual void take(const MergedSample& sample, std::span<const float> row) = 0;

  /// Makes the next row, which is then the filter's output; false while there is none.
  /// `to_the_end`: no sample will come any more.
  virtual bool next(bool to_the_end) = 0;

  [[nodiscard]] virtual sensors::TimeNs time_ns() const = 0;  ///< of the row
  [[nodiscard]] virtual bool starts_segment() const = 0;      ///< the row
  [[nodiscard]] virtual const AlignCounts& counts(std::size_t input) const = 0;
};

}  // namespace haltere::fusion
