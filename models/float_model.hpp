#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"

namespace haltere::models {

/// What a step of a FloatModel does. The codes are part of the bundle format.
enum class FloatStepKind : std::uint8_t {
  dense = 0,
  clamp = 1,
  tanh = 2,
  sigmoid = 3,
  softmax = 4
};

/// One step, x [inputs] to y [outputs]; all but dense have as many outputs as inputs.
struct FloatStep {
  FloatStepKind kind = FloatStepKind::dense;
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  float low = 0.0F;  ///< dense, clamp: results are kept within low..high; may be infinite
  float high = 0.0F;
  std::vector<float> weights;  ///< dense: W [outputs][inputs]
  std::vector<float> bias;     ///< dense: [outputs]
};

inline constexpr std::size_t max_float_steps = 64;

/// A float net that was imported: kept and run on boards, for microcontrollers to be quantized
/// first.
struct FloatModel {
  kernels::Task task = kernels::Task::regress;  ///< classify or regress
  Provenance provenance;
  std::vector<std::string> labels;  ///< classify: [outputs]; regress: [outputs] or none
  std::vector<FloatStep> steps;

  [[nodiscard]] std::size_t inputs() const { return steps.front().inputs; }
  [[nodiscard]] std::size_t outputs() const { return steps.back().outputs; }

  /// y [outputs] of x [inputs] in the steps of TensorFlow Lite Micro's float reference kernels:
  /// sums in the order of the inputs, exp and tanh of the C library.
  [[nodiscard]] std::vector<float> run(std::span<const float> x) const;
};

/// Whether `bytes` are a bundle that holds a FloatModel.
[[nodiscard]] bool is_float_bundle(std::span<const std::uint8_t> bytes);

/// The bytes of `model` (models/format.md). Errors: invalid, naming what the format does not allow.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_float(const FloatModel& model);

/// The inverse. Errors: corrupt, saying which part is wrong.
[[nodiscard]] Result<FloatModel> decode_float(std::span<const std::uint8_t> bytes);

/// What it is, for a person; several lines.
[[nodiscard]] std::string describe_float(const FloatModel& model);

/// The same as a JSON object.
[[nodiscard]] std::string describe_float_json(const FloatModel& model);

}  // namespace haltere::models
