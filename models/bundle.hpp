#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "models/kernels/bundle_view.hpp"

namespace haltere::models {

/// One int8 dense layer of a Bundle; see kernels::DenseS8 for the arithmetic.
struct BundleLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  kernels::Activation activation = kernels::Activation::linear;
  kernels::WeightPacking packing = kernels::WeightPacking::plain;
  std::int8_t clamp_min = -128;
  std::int8_t clamp_max = 127;
  float output_scale = 1.0F;  ///< of the sums, before a table or softmax
  std::int8_t output_zero_point = 0;
  kernels::SoftmaxS8 softmax{};           ///< softmax only
  std::vector<std::int32_t> multipliers;  ///< [outputs]
  std::vector<std::int8_t> shifts;        ///< [outputs]
  std::vector<std::int32_t> layer_bias;   ///< [outputs], input zero point folded in
  std::vector<std::int8_t> weights;       ///< [outputs][inputs]; nibbles: -7..7
  std::vector<std::int8_t> table;         ///< [256] for tanh and sigmoid, else empty
};

/// Where a model comes from.
struct Provenance {
  std::string model_id;       ///< 1..16 bytes UTF-8
  std::uint32_t version = 1;  ///< generation, counted from 1
  std::uint64_t parent = 0;   ///< identity of the bundle it was learned on from; 0 = none
  std::int64_t created_ns =
      0;  ///< time of the last sample it learned, not of the clock on the wall
  std::uint32_t windows_learned = 0;
  float prequential_score =
      0.0F;  ///< classify: accuracy; regress: mean absolute error; anomaly: mean score
  float held_back_score = 0.0F;  ///< the same of the int8 model on held-back windows
};

/// regress: value in the target's unit = offset + scale * (q - output_zero_point).
struct OutputScale {
  float scale = 1.0F;
  float offset = 0.0F;
};

/// A model with all it needs to run anywhere: the file that travels, taken apart. models/format.md
/// says what each field may hold; `encode` refuses the rest.
struct Bundle {
  kernels::Task task = kernels::Task::classify;
  float input_scale = 1.0F;
  std::int8_t input_zero_point = 0;
  float output_scale = 1.0F;
  std::int8_t output_zero_point = 0;
  Provenance provenance;
  std::vector<std::uint8_t> recipe;  ///< as kernels::write_recipe and fusion::Window make it
  std::vector<float> mean;           ///< [inputs]
  std::vector<float> gain;           ///< [inputs], 1 / (std * input_scale)
  std::vector<BundleLayer> layers;
  std::vector<std::string>
      labels;  ///< classify: [outputs]; regress: [outputs] or none; anomaly: none
  std::int8_t unknown_below = -128;  ///< classify: a winner below it is "unknown"; -128 = never
  std::vector<OutputScale> output_scales;  ///< regress: [outputs]
  std::uint32_t anomaly_threshold =
      0;  ///< anomaly: sums of squared differences above are anomalous
  std::vector<float> self_test_features;       ///< [inputs]
  std::vector<std::int8_t> self_test_outputs;  ///< [outputs]; `encode` computes them itself
};

/// The bytes of `bundle`. Errors: invalid, naming the field that the format does not allow.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode(const Bundle& bundle);

/// The inverse of `encode`. Errors: corrupt or invalid, as for `open`.
[[nodiscard]] Result<Bundle> decode(std::span<const std::uint8_t> bytes);

/// Opens `bytes` in place (kernels::open_bundle) with an Error for people.
[[nodiscard]] Result<kernels::BundleView> open(std::span<const std::uint8_t> bytes);

/// Provenance of an opened bundle.
[[nodiscard]] Provenance provenance_of(const kernels::BundleView& view);

/// What it is, for a person: id, version, task, layers, sizes, recipe, labels; several lines.
[[nodiscard]] std::string describe(const kernels::BundleView& view);

/// All that `describe` says, as a JSON object.
[[nodiscard]] std::string describe_json(const kernels::BundleView& view);

/// Every field, weights included, as a JSON object: for tools that read no bundles. Errors: as
/// `decode`.
[[nodiscard]] Result<std::string> to_json(std::span<const std::uint8_t> bytes);

/// What it is and how its inputs come about, without layers' values, as a JSON object: for other
/// programs' model files. Errors: as `decode`.
[[nodiscard]] Result<std::string> feature_json(std::span<const std::uint8_t> bytes);

/// Identity as it is written for people: 16 hexadecimal digits.
[[nodiscard]] std::string identity_text(std::uint64_t identity);

/// Multiply-accumulates of one inference.
[[nodiscard]] std::size_t multiply_accumulates(const kernels::BundleView& view);

/// Reason in words, for messages.
[[nodiscard]] std::string_view to_string(kernels::BundleError error);
[[nodiscard]] std::string_view to_string(kernels::Task task);
[[nodiscard]] std::string_view to_string(kernels::Activation activation);

/// A bundle ready to run on the host, with the microcontroller's own kernels.
class Int8Model {
 public:
  /// Takes over `bytes`. Errors: as `open`, and corrupt when the self-test vector gives other
  /// bytes.
  [[nodiscard]] static Result<Int8Model> create(std::vector<std::uint8_t> bytes);

  Int8Model(const Int8Model& other);
  Int8Model& operator=(const Int8Model& other);
  Int8Model(Int8Model&&) noexcept = default;
  Int8Model& operator=(Int8Model&&) noexcept = default;
  ~Int8Model() = default;

  /// Runs features [inputs]. `outputs()` holds the int8 outputs until the next run.
  kernels::Verdict run(std::span<const float> features);
  [[nodiscard]] std::span<const std::int8_t> outputs() const { return outputs_; }

  [[nodiscard]] const kernels::BundleView& view() const { return view_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t identity() const { return kernels::bundle_identity(view_); }

 private:
  Int8Model() = default;

  std::vector<std::uint8_t> bytes_;  // a vector's memory stays when it is moved, so view_ does too
  kernels::BundleView view_{};
  std::vector<std::int8_t> scratch_;
  std::vector<std::int8_t> outputs_;
};

}  // namespace haltere::models
