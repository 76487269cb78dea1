#include "models/kernels/order_f32.hpp"

#include "models/kernels/shape_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Takes the values of gone [count] out of sorted [n]; returns how many are left.
size_t take_out(float* sorted, size_t n, const float* gone, size_t count) {
  size_t kept = 0;
  size_t passed = 0;
  for (size_t i = 0; i < n; ++i) {
    const bool goes = passed < count && sorted[i] == gone[passed];
    sorted[kept] = sorted[i];
    passed += goes ? 1U : 0U;
    kept += goes ? 0U : 1U;
  }
  return kept;
}

}  // namespace

void order_f32(const float* x, size_t n, float* sorted) {
  for (size_t i = 0; i < n; ++i) sorted[i] = x[i] + 0.0f;
  sort_f32(sorted, n);
}

void move_order_f32(float* sorted, size_t n, const float* gone, const float* come, size_t count) {
  size_t kept = take_out(sorted, n, gone, count);
  // From the end, where there is room now.
  for (size_t left = count; left > 0;) {
    if (kept == 0 || come[left - 1] > sorted[kept - 1]) {
      sorted[kept + left - 1] = come[left - 1];
      --left;
    } else {
      sorted[kept + left - 1] = sorted[kept - 1];
      --kept;
    }
  }
}

}  // namespace kernels
}  // namespace haltere
