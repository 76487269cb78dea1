#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/dense_s8.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/softmax_s8.hpp"

namespace haltere {
namespace kernels {

/// What a model answers. The codes are part of the bundle format, as those below.
enum class Task : uint8_t { classify = 0, regress = 1, anomaly = 2 };

enum class Activation : uint8_t {
  linear = 0,
  relu = 1,
  tanh = 2,
  sigmoid = 3,
  softmax = 4,
  leaky_relu = 5
};

enum class Seal : uint8_t { none = 0, ascon = 1 };

constexpr uint16_t bundle_format_version = 1;
constexpr uint8_t max_bundle_layers = 16;
constexpr uint16_t max_bundle_units = 4096;

/// Why a bundle is refused.
enum class BundleError : uint8_t {
  none = 0,
  misaligned,           ///< its memory does not start at a multiple of 4
  too_short,            ///< cut off before the end of the header
  wrong_magic,          ///< not a bundle
  unsupported_version,  ///< of another format version
  wrong_length,         ///< header, sections and given size do not agree
  wrong_crc,            ///< bytes changed since it was written
  bad_header,           ///< task, counts, scales or zero points
  unsupported_packing,  ///< weights packed for another core
  unsupported_seal,     ///< a seal that this reader cannot check
  bad_provenance,
  bad_recipe,
  bad_normalisation,
  bad_layer,
  bad_labels,
  bad_task,
  bad_self_test,
  self_test_mismatch,  ///< bundle_self_test: this core computes other bytes
  unsupported_layer,   ///< of a kind that this build leaves out
};

/// An opened or mapped bundle, read in place: valid as long as its bytes.
struct BundleView {
  const uint8_t* bytes;
  uint32_t size;
  Task task;
  WeightPacking packing;  ///< of the layers that are not plain
  uint8_t layer_count;
  uint16_t label_count;
  uint16_t inputs;
  uint16_t outputs;
  int8_t input_zero_point;
  int8_t output_zero_point;
  float input_scale;
  float output_scale;
  uint32_t version;          ///< of the model
  uint32_t scratch_bytes;    ///< what run_bundle needs: workspace, inputs, hidden activations
  uint32_t workspace_bytes;  ///< the first of them: the kernels', 0 for plain weights
  RecipeView recipe;
  const uint8_t* normalisation;  ///< float32 mean [inputs], gain [inputs]
  const uint8_t* layers;
  const uint8_t* labels;  ///< [label_count][name_bytes]
  const uint8_t* task_data;
  const uint8_t* self_test;  ///< float32 features [inputs], int8 outputs [outputs]
};

/// Checks `bytes` (4-aligned, exactly one bundle) from the first to the last and describes it.
/// Nothing in an accepted bundle can make the functions below read or write out of bounds or
/// overflow.
BundleError open_bundle(const uint8_t* bytes, size_t size, BundleView& view);

/// The structure alone: lengths and counts of header, sections and layers, in a few hundred
/// instructions. It suffices for bytes that open_bundle accepted before and that nobody wrote to
/// since. Of any others, nothing below reads or writes out of bounds; what it computes is
/// unspecified.
BundleError map_bundle(const uint8_t* bytes, size_t size, BundleView& view);

/// Bytes of scratch that run_bundle needs, 4-aligned if the weights are packed.
size_t required_ram_bytes(const BundleView& view);

/// Result of one inference.
struct Verdict {
  int32_t score;  ///< classify: the winning output; regress: 0; anomaly: sum of squared differences
  int16_t
      label;  ///< classify: index of the label, -1 = unknown; regress: 0; anomaly: 1 = anomalous
};

/// Quantizes features [inputs], runs all layers and judges. outputs [outputs] must not overlap
/// scratch.
Verdict run_bundle(const BundleView& view, const float* features, int8_t* scratch, int8_t* outputs);

/// What `outputs` of run_layers mean; `scratch` still holds its inputs.
Verdict judge_outputs(const BundleView& view, int8_t* scratch, const int8_t* outputs);

/// Where in `scratch` run_layers expects the quantized inputs [inputs].
inline int8_t* bundle_inputs(const BundleView& view, int8_t* scratch) {
  return scratch + view.workspace_bytes;
}

/// Quantizes features [inputs], float32 as bytes, to where run_layers expects them.
void quantize_inputs(const BundleView& view, const uint8_t* features, int8_t* scratch);

/// Quantized inputs to outputs: run_bundle without quantization and verdict. The inputs stay.
void run_layers(const BundleView& view, int8_t* scratch, int8_t* outputs);

/// As run_layers, but without the last layer's activation: outputs [outputs] are its sums. Returns
/// what it took, in `scratch`.
const int8_t* run_to_logits(const BundleView& view, int8_t* scratch, int8_t* outputs);

/// Runs the stored features and compares all output bytes: `none` or `self_test_mismatch`.
/// scratch [self_test_scratch_bytes].
BundleError bundle_self_test(const BundleView& view, int8_t* scratch);
size_t self_test_scratch_bytes(const BundleView& view);

/// regress: output `index` in the target's unit, offset + scale * (q - output_zero_point).
float output_value(const BundleView& view, uint16_t index, int8_t q);

/// Label or target name `index` [name_bytes], zero-padded.
const char* bundle_label(const BundleView& view, uint16_t index);

/// Identity of the model in reports and on the link: fnv1a_64 of all bytes.
uint64_t bundle_identity(const BundleView& view);

/// One layer as it lies in the bundle, for tools and for run_layers.
struct LayerView {
  DenseS8 dense;
  Activation activation;
  SoftmaxS8 softmax;
  float output_scale;   ///< of the sums, before a table or softmax
  const int8_t* table;  ///< [256] for tanh and sigmoid, else null
  const uint8_t* next;  ///< the layer after it
};

/// The layer at `bytes`: view.layers, then LayerView::next.
LayerView read_layer(const uint8_t* bytes);

}  // namespace kernels
}  // namespace haltere
