#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_view.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/dense_s4.hpp"
#include "models/kernels/layer_kinds.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/packed_groups.hpp"
#include "models/kernels/quantize_f32_s8.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

#if defined(HALTERE_ASSEMBLY_KERNEL)
/// Computes the packed layer at `bytes`; returns what follows its groups.
const uint8_t* run_groups(const uint8_t* bytes, const int8_t* x, int8_t* y, void* workspace) {
  static_assert(at::layer_inputs == 0 && at::layer_outputs == 2, "together they are the shape");
  return haltere_dense_s8_groups(x, bytes + at::layer_header_bytes, y, load_u32(bytes), workspace);
}
#else
const uint8_t* run_groups(const uint8_t* bytes, const int8_t* x, int8_t* y, void* /*workspace*/) {
  const DenseS8 layer = read_layer(bytes).dense;
  dense_s8_packed(layer, x, y);
  return bytes + at::layer_header_bytes + packed_groups::layer_bytes(layer.inputs, layer.outputs);
}
#endif

/// The kernels of packed weights clamp to int8; here the rest of it, for the rare layers that need
/// it: relu usually has its zero point at -128.
void clamp_further(const uint8_t* layer, int8_t* y) {
  const int8_t low = load_i8(layer + at::layer_clamp_min);
  const int8_t high = load_i8(layer + at::layer_clamp_max);
  if (low == INT8_MIN && high == INT8_MAX) return;
  const uint16_t outputs = load_u16(layer + at::layer_outputs);
  for (uint16_t i = 0; i < outputs; ++i) {
    if (y[i] < low) y[i] = low;
    if (y[i] > high) y[i] = high;
  }
}

/// The portable kernel of `layer`.
void run_arrays(const DenseS8& layer, const int8_t* x, int8_t* y) {
  if (runs_nibbles && layer.packing == WeightPacking::nibbles) {
    dense_s4(layer, x, y);
  } else if (runs_plain) {
    dense_s8(layer, x, y);
  }
}

/// Computes the layer at `bytes` without table and softmax; returns what follows its weights.
const uint8_t* run_sums(const uint8_t* bytes, const int8_t* x, int8_t* y, void* workspace) {
  if (has_arrays(static_cast<WeightPacking>(load_u8(bytes + at::layer_packing)))) {
    const LayerView layer = read_layer(bytes);
    run_arrays(layer.dense, x, y);
    return layer.table != nullptr ? layer.next - lookup_table_bytes : layer.next;
  }
  const uint8_t* next = run_groups(bytes, x, y, workspace);
  clamp_further(bytes, y);
  return next;
}

/// Computes the layer at `bytes` and its activation; returns the one after it.
const uint8_t* run_layer(const uint8_t* bytes, const int8_t* x, int8_t* y, void* workspace) {
  const uint8_t* next = run_sums(bytes, x, y, workspace);
  const auto activation = static_cast<Activation>(load_u8(bytes + at::layer_activation));
  if (activation <= Activation::relu) return next;
  const uint16_t outputs = load_u16(bytes + at::layer_outputs);
  if (runs_softmax && activation == Activation::softmax) {
    softmax_s8(
        {load_i32(bytes + at::layer_softmax_multiplier), load_i8(bytes + at::layer_softmax_shift)},
        y, outputs);
    return next;
  }
  if (!runs_tables) return next;
  lookup_s8(reinterpret_cast<const int8_t*>(next), y, outputs);
  return next + lookup_table_bytes;
}

/// Runs all layers but the last, at which `layer` then points; returns what that one takes.
int8_t* run_body(const BundleView& view, int8_t* scratch, const uint8_t*& layer) {
  int8_t* x = bundle_inputs(view, scratch);
  int8_t* hidden = x + view.inputs;
  int8_t* hidden_end = scratch + view.scratch_bytes;
  // Hidden activations go back and forth between the two ends of their room.
  for (uint8_t i = 1; i < view.layer_count; ++i) {
    int8_t* y = (i & 1U) != 0 ? hidden : hidden_end - load_u16(layer + at::layer_outputs);
    layer = run_layer(layer, x, y, scratch);
    x = y;
  }
  return x;
}

Verdict classify(const BundleView& view, const int8_t* outputs) {
  uint16_t best = 0;
  for (uint16_t i = 1; i < view.outputs; ++i) {
    if (outputs[i] > outputs[best]) best = i;
  }
  const bool known = outputs[best] >= load_i8(view.task_data);
  return {outputs[best], known ? static_cast<int16_t>(best) : int16_t{-1}};
}

Verdict detect(const BundleView& view, const int8_t* q, const int8_t* outputs) {
  int32_t sum = 0;  // at most 4096 * 255^2
  for (uint16_t i = 0; i < view.outputs; ++i) {
    const auto difference = static_cast<int32_t>(q[i]) - outputs[i];
    sum += difference * difference;
  }
  const bool anomalous = static_cast<uint32_t>(sum) > load_u32(view.task_data);
  return {sum, anomalous ? int16_t{1} : int16_t{0}};
}

}  // namespace

void quantize_inputs(const BundleView& view, const uint8_t* features, int8_t* scratch) {
  quantize_row_f32_s8({view.normalisation, view.inputs, view.input_zero_point}, features,
                      bundle_inputs(view, scratch));
}

size_t required_ram_bytes(const BundleView& view) {
  return static_cast<size_t>(view.scratch_bytes);
}

size_t self_test_scratch_bytes(const BundleView& view) {
  return static_cast<size_t>(view.scratch_bytes) + view.outputs;
}

void run_layers(const BundleView& view, int8_t* scratch, int8_t* outputs) {
  const uint8_t* layer = view.layers;
  const int8_t* x = run_body(view, scratch, layer);
  run_layer(layer, x, outputs, scratch);
}

const int8_t* run_to_logits(const BundleView& view, int8_t* scratch, int8_t* outputs) {
  const uint8_t* layer = view.layers;
  const int8_t* x = run_body(view, scratch, layer);
  run_sums(layer, x, outputs, scratch);
  return x;
}

Verdict judge_outputs(const BundleView& view, int8_t* scratch, const int8_t* outputs) {
  switch (view.task) {
    case Task::classify: return classify(view, outputs);
    case Task::regress: break;
    case Task::anomaly: return detect(view, bundle_inputs(view, scratch), outputs);
  }
  return {0, 0};
}

Verdict run_bundle(const BundleView& view, const float* features, int8_t* scratch,
                   int8_t* outputs) {
  quantize_inputs(view, reinterpret_cast<const uint8_t*>(features), scratch);
  run_layers(view, scratch, outputs);
  return judge_outputs(view, scratch, outputs);
}

BundleError bundle_self_test(const BundleView& view, int8_t* scratch) {
  int8_t* outputs = scratch + view.scratch_bytes;
  quantize_inputs(view, view.self_test, scratch);
  run_layers(view, scratch, outputs);
  const uint8_t* expected = view.self_test + size_t{view.inputs} * 4;
  for (uint16_t i = 0; i < view.outputs; ++i) {
    if (outputs[i] != load_i8(expected + i)) return BundleError::self_test_mismatch;
  }
  return BundleError::none;
}

float output_value(const BundleView& view, uint16_t index, int8_t q) {
  const uint8_t* scale = view.task_data + size_t{index} * 8;
  return load_f32(scale + 4) + load_f32(scale) * static_cast<float>(q - view.output_zero_point);
}

}  // namespace kernels
}  // namespace haltere
