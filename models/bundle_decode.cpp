#include <algorithm>
#include <cstring>

#include "models/bundle.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/dense_s4.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
using kernels::BundleView;
using kernels::Task;

std::string_view padded_text(const char* text) {
  return {text, static_cast<std::size_t>(std::find(text, text + kernels::name_bytes, '\0') - text)};
}

std::vector<float> floats(const std::uint8_t* bytes, std::size_t count) {
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes, count * sizeof(float));
  return values;
}

template <typename T>
std::vector<T> values(const void* bytes, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), bytes, count * sizeof(T));
  return out;
}

/// The weights of an int4 layer, [outputs][inputs].
std::vector<std::int8_t> nibble_weights(const kernels::DenseS8& dense) {
  namespace nibbles = kernels::nibbles;
  const auto* columns = reinterpret_cast<const std::uint8_t*>(dense.weights);
  const std::size_t inputs = dense.inputs;
  std::vector<std::int8_t> weights;
  for (std::uint32_t row = 0; row < dense.outputs; ++row) {
    const std::uint8_t* group = columns + row / nibbles::rows * nibbles::column_bytes * inputs;
    for (std::size_t i = 0; i < inputs; ++i) {
      const std::uint16_t column = kernels::load_u16(group + nibbles::column_bytes * i);
      const int nibble = nibbles::nibble(column, row % nibbles::rows);
      weights.push_back(static_cast<std::int8_t>(nibble - nibbles::raised));
    }
  }
  return weights;
}

BundleLayer layer_of(const kernels::LayerView& view) {
  const kernels::DenseS8& dense = view.dense;
  const std::size_t outputs = dense.outputs;
  BundleLayer layer;
  layer.inputs = dense.inputs;
  layer.outputs = outputs;
  layer.activation = view.activation;
  layer.packing = dense.packing;
  layer.clamp_min = dense.clamp_min;
  layer.clamp_max = dense.clamp_max;
  layer.output_scale = view.output_scale;
  layer.output_zero_point = dense.output_zero_point;
  layer.softmax = view.softmax;
  layer.multipliers = values<std::int32_t>(dense.multipliers, outputs);
  layer.shifts = values<std::int8_t>(dense.shifts, outputs);
  layer.layer_bias = values<std::int32_t>(dense.layer_bias, outputs);
  layer.weights = dense.packing == kernels::WeightPacking::nibbles
                      ? nibble_weights(dense)
                      : values<std::int8_t>(dense.weights, outputs * layer.inputs);
  if (view.table != nullptr) layer.table = values<std::int8_t>(view.table, 256);
  return layer;
}

void read_task_data(const BundleView& view, Bundle& bundle) {
  switch (view.task) {
    case Task::classify: bundle.unknown_below = kernels::load_i8(view.task_data); break;
    case Task::regress:
      for (std::size_t i = 0; i < view.outputs; ++i)
        bundle.output_scales.push_back({kernels::load_f32(view.task_data + 8 * i),
                                        kernels::load_f32(view.task_data + 8 * i + 4)});
      break;
    case Task::anomaly: bundle.anomaly_threshold = kernels::load_u32(view.task_data); break;
  }
}

}  // namespace

Result<Bundle> decode(std::span<const std::uint8_t> bytes) {
  // The reader wants its bytes aligned; a vector's are.
  const std::vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
  const auto opened = open(aligned);
  if (!opened) return opened.error();
  const BundleView& view = *opened;
  if (view.packing != kernels::WeightPacking::plain)
    return Error{ErrorKind::invalid,
                 "its weights are packed for one core class; take it apart before"};
  Bundle bundle;
  bundle.task = view.task;
  bundle.input_scale = view.input_scale;
  bundle.input_zero_point = view.input_zero_point;
  bundle.output_scale = view.output_scale;
  bundle.output_zero_point = view.output_zero_point;
  bundle.provenance = provenance_of(view);
  bundle.recipe.assign(view.recipe.bytes, view.recipe.bytes + view.recipe.size);
  bundle.mean = floats(view.normalisation, view.inputs);
  bundle.gain = floats(view.normalisation + std::size_t{4} * view.inputs, view.inputs);
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    bundle.layers.push_back(layer_of(layer));
    next = layer.next;
  }
  for (std::uint16_t i = 0; i < view.label_count; ++i)
    bundle.labels.emplace_back(padded_text(kernels::bundle_label(view, i)));
  read_task_data(view, bundle);
  bundle.self_test_features = floats(view.self_test, view.inputs);
  bundle.self_test_outputs =
      values<std::int8_t>(view.self_test + std::size_t{4} * view.inputs, view.outputs);
  return bundle;
}

Provenance provenance_of(const BundleView& view) {
  const std::uint8_t* bytes = view.bytes;
  Provenance provenance;
  provenance.model_id = padded_text(values<char>(bytes + at::model_id, kernels::name_bytes).data());
  provenance.version = view.version;
  provenance.windows_learned = kernels::load_u32(bytes + at::windows_learned);
  provenance.parent = values<std::uint64_t>(bytes + at::parent, 1)[0];
  provenance.created_ns = values<std::int64_t>(bytes + at::created_ns, 1)[0];
  provenance.prequential_score = kernels::load_f32(bytes + at::prequential_score);
  provenance.held_back_score = kernels::load_f32(bytes + at::held_back_score);
  return provenance;
}

}  // namespace haltere::models
