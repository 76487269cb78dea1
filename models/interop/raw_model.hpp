#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"

namespace haltere::models::interop {

/// A bundle that is run on raw tensors, in the types that the model itself has: those of a recipe
/// of no channels, float32 for float models, else int8 without normalisation.
class RawModel {
 public:
  /// Errors: as Int8Model::create and decode_float.
  [[nodiscard]] static Result<RawModel> create(std::vector<std::uint8_t> bytes);

  [[nodiscard]] kernels::TensorType input_type() const { return input_type_; }
  [[nodiscard]] kernels::TensorType output_type() const { return output_type_; }
  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] std::size_t outputs() const;
  [[nodiscard]] std::size_t input_bytes() const;
  [[nodiscard]] std::size_t output_bytes() const;

  /// Runs one input tensor [input_bytes] and appends its output tensor [output_bytes] to `out`.
  void run(std::span<const std::uint8_t> input, std::vector<std::uint8_t>& out);

 private:
  RawModel() = default;
  void run_int8(std::span<const std::uint8_t> input, std::vector<std::uint8_t>& out);

  std::optional<FloatModel> float_model_;
  std::optional<Int8Model> int8_model_;
  kernels::TensorType input_type_ = kernels::TensorType::float32;
  kernels::TensorType output_type_ = kernels::TensorType::float32;
  std::vector<std::int8_t> scratch_;
};

}  // namespace haltere::models::interop
