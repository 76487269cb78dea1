#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// Levels of the wavelet transform that n samples have room for: n >= 3 * 2^levels.
uint8_t most_wavelet_levels(size_t n);

/// energies[level] = sum(d^2) / n of the details of levels 1..levels (finest first) of x [n] -
/// mean: discrete wavelet transform with Daubechies' filter of four taps (db2), the signal
/// continued by its mirror image. levels <= most_wavelet_levels(n); work [n].
void wavelet_energy_f32(const float* x, size_t n, float mean, uint8_t levels, float* work,
                        float* energies);

}  // namespace kernels
}  // namespace haltere
