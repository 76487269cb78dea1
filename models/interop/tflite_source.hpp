#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tflite_generated.h>

#include "config/result.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

// Codes of the container.
enum class TfliteType : std::int8_t { float32 = 0, int32 = 2, int8 = 9 };
enum class TfliteOperator : std::int32_t {
  conv_2d = 3,
  dequantize = 6,
  fully_connected = 9,
  logistic = 14,
  relu = 19,
  relu_n1_to_1 = 20,
  relu6 = 21,
  reshape = 22,
  softmax = 25,
  tanh = 28,
  leaky_relu = 98,
  quantize = 114
};

/// The tensors of a verified model: looks one up and checks all of it that matters before it is
/// used.
class TfliteTensors {
 public:
  TfliteTensors(const tflite::Model& model, const tflite::SubGraph& graph)
      : model_(model), graph_(graph) {}

  /// A tensor that an operator computes or the model is given. Errors: invalid, naming it.
  [[nodiscard]] Result<Tensor> activation(std::int32_t index) const;

  /// Weights W [rows][columns] into `op`, for inputs of `input`; of CONV_2D W
  /// [rows][1][1][columns]. Errors: invalid, naming them.
  [[nodiscard]] Status read_weights(std::int32_t index, const Tensor& input, Op& op);

  /// Bias of [rows]; index -1: none.
  [[nodiscard]] Status read_bias(std::int32_t index, std::size_t rows, Op& op);

  /// No two constants that were read may share bytes.
  [[nodiscard]] Status check_overlaps() const;

 private:
  struct Place {
    const std::uint8_t* begin;
    const std::uint8_t* end;
    std::int32_t tensor;
    std::uint32_t buffer;
  };

  [[nodiscard]] Result<const tflite::Tensor*> find(std::int32_t index) const;
  [[nodiscard]] Result<std::vector<std::size_t>> shape(std::int32_t index) const;
  /// Bytes of a constant that has exactly `size` of them.
  [[nodiscard]] Result<const std::uint8_t*> constant(std::int32_t index, std::size_t size);
  [[nodiscard]] Status read_weight_scales(std::int32_t index, std::size_t rows, Op& op) const;
  [[nodiscard]] std::string name(std::int32_t index) const;
  [[nodiscard]] Error error(std::int32_t index, const std::string& what) const;

  const tflite::Model& model_;
  const tflite::SubGraph& graph_;
  std::vector<Place> places_;
};

}  // namespace haltere::models::interop
