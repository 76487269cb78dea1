#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/interop/tfjs_writer.hpp"

// Bundles as other programs' files. Inputs of a learned model are its normalised features; how they
// come about is in each file's metadata under "haltere". Errors: as decode, decode_float and
// chain_of.
namespace haltere::models::interop {

/// As a .tflite file that gives the same outputs: int8 or float as it is.
[[nodiscard]] Result<std::vector<std::uint8_t>> export_tflite(std::span<const std::uint8_t> bundle);

/// As an ONNX file, int8 or float as it is (write_onnx).
[[nodiscard]] Result<std::vector<std::uint8_t>> export_onnx(std::span<const std::uint8_t> bundle);

/// As a TensorFlow.js layers model in float32 (write_tfjs).
[[nodiscard]] Result<TfjsFiles> export_tfjs(std::span<const std::uint8_t> bundle,
                                            const std::string& weights_name);

}  // namespace haltere::models::interop
