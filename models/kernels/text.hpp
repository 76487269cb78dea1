#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// Whether text [size] is at least one byte of well-formed UTF-8 without control characters,
/// followed only by zero bytes.
bool is_padded_text(const uint8_t* text, size_t size);

}  // namespace kernels
}  // namespace haltere
