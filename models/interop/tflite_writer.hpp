#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// What a file says about a model besides what it computes.
struct ExportNotes {
  std::string description;
  std::string metadata;  ///< JSON, kept under the name "haltere"
};

/// `chain` as a .tflite file, schema version 3: FULLY_CONNECTED with one scale for all of a layer's
/// weights where one is enough, else CONV_2D of one pixel with a scale for each row, which every
/// runtime knows.
[[nodiscard]] std::vector<std::uint8_t> write_tflite(const Chain& chain, const ExportNotes& notes);

}  // namespace haltere::models::interop
