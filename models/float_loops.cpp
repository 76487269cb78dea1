#include "models/float_loops.hpp"

#include <cstring>

namespace haltere::models {

extern const FloatLoops float_loops_base;
#ifdef HALTERE_X86_LOOPS
extern const FloatLoops float_loops_avx2;
extern const FloatLoops float_loops_avx512;
#endif

namespace {

const FloatLoops& choose() {
#ifdef HALTERE_X86_LOOPS
  if (__builtin_cpu_supports("avx512f")) return float_loops_avx512;
  if (__builtin_cpu_supports("avx2")) return float_loops_avx2;
#endif
  return float_loops_base;
}

}  // namespace

const FloatLoops& float_loops() {
  static const FloatLoops& chosen = choose();
  return chosen;
}

const FloatLoops* find_float_loops(const char* name) {
#ifdef HALTERE_X86_LOOPS
  if (std::strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &float_loops_avx2;
  if (std::strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f"))
    return &float_loops_avx512;
#endif
  return std::strcmp(name, "base") == 0 ? &float_loops_base : nullptr;
}

}  // namespace haltere::models
