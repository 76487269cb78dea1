#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"

namespace haltere::models::interop {

/// A bundle as the bytes of a .tflite file that gives the same outputs: int8 or float as it is.
/// Inputs of a learned model are its normalised features as int8; how they come about is in the
/// metadata "haltere". Errors: as decode, decode_float and chain_of.
[[nodiscard]] Result<std::vector<std::uint8_t>> export_tflite(std::span<const std::uint8_t> bundle);

}  // namespace haltere::models::interop
