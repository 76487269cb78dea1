#pragma once

namespace haltere {
namespace kernels {

/// The integer version alone.
float square_root_f32_portable(float x);

/// Square root, correctly rounded on every core: the processor's instruction where there is one,
/// integer arithmetic elsewhere. Negative or NaN gives NaN; -0 gives -0.
inline float square_root_f32(float x) {
#if defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__aarch64__)
  float root;
  __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
  return root;
#elif defined(__aarch64__) || defined(__SSE__)
  return __builtin_sqrtf(x);  // which, unlike assembler, a loop can do several of at once
#else
  return square_root_f32_portable(x);
#endif
}

}  // namespace kernels
}  // namespace haltere
