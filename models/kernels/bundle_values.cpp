// What a bundle may hold: every value of a mapped one, and its checksum.
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_rest.hpp"
#include "models/kernels/bundle_view.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/text.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = bundle_layout;

/// float32 values at `bytes` that are all finite.
bool are_finite(const uint8_t* bytes, uint16_t count) {
  for (uint16_t i = 0; i < count; ++i) {
    if (!is_finite(load_f32(bytes + size_t{4} * i))) return false;
  }
  return true;
}

bool is_header_valid(const BundleView& view) {
  return is_scale(bits_of(view.input_scale)) && is_scale(bits_of(view.output_scale)) &&
         (load_u8(view.bytes + at::seal_kind) != static_cast<uint8_t>(Seal::none) ||
          all_zero(view.bytes + at::reserved, at::reserved_bytes));
}

bool is_provenance_valid(const BundleView& view) {
  const uint8_t* bytes = view.bytes;
  return is_padded_text(bytes + at::model_id, name_bytes) && view.version != 0 &&
         are_finite(bytes + at::prequential_score, 2) &&
         all_zero(bytes + at::reserved_provenance, at::reserved_provenance_bytes);
}

bool is_normalisation_valid(const BundleView& view) {
  return are_finite(view.normalisation, view.inputs) &&
         are_finite(view.normalisation + size_t{4} * view.inputs, view.inputs);
}

bool are_labels_valid(const BundleView& view) {
  for (uint16_t i = 0; i < view.label_count; ++i) {
    if (!is_padded_text(view.labels + size_t{i} * name_bytes, name_bytes)) return false;
  }
  return true;
}

bool is_task_data_valid(const BundleView& view) {
  switch (view.task) {
    case Task::classify: return all_zero(view.task_data + 1, 3);
    case Task::regress:
      return are_finite(view.task_data, view.outputs) &&
             are_finite(view.task_data + size_t{4} * view.outputs, view.outputs);
    case Task::anomaly:
      return bits_of(view.input_scale) == bits_of(view.output_scale) &&
             view.input_zero_point == view.output_zero_point;
  }
  return false;
}

bool is_self_test_valid(const BundleView& view) {
  const uint8_t* expected = view.self_test + size_t{view.inputs} * 4;
  return are_finite(view.self_test, view.inputs) &&
         all_zero(expected + view.outputs,
                  static_cast<size_t>(padded_to_4(view.outputs) - view.outputs));
}

BundleError check_values(const BundleView& view) {
  if (!is_header_valid(view)) return BundleError::bad_header;
  if (!is_provenance_valid(view)) return BundleError::bad_provenance;
  if (!is_recipe_valid(view.recipe)) return BundleError::bad_recipe;
  if (!is_normalisation_valid(view)) return BundleError::bad_normalisation;
  if (!are_layers_valid(view)) return BundleError::bad_layer;
  if (!are_labels_valid(view)) return BundleError::bad_labels;
  if (!is_task_data_valid(view)) return BundleError::bad_task;
  return is_self_test_valid(view) ? BundleError::none : BundleError::bad_self_test;
}

}  // namespace

BundleError open_bundle(const uint8_t* bytes, size_t size, BundleView& view) {
  BundleError error = check_envelope(bytes, size);
  if (error != BundleError::none) return error;
  if (crc32(bytes, size - at::crc_bytes) != load_u32(bytes + size - at::crc_bytes))
    return BundleError::wrong_crc;
  error = map_bundle(bytes, size, view);
  return error == BundleError::none ? check_values(view) : error;
}

}  // namespace kernels
}  // namespace haltere
