#include "models/kernels/wavelet_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

// (1 + sqrt 3), (3 + sqrt 3), (3 - sqrt 3), (1 - sqrt 3), each over 4 sqrt 2: Daubechies 1988.
constexpr float h0 = 0.48296291314453f;
constexpr float h1 = 0.83651630373781f;
constexpr float h2 = 0.22414386804201f;
constexpr float h3 = -0.12940952255126f;

/// One level in place: x [n] becomes its approximation [(n + 3) / 2], n >= 6. The sum of the
/// squares of its details.
float split_level(float* x, size_t n) {
  const auto mirrored = [n](size_t i) { return i < n ? i : 2 * n - 1 - i; };
  float a = x[1];  // x[-2] to x[1]
  float b = x[0];
  float c = x[0];
  float d = x[1];
  float sum = 0.0f;
  const size_t count = (n + 3) / 2;
  for (size_t i = 0; i < count; ++i) {
    const float detail = h3 * a - h2 * b + h1 * c - h0 * d;
    const float approximation = h0 * a + h1 * b + h2 * c + h3 * d;
    a = c;
    b = d;
    c = x[mirrored(2 * i + 2)];  // read before anything is written there
    d = x[mirrored(2 * i + 3)];
    x[i] = approximation;
    sum += detail * detail;
  }
  return sum;
}

}  // namespace

uint8_t most_wavelet_levels(size_t n) {
  uint8_t levels = 0;
  while ((n >> (levels + 1)) >= 3) ++levels;
  return levels;
}

void wavelet_energy_f32(const float* x, size_t n, float mean, uint8_t levels, float* work,
                        float* energies) {
  for (size_t i = 0; i < n; ++i) work[i] = x[i] - mean;
  size_t length = n;
  for (uint8_t level = 0; level < levels; ++level) {
    energies[level] = split_level(work, length) / static_cast<float>(n);
    length = (length + 3) / 2;
  }
}

}  // namespace kernels
}  // namespace haltere
