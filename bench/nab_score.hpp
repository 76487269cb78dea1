#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haltere::bench {

/// One file of the Numenta Anomaly Benchmark with a detector's scores.
struct NabFile {
  std::vector<std::uint8_t> in_window;  ///< per row
  std::vector<float> scores;            ///< per row
};

/// The benchmark's score of standard profile (Lavin and Ahmad, ICMLA 2015: tp 1, fn 1, fp 0.11) for
/// alarms above `threshold` that are `refractory_rows` apart at least; 0 = no alarm at all, 100 =
/// perfect. The first 15 % of a file, at most 750 rows, are not scored.
[[nodiscard]] double nab_score(std::span<const NabFile> files, float threshold,
                               std::size_t refractory_rows);

/// The rows of a file of `rows` that are not scored.
[[nodiscard]] std::size_t nab_probation(std::size_t rows);

}  // namespace haltere::bench
