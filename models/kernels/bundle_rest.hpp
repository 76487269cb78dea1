#pragma once

#include "models/kernels/bundle_view.hpp"
#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

/// What of the bundle has not been looked at yet.
struct Rest {
  const uint8_t* next;
  uint32_t size;
};

/// Takes `size` bytes off `rest`; null when there are fewer.
inline const uint8_t* take(Rest& rest, uint32_t size) {
  if (size > rest.size) return nullptr;
  const uint8_t* taken = rest.next;
  rest.next += size;
  rest.size -= size;
  return taken;
}

/// A normal number above 0; compared as bits, which order like the numbers.
inline bool is_scale(uint32_t bits) { return bits >= 0x00800000U && bits < 0x7f800000U; }

inline bool is_unit_count(uint16_t count) { return count >= 1 && count <= max_bundle_units; }

/// Takes the layers off `rest` and checks them: bundle_layers.cpp.
BundleError read_layers(BundleView& view, Rest& rest);

}  // namespace kernels
}  // namespace haltere
