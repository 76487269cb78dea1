#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {
namespace recipe_layout {

// Offsets and sizes in bytes; models/format.md explains the fields.
constexpr size_t rate_hz = 0;
constexpr size_t window_samples = 4;
constexpr size_t step_samples = 6;
constexpr size_t channel_count = 8;
constexpr size_t feature_count = 10;
constexpr size_t log2_points = 11;  // the taper in the upper four bits
constexpr size_t hann_cosine = 12;
constexpr size_t hann_sine = 16;
constexpr size_t plain_inputs = 12;  // these four only in a recipe of no channels
constexpr size_t plain_input_type = 14;
constexpr size_t plain_output_type = 15;
constexpr size_t plain_reserved = 16;
constexpr size_t header_bytes = 20;

constexpr size_t channel_bytes = 20;
constexpr size_t channel_quantity = 16;
constexpr size_t channel_vector = 17;

constexpr size_t feature_bytes = 12;
constexpr size_t feature_kind = 0;
constexpr size_t feature_bands = 1;
constexpr size_t feature_from = 4;
constexpr size_t feature_to = 8;

}  // namespace recipe_layout
}  // namespace kernels
}  // namespace haltere
