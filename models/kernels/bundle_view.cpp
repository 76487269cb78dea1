// The structure of a bundle: every length and count, and where its sections are.
#include "models/kernels/bundle_view.hpp"

#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/layer_kinds.hpp"
#include "models/kernels/recipe_layout.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

bool are_labels_counted(const BundleView& view) {
  switch (view.task) {
    case Task::classify: return view.label_count == view.outputs && view.outputs >= 2;
    case Task::regress: return view.label_count == view.outputs || view.label_count == 0;
    case Task::anomaly: return view.label_count == 0 && view.outputs == view.inputs;
  }
  return false;
}

BundleError map_header(BundleView& view) {
  const uint8_t* bytes = view.bytes;
  if (load_u8(bytes + at::seal_kind) > static_cast<uint8_t>(Seal::ascon))
    return BundleError::unsupported_seal;
  const uint8_t packing = load_u8(bytes + at::packing_class);
  if (packing >= weight_packings || (supported_packings >> packing & 1U) == 0)
    return BundleError::unsupported_packing;
  view.packing = static_cast<WeightPacking>(packing);
  view.task = static_cast<Task>(load_u8(bytes + at::task));
  view.inputs = load_u16(bytes + at::inputs);
  view.outputs = load_u16(bytes + at::outputs);
  view.label_count = load_u16(bytes + at::label_count);
  view.layer_count = load_u8(bytes + at::layer_count);
  view.input_zero_point = load_i8(bytes + at::input_zero_point);
  view.output_zero_point = load_i8(bytes + at::output_zero_point);
  view.input_scale = load_f32(bytes + at::input_scale);
  view.output_scale = load_f32(bytes + at::output_scale);
  view.version = load_u32(bytes + at::version);
  // The outputs are the last layer's, which looks at their number.
  const bool good = is_unit_count(view.inputs) && are_labels_counted(view) &&
                    view.layer_count >= 1 && view.layer_count <= max_bundle_layers;
  return good ? BundleError::none : BundleError::bad_header;
}

bool take_section(Rest& rest, uint32_t size, const uint8_t*& section) {
  section = take(rest, size);
  return section != nullptr;
}

/// Takes the recipe, which says where the inputs come from, off `rest`.
bool map_inputs(BundleView& view, Rest& rest) {
  if (!maps_recipes)
    return rest.size >= recipe_layout::header_bytes &&
           take(rest, unchecked_recipe_bytes(rest.next)) != nullptr;
  return map_recipe(rest.next, static_cast<size_t>(rest.size), view.recipe) &&
         view.recipe.inputs == view.inputs && take(rest, view.recipe.size) != nullptr;
}

BundleError map_sections(BundleView& view, Rest& rest) {
  if (!map_inputs(view, rest)) return BundleError::bad_recipe;
  if (!take_section(rest, uint32_t{8} * view.inputs, view.normalisation))
    return BundleError::wrong_length;
  const BundleError error = map_layers(view, rest);
  if (error != BundleError::none) return error;
  const uint32_t outputs = view.outputs;
  const bool complete =
      take_section(rest, view.label_count * uint32_t{name_bytes}, view.labels) &&
      take_section(rest, view.task == Task::regress ? 8U * outputs : 4U, view.task_data) &&
      take_section(rest, uint32_t{4} * view.inputs + padded_to_4(outputs), view.self_test);
  return complete && rest.size == at::crc_bytes ? BundleError::none : BundleError::wrong_length;
}

}  // namespace

BundleError check_envelope(const uint8_t* bytes, size_t size) {
  // The address is only looked at, never turned back into a pointer.
  if ((reinterpret_cast<uintptr_t>(bytes) & 3U) != 0) return BundleError::misaligned;
  if (size < at::header_bytes + at::crc_bytes) return BundleError::too_short;
  if (load_u32(bytes + at::magic) != at::magic_word) return BundleError::wrong_magic;
  if (load_u16(bytes + at::format_version) != bundle_format_version)
    return BundleError::unsupported_version;
  const uint32_t length = load_u32(bytes + at::total_length);
  return length == size && (length & 3U) == 0 ? BundleError::none : BundleError::wrong_length;
}

BundleError map_bundle(const uint8_t* bytes, size_t size, BundleView& view) {
  BundleError error = check_envelope(bytes, size);
  if (error != BundleError::none) return error;
  view.bytes = bytes;
  view.size = static_cast<uint32_t>(size);
  error = map_header(view);
  if (error != BundleError::none) return error;
  Rest rest = {bytes + at::header_bytes, view.size - static_cast<uint32_t>(at::header_bytes)};
  return map_sections(view, rest);
}

const char* bundle_label(const BundleView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.labels + size_t{index} * name_bytes);
}

uint64_t bundle_identity(const BundleView& view) {
  return fnv1a_64(view.bytes, static_cast<size_t>(view.size));
}

}  // namespace kernels
}  // namespace haltere
