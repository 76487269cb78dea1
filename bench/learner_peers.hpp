#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/contest.hpp"

namespace haltere::bench {

/// A net to be measured: widths from the inputs to the outputs, relu between.
struct Net {
  const char* key;
  const char* name;
  std::vector<std::size_t> widths;
  bool classify;  ///< softmax and cross entropy at the end, else linear and squared error
};

/// The nets that all learners are compared on.
[[nodiscard]] const std::vector<Net>& nets();

/// 256 rows of made-up data for a net.
struct Data {
  std::vector<float> x;  ///< [256][inputs]
  std::vector<float> y;  ///< [256][outputs]
  std::vector<std::int32_t> labels;
};
[[nodiscard]] Data make_data(const Net& net);

/// Rows of a batch.
inline constexpr std::size_t batch_rows = 32;

/// A peer's training on one row ("NAME_train1"), on a batch ("NAME_train32") and inference of one
/// row ("NAME_infer1"); none if it was not there at build time.
[[nodiscard]] std::vector<Contender> fann_contenders(const Net& net);
[[nodiscard]] std::vector<Contender> dlib_contenders(const Net& net);

}  // namespace haltere::bench
