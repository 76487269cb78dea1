#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/interop/chain.hpp"
#include "models/interop/tflite_writer.hpp"

namespace haltere::models::interop {

/// A TensorFlow.js layers model: a JSON file, and the weights it names beside it.
struct TfjsFiles {
  std::string model_json;
  std::vector<std::uint8_t> weights;
};

/// `chain` as a layers model in float32; int8 weights are taken for the numbers they stand for, and
/// inputs are then numbers too. `weights_name`: how the weights' file will be called. Errors:
/// invalid for an activation that TensorFlow.js does not have.
[[nodiscard]] Result<TfjsFiles> write_tfjs(const Chain& chain, const ExportNotes& notes,
                                           const std::string& weights_name);

}  // namespace haltere::models::interop
