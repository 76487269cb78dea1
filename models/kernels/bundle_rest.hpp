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

inline bool is_unit_count(uint16_t count) { return count >= 1 && count <= max_bundle_units; }

/// What can be told of a bundle before its sections: place, magic, version, length.
BundleError check_envelope(const uint8_t* bytes, size_t size);

/// Takes the layers off `rest`, looking at their sizes alone: bundle_layers.cpp.
BundleError map_layers(BundleView& view, Rest& rest);

/// Every value of the layers of a mapped bundle: layer_values.cpp.
bool are_layers_valid(const BundleView& view);

/// A normal number above 0; compared as bits, which order like the numbers.
inline bool is_scale(uint32_t bits) { return bits >= 0x00800000U && bits < 0x7f800000U; }

}  // namespace kernels
}  // namespace haltere
