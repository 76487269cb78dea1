#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {
namespace bundle_layout {

// Offsets and sizes in bytes; models/format.md explains the fields.
constexpr uint32_t magic_word = 0x42544c48;  // "HLTB"

constexpr size_t magic = 0;
constexpr size_t format_version = 4;
constexpr size_t task = 6;
constexpr size_t packing_class = 7;
constexpr size_t total_length = 8;
constexpr size_t inputs = 12;
constexpr size_t outputs = 14;
constexpr size_t label_count = 16;
constexpr size_t layer_count = 18;
constexpr size_t seal_kind = 19;
constexpr size_t input_scale = 20;
constexpr size_t output_scale = 24;
constexpr size_t input_zero_point = 28;
constexpr size_t output_zero_point = 29;
constexpr size_t reserved = 30;  // and the room of the seal
constexpr size_t reserved_bytes = 34;

constexpr size_t model_id = 64;
constexpr size_t version = 80;
constexpr size_t windows_learned = 84;
constexpr size_t parent = 88;
constexpr size_t created_ns = 96;
constexpr size_t prequential_score = 104;
constexpr size_t held_back_score = 108;
constexpr size_t reserved_provenance = 112;
constexpr size_t reserved_provenance_bytes = 16;
constexpr size_t header_bytes = 128;

constexpr size_t layer_inputs = 0;
constexpr size_t layer_outputs = 2;
constexpr size_t layer_activation = 4;
constexpr size_t layer_packing = 5;
constexpr size_t layer_clamp_min = 6;
constexpr size_t layer_clamp_max = 7;
constexpr size_t layer_output_scale = 8;
constexpr size_t layer_output_zero_point = 12;
constexpr size_t layer_softmax_shift = 13;
constexpr size_t layer_reserved = 14;
constexpr size_t layer_softmax_multiplier = 16;
constexpr size_t layer_header_bytes = 20;

constexpr size_t crc_bytes = 4;

}  // namespace bundle_layout
}  // namespace kernels
}  // namespace haltere
