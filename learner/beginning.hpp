#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// A net learned elsewhere, to learn on from, and the scales that it learned with.
struct Beginning {
  models::Network network;
  std::vector<float> mean;       ///< of the inputs, [inputs]
  std::vector<float> deviation;  ///< likewise, each > 0
  kernels::Task task = kernels::Task::classify;
  /// What its outputs stand for, cut to kernels::name_bytes: labels (classify), targets (regress).
  std::vector<std::string> names;
  std::vector<float> target_mean;       ///< regress: [outputs]
  std::vector<float> target_deviation;  ///< likewise, each > 0
};

/// What is left of it in an int8 bundle. Errors: invalid for packed weights.
[[nodiscard]] Result<Beginning> beginning_of(const models::Bundle& bundle);

/// How much of a Beginning a model took over.
struct TakenOver {
  std::size_t hidden_layers = 0;
  std::size_t outputs = 0;  ///< whose weights came along, by their names
};

}  // namespace haltere::learner
