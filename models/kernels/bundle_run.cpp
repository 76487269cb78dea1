#include "models/kernels/bundle_view.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/quantize_f32_s8.hpp"

namespace haltere {
namespace kernels {
namespace {

void run_layer(const LayerView& layer, const int8_t* x, int8_t* y) {
  dense_s8(layer.dense, x, y);
  if (layer.activation == Activation::softmax) softmax_s8(layer.softmax, y, layer.dense.outputs);
  if (layer.table != nullptr) lookup_s8(layer.table, y, layer.dense.outputs);
}

void quantize_inputs(const BundleView& view, const uint8_t* features, int8_t* q) {
  quantize_row_f32_s8({view.normalisation, view.inputs, view.input_zero_point}, features, q);
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

size_t required_ram_bytes(const BundleView& view) { return view.scratch_bytes; }

size_t self_test_scratch_bytes(const BundleView& view) {
  return view.scratch_bytes + size_t{view.outputs};
}

void run_layers(const BundleView& view, const int8_t* q, int8_t* hidden, int8_t* outputs) {
  const size_t hidden_bytes = view.scratch_bytes - view.inputs;
  const uint8_t* at = view.layers;
  for (uint8_t i = 0; i < view.layer_count; ++i) {
    const LayerView layer = read_layer(at);
    int8_t* y = outputs;
    if (i + 1 < view.layer_count) {
      y = (i & 1U) == 0 ? hidden : hidden + hidden_bytes - layer.dense.outputs;
    }
    run_layer(layer, q, y);
    q = y;
    at = layer.next;
  }
}

Verdict run_bundle(const BundleView& view, const float* features, int8_t* scratch,
                   int8_t* outputs) {
  quantize_inputs(view, reinterpret_cast<const uint8_t*>(features), scratch);
  run_layers(view, scratch, scratch + view.inputs, outputs);
  switch (view.task) {
    case Task::classify: return classify(view, outputs);
    case Task::regress: break;
    case Task::anomaly: return detect(view, scratch, outputs);
  }
  return {0, 0};
}

BundleError bundle_self_test(const BundleView& view, int8_t* scratch) {
  int8_t* outputs = scratch + view.scratch_bytes;
  quantize_inputs(view, view.self_test, scratch);
  run_layers(view, scratch, scratch + view.inputs, outputs);
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
