#include "models/kernels/bundle_view.hpp"

#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/text.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

/// What looks at the parts that only some machines use.
struct Readers {
  bool (*read_recipe)(const uint8_t* bytes, size_t available, RecipeView& view);
  bool (*is_text)(const uint8_t* text, size_t size);
};

bool is_any_text(const uint8_t* /*text*/, size_t /*size*/) { return true; }

// Named, so that the linker can leave out what nothing uses.
constexpr Readers all_readers = {open_recipe, is_padded_text};
constexpr Readers inference_readers = {measure_recipe, is_any_text};

/// float32 values at `bytes` that are all finite.
bool are_finite(const uint8_t* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!is_finite(load_f32(bytes + size_t{4} * i))) return false;
  }
  return true;
}

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
  const uint8_t packing = bytes[at::packing_class];
  if (packing >= weight_packings || (supported_packings >> packing & 1U) == 0)
    return BundleError::unsupported_packing;
  view.packing = static_cast<WeightPacking>(packing);
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

BundleError check_provenance(const BundleView& view, const Readers& readers) {
  const uint8_t* bytes = view.bytes;
  const bool good = readers.is_text(bytes + at::model_id, name_bytes) && view.version != 0 &&
                    are_finite(bytes + at::prequential_score, 2) &&
                    all_zero(bytes + at::reserved_provenance, at::reserved_provenance_bytes);
  return good ? BundleError::none : BundleError::bad_provenance;
}

BundleError take_recipe(BundleView& view, const Readers& readers, Rest& rest) {
  if (!readers.read_recipe(rest.next, rest.size, view.recipe) || view.recipe.inputs != view.inputs)
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

BundleError read_labels(BundleView& view, const Readers& readers, Rest& rest) {
  view.labels = take(rest, view.label_count * static_cast<uint32_t>(name_bytes));
  if (view.labels == nullptr) return BundleError::wrong_length;
  for (uint16_t i = 0; i < view.label_count; ++i) {
    if (!readers.is_text(view.labels + size_t{i} * name_bytes, name_bytes))
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

BundleError open_with(const Readers& readers, const uint8_t* bytes, size_t size, BundleView& view) {
  BundleError error = check_envelope(bytes, size);
  if (error != BundleError::none) return error;
  view.bytes = bytes;
  view.size = static_cast<uint32_t>(size);
  error = read_header(view);
  if (error == BundleError::none) error = check_provenance(view, readers);
  Rest rest = {bytes + at::header_bytes, view.size - static_cast<uint32_t>(at::header_bytes)};
  if (error == BundleError::none) error = take_recipe(view, readers, rest);
  if (error == BundleError::none) error = read_normalisation(view, rest);
  if (error == BundleError::none) error = read_layers(view, rest);
  if (error == BundleError::none) error = read_labels(view, readers, rest);
  if (error == BundleError::none) error = read_task_data(view, rest);
  if (error == BundleError::none) error = read_self_test(view, rest);
  return error;
}

}  // namespace

BundleError open_bundle(const uint8_t* bytes, size_t size, BundleView& view) {
  return open_with(all_readers, bytes, size, view);
}

BundleError open_bundle_for_inference(const uint8_t* bytes, size_t size, BundleView& view) {
  return open_with(inference_readers, bytes, size, view);
}

const char* bundle_label(const BundleView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.labels + size_t{index} * name_bytes);
}

uint64_t bundle_identity(const BundleView& view) { return fnv1a_64(view.bytes, view.size); }

}  // namespace kernels
}  // namespace haltere
