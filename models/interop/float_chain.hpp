#pragma once

#include "config/result.hpp"
#include "models/float_model.hpp"
#include "models/interop/chain.hpp"
#include "models/interop/int8_bundle.hpp"

namespace haltere::models::interop {

/// A chain of float operators as a model that computes the same floats as TensorFlow Lite Micro's
/// reference kernels. Errors: invalid, naming the operator that cannot be kept.
[[nodiscard]] Result<FloatModel> float_model(const Chain& chain, const ImportNames& names);

/// Imports `file`, a .tflite model, as the bytes of a bundle: int8 or float as it is. Errors: as
/// read_tflite, int8_bundle and float_model.
[[nodiscard]] Result<std::vector<std::uint8_t>> import_tflite(std::span<const std::uint8_t> file,
                                                              const ImportNames& names);

/// The same of an ONNX file. Errors: as read_onnx, int8_bundle and float_model.
[[nodiscard]] Result<std::vector<std::uint8_t>> import_onnx(std::span<const std::uint8_t> file,
                                                            const ImportNames& names);

}  // namespace haltere::models::interop
