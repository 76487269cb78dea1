#pragma once

#include "models/kernels/bundle_view.hpp"

// What a build has beside packed layers with relu or none: everything, or the sum of 1 for plain
// weights, 2 for tables (tanh, sigmoid, leaky relu), 4 for softmax, 8 for recipes and 16 for int4
// weights. Firmware that is made for one model saves their code; a bundle that needs another layer
// is refused, and without recipes features come from elsewhere: it is only skipped.
#ifndef HALTERE_LAYER_KINDS
#define HALTERE_LAYER_KINDS 31
#endif

namespace haltere {
namespace kernels {

constexpr bool runs_plain = (HALTERE_LAYER_KINDS & 1) != 0;
constexpr bool runs_tables = (HALTERE_LAYER_KINDS & 2) != 0;
constexpr bool runs_softmax = (HALTERE_LAYER_KINDS & 4) != 0;
constexpr bool maps_recipes = (HALTERE_LAYER_KINDS & 8) != 0;
constexpr bool runs_nibbles = (HALTERE_LAYER_KINDS & 16) != 0;

/// Bit n: layers of packing n run in this build; `supported_packings` with what single layers have.
constexpr uint32_t layer_packings =
    supported_packings |
    (runs_nibbles ? uint32_t{1} << static_cast<uint8_t>(WeightPacking::nibbles) : 0U);

/// Whether a layer of `packing` has its multipliers, layer_bias and shifts in arrays.
inline bool has_arrays(WeightPacking packing) {
  return (runs_plain && packing == WeightPacking::plain) ||
         (runs_nibbles && packing == WeightPacking::nibbles);
}

inline bool has_table(Activation activation) {
  return activation == Activation::tanh || activation == Activation::sigmoid ||
         activation == Activation::leaky_relu;
}

inline bool runs(Activation activation, WeightPacking packing) {
  return (runs_plain || packing != WeightPacking::plain) &&
         (runs_nibbles || packing != WeightPacking::nibbles) &&
         (runs_tables || !has_table(activation)) &&
         (runs_softmax || activation != Activation::softmax);
}

}  // namespace kernels
}  // namespace haltere
