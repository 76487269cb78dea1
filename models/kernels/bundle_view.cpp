#include "models/kernels/bundle_view.hpp"

#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/text.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

// No size below can wrap in 32 bits: the counts are checked before they are multiplied, and what is
// left of the bundle bounds what has been taken.
static_assert(uint64_t{max_bundle_units} * max_bundle_units + max_bundle_units * 16ULL + 1024 <
                  UINT32_MAX,
              "a layer's size must fit 32 bits");

constexpr int32_t max_layer_bias = int32_t{1} << 30;

/// What of the bundle has not been looked at yet.
struct Rest {
  const uint8_t* next;
  uint32_t size;
};

/// Takes `size` bytes off `rest`; null when there are fewer.
const uint8_t* take(Rest& rest, uint32_t size) {
  if (size > rest.size) return nullptr;
  const uint8_t* taken = rest.next;
  rest.next += size;
  rest.size -= size;
  return taken;
}

bool all_zero(const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

/// float32 values at `bytes` that are all finite.
bool are_finite(const uint8_t* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!is_finite(load_f32(bytes + size_t{4} * i))) return false;
  }
  return true;
}

/// A normal number above 0; compared as bits, which order like the numbers.
bool is_scale(uint32_t bits) { return bits >= 0x00800000U && bits < 0x7f800000U; }

bool is_unit_count(uint16_t count) { return count >= 1 && count <= max_bundle_units; }

BundleError check_envelope(const uint8_t* bytes, size_t size) {
  // The address is only looked at, never turned back into a pointer.
  if ((reinterpret_cast<uintptr_t>(bytes) & 3U) != 0) return BundleError::misaligned;
  if (size < at::header_bytes + at::crc_bytes) return BundleError::too_short;
  if (load_u32(bytes + at::magic) != at::magic_word) return BundleError::wrong_magic;
  if (load_u16(bytes + at::format_version) != bundle_format_version)
    return BundleError::unsupported_version;
  const uint32_t length = load_u32(bytes + at::total_length);
  if (length != size || (length & 3U) != 0) return BundleError::wrong_length;
  if (crc32(bytes, size - at::crc_bytes) != load_u32(bytes + size - at::crc_bytes))
    return BundleError::wrong_crc;
  return BundleError::none;
}

bool are_labels_counted(const BundleView& view) {
  switch (view.task) {
    case Task::classify: return view.label_count == view.outputs && view.outputs >= 2;
    case Task::regress: return view.label_count == view.outputs || view.label_count == 0;
    case Task::anomaly: return view.label_count == 0 && view.outputs == view.inputs;
  }
  return false;
}

BundleError read_header(BundleView& view) {
  const uint8_t* bytes = view.bytes;
  if (bytes[at::seal_kind] != static_cast<uint8_t>(Seal::none))
    return BundleError::unsupported_seal;
  if (bytes[at::packing_class] != static_cast<uint8_t>(WeightPacking::plain))
    return BundleError::unsupported_packing;
  if (bytes[at::task] > static_cast<uint8_t>(Task::anomaly)) return BundleError::bad_header;
  view.task = static_cast<Task>(bytes[at::task]);
  view.inputs = load_u16(bytes + at::inputs);
  view.outputs = load_u16(bytes + at::outputs);
  view.label_count = load_u16(bytes + at::label_count);
  view.layer_count = bytes[at::layer_count];
  view.input_zero_point = load_i8(bytes + at::input_zero_point);
  view.output_zero_point = load_i8(bytes + at::output_zero_point);
  view.input_scale = load_f32(bytes + at::input_scale);
  view.output_scale = load_f32(bytes + at::output_scale);
  view.version = load_u32(bytes + at::version);
  const bool good = is_unit_count(view.inputs) && is_unit_count(view.outputs) &&
                    are_labels_counted(view) && view.layer_count >= 1 &&
                    view.layer_count <= max_bundle_layers && is_scale(bits_of(view.input_scale)) &&
                    is_scale(bits_of(view.output_scale)) &&
                    all_zero(bytes + at::reserved, at::reserved_bytes);
  return good ? BundleError::none : BundleError::bad_header;
}

BundleError check_provenance(const BundleView& view) {
  const uint8_t* bytes = view.bytes;
  const bool good = is_padded_text(bytes + at::model_id, name_bytes) && view.version != 0 &&
                    are_finite(bytes + at::prequential_score, 2) &&
                    all_zero(bytes + at::reserved_provenance, at::reserved_provenance_bytes);
  return good ? BundleError::none : BundleError::bad_provenance;
}

BundleError read_recipe(BundleView& view, Rest& rest) {
  if (!open_recipe(rest.next, rest.size, view.recipe) || view.recipe.inputs != view.inputs)
    return BundleError::bad_recipe;
  take(rest, view.recipe.size);
  return BundleError::none;
}

BundleError read_normalisation(BundleView& view, Rest& rest) {
  view.normalisation = take(rest, 8U * view.inputs);
  if (view.normalisation == nullptr) return BundleError::wrong_length;
  return are_finite(view.normalisation, 2U * view.inputs) ? BundleError::none
                                                          : BundleError::bad_normalisation;
}

/// Neither the sum nor its shift to the left can overflow, whatever the inputs.
bool is_row_valid(const DenseS8& layer, uint16_t row) {
  const int32_t layer_bias = load_i32(layer.layer_bias + size_t{row} * 4);
  const int32_t multiplier = load_i32(layer.multipliers + size_t{row} * 4);
  const int8_t shift = layer.shifts[row];
  if (layer_bias > max_layer_bias || layer_bias < -max_layer_bias) return false;
  if (multiplier != 0 && multiplier < (int32_t{1} << 30)) return false;
  if (shift < -31 || shift > 15) return false;
  const auto largest_sum =
      static_cast<int32_t>(layer.inputs) * (1 << 14) + (layer_bias < 0 ? -layer_bias : layer_bias);
  return shift <= 0 || largest_sum <= (INT32_MAX >> shift);
}

bool are_rows_valid(const DenseS8& layer) {
  for (uint16_t row = 0; row < layer.outputs; ++row) {
    if (!is_row_valid(layer, row)) return false;
  }
  const uint32_t weights = uint32_t{layer.inputs} * layer.outputs;
  for (uint32_t i = 0; i < weights; ++i) {
    if (layer.weights[i] == -128) return false;
  }
  // The padding behind the two int8 arrays.
  const auto* shifts = reinterpret_cast<const uint8_t*>(layer.shifts);
  const auto* bytes = reinterpret_cast<const uint8_t*>(layer.weights);
  return all_zero(shifts + layer.outputs, padded_to_4(layer.outputs) - layer.outputs) &&
         all_zero(bytes + weights, padded_to_4(weights) - weights);
}

bool is_softmax_valid(const LayerView& layer, bool is_last) {
  if (layer.activation != Activation::softmax)
    return layer.softmax.multiplier == 0 && layer.softmax.shift == 0;
  return is_last && layer.dense.outputs <= max_softmax_outputs &&
         layer.softmax.multiplier >= (int32_t{1} << 30) && layer.softmax.shift >= 0 &&
         layer.softmax.shift <= 30;
}

/// The fields that a layer's size depends on.
bool is_layer_header_valid(const uint8_t* header, uint16_t inputs) {
  return load_u16(header + at::layer_inputs) == inputs &&
         is_unit_count(load_u16(header + at::layer_outputs)) &&
         header[at::layer_activation] <= static_cast<uint8_t>(Activation::softmax) &&
         header[at::layer_packing] == static_cast<uint8_t>(WeightPacking::plain) &&
         load_u16(header + at::layer_reserved) == 0;
}

struct Quantization {
  uint32_t scale_bits;
  int8_t zero_point;
};

/// Of a layer's output: tables and softmax have fixed ones.
Quantization output_quantization(const LayerView& layer) {
  switch (layer.activation) {
    case Activation::linear:
    case Activation::relu: break;
    case Activation::tanh: return {bits_of(1.0f / 128.0f), 0};
    case Activation::sigmoid:
    case Activation::softmax: return {bits_of(1.0f / 256.0f), -128};
  }
  return {bits_of(layer.output_scale), layer.dense.output_zero_point};
}

bool is_layer_valid(const BundleView& view, const LayerView& layer, bool is_last) {
  if (layer.dense.clamp_min > layer.dense.clamp_max) return false;
  if (!is_scale(bits_of(layer.output_scale)) || !is_softmax_valid(layer, is_last)) return false;
  if (!are_rows_valid(layer.dense)) return false;
  if (!is_last) return true;
  const Quantization output = output_quantization(layer);
  return layer.dense.outputs == view.outputs && output.scale_bits == bits_of(view.output_scale) &&
         output.zero_point == view.output_zero_point;
}

bool has_table(Activation activation) {
  return activation == Activation::tanh || activation == Activation::sigmoid;
}

uint32_t layer_bytes(const uint8_t* header) {
  const uint32_t inputs = load_u16(header + at::layer_inputs);
  const uint32_t outputs = load_u16(header + at::layer_outputs);
  const auto activation = static_cast<Activation>(header[at::layer_activation]);
  return static_cast<uint32_t>(at::layer_header_bytes) + 8 * outputs + padded_to_4(outputs) +
         padded_to_4(inputs * outputs) +
         (has_table(activation) ? static_cast<uint32_t>(lookup_table_bytes) : 0U);
}

/// Reads the layer at the head of `rest`, which takes `inputs`.
BundleError take_layer(const BundleView& view, uint16_t inputs, bool is_last, Rest& rest) {
  if (rest.size < at::layer_header_bytes) return BundleError::wrong_length;
  if (!is_layer_header_valid(rest.next, inputs)) return BundleError::bad_layer;
  const uint8_t* bytes = take(rest, layer_bytes(rest.next));
  if (bytes == nullptr) return BundleError::wrong_length;
  return is_layer_valid(view, read_layer(bytes), is_last) ? BundleError::none
                                                          : BundleError::bad_layer;
}

BundleError read_layers(BundleView& view, Rest& rest) {
  view.layers = rest.next;
  uint16_t inputs = view.inputs;
  uint32_t hidden = 0;
  for (uint8_t i = 0; i < view.layer_count; ++i) {
    const bool is_last = i + 1 == view.layer_count;
    const uint8_t* bytes = rest.next;
    const BundleError error = take_layer(view, inputs, is_last, rest);
    if (error != BundleError::none) return error;
    const uint16_t outputs = load_u16(bytes + at::layer_outputs);
    // Between the caller's inputs and outputs, activations go back and forth between the two ends
    // of one buffer; each layer's pair must fit.
    const uint32_t pair = (i == 0 ? 0U : inputs) + (is_last ? 0U : outputs);
    hidden = pair > hidden ? pair : hidden;
    inputs = outputs;
  }
  view.scratch_bytes = view.inputs + hidden;
  return BundleError::none;
}

BundleError read_labels(BundleView& view, Rest& rest) {
  view.labels = take(rest, view.label_count * static_cast<uint32_t>(name_bytes));
  if (view.labels == nullptr) return BundleError::wrong_length;
  for (uint16_t i = 0; i < view.label_count; ++i) {
    if (!is_padded_text(view.labels + size_t{i} * name_bytes, name_bytes))
      return BundleError::bad_labels;
  }
  return BundleError::none;
}

BundleError read_task_data(BundleView& view, Rest& rest) {
  const bool regress = view.task == Task::regress;
  view.task_data = take(rest, regress ? 8U * view.outputs : 4U);
  if (view.task_data == nullptr) return BundleError::wrong_length;
  bool good = true;
  switch (view.task) {
    case Task::classify: good = all_zero(view.task_data + 1, 3); break;
    case Task::regress: good = are_finite(view.task_data, 2U * view.outputs); break;
    case Task::anomaly:
      good = bits_of(view.input_scale) == bits_of(view.output_scale) &&
             view.input_zero_point == view.output_zero_point;
      break;
  }
  return good ? BundleError::none : BundleError::bad_task;
}

BundleError read_self_test(BundleView& view, Rest& rest) {
  const uint32_t outputs = view.outputs;
  view.self_test = take(rest, 4U * view.inputs + padded_to_4(outputs));
  if (view.self_test == nullptr) return BundleError::wrong_length;
  const uint8_t* expected = view.self_test + size_t{view.inputs} * 4;
  if (!are_finite(view.self_test, view.inputs) ||
      !all_zero(expected + outputs, padded_to_4(outputs) - outputs))
    return BundleError::bad_self_test;
  return rest.size == at::crc_bytes ? BundleError::none : BundleError::wrong_length;
}

}  // namespace

BundleError open_bundle(const uint8_t* bytes, size_t size, BundleView& view) {
  using Step = BundleError (*)(BundleView&, Rest&);
  static const Step steps[] = {read_recipe, read_normalisation, read_layers,
                               read_labels, read_task_data,     read_self_test};
  BundleError error = check_envelope(bytes, size);
  if (error != BundleError::none) return error;
  view.bytes = bytes;
  view.size = static_cast<uint32_t>(size);
  error = read_header(view);
  if (error == BundleError::none) error = check_provenance(view);
  Rest rest = {bytes + at::header_bytes, view.size - static_cast<uint32_t>(at::header_bytes)};
  for (const Step step : steps) {
    if (error != BundleError::none) return error;
    error = step(view, rest);
  }
  return error;
}

LayerView read_layer(const uint8_t* bytes) {
  LayerView layer = {};
  DenseS8& dense = layer.dense;
  dense.inputs = load_u16(bytes + at::layer_inputs);
  dense.outputs = load_u16(bytes + at::layer_outputs);
  dense.packing = static_cast<WeightPacking>(bytes[at::layer_packing]);
  dense.clamp_min = load_i8(bytes + at::layer_clamp_min);
  dense.clamp_max = load_i8(bytes + at::layer_clamp_max);
  dense.output_zero_point = load_i8(bytes + at::layer_output_zero_point);
  dense.multipliers = bytes + at::layer_header_bytes;
  dense.layer_bias = dense.multipliers + size_t{dense.outputs} * 4;
  const uint8_t* shifts = dense.layer_bias + size_t{dense.outputs} * 4;
  const uint8_t* weights = shifts + padded_to_4(dense.outputs);
  dense.shifts = reinterpret_cast<const int8_t*>(shifts);
  dense.weights = reinterpret_cast<const int8_t*>(weights);
  layer.activation = static_cast<Activation>(bytes[at::layer_activation]);
  layer.softmax.multiplier = load_i32(bytes + at::layer_softmax_multiplier);
  layer.softmax.shift = load_i8(bytes + at::layer_softmax_shift);
  layer.output_scale = load_f32(bytes + at::layer_output_scale);
  layer.next = bytes + layer_bytes(bytes);
  if (has_table(layer.activation))
    layer.table = reinterpret_cast<const int8_t*>(layer.next - lookup_table_bytes);
  return layer;
}

const char* bundle_label(const BundleView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.labels + size_t{index} * name_bytes);
}

uint64_t bundle_identity(const BundleView& view) { return fnv1a_64(view.bytes, view.size); }

}  // namespace kernels
}  // namespace haltere
