#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "config/result.hpp"

namespace haltere::models::interop {

/// An int8 bundle as one C99 file that needs no library: arrays and the functions that run them,
/// `haltere_model_run(const int8_t *input, int8_t *output)` first, with the bundle's own bytes as
/// results. Errors: as decode; invalid for float models.
[[nodiscard]] Result<std::vector<std::uint8_t>> export_c(std::span<const std::uint8_t> bundle);

/// The bundle itself as a C array, for firmware that carries its first model.
[[nodiscard]] Result<std::vector<std::uint8_t>> export_c_array(
    std::span<const std::uint8_t> bundle);

}  // namespace haltere::models::interop
