#include "models/float_loops.hpp"

#include <array>

namespace haltere::models {

namespace loops_base_exact {
extern const FloatLoops table;
}
namespace loops_base_fused {
extern const FloatLoops table;
}
#ifdef HALTERE_X86_LOOPS
namespace loops_avx2_exact {
extern const FloatLoops table;
}
namespace loops_avx2_fused {
extern const FloatLoops table;
}
namespace loops_avx512_exact {
extern const FloatLoops table;
}
namespace loops_avx512_fused {
extern const FloatLoops table;
}
#endif

namespace {

#ifdef HALTERE_X86_LOOPS
constexpr std::array exact_builds{&loops_base_exact::table, &loops_avx2_exact::table,
                                  &loops_avx512_exact::table};
constexpr std::array fused_builds{&loops_base_fused::table, &loops_avx2_fused::table,
                                  &loops_avx512_fused::table};

std::size_t count_supported() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
  return __builtin_cpu_supports("avx512f") ? 3 : 2;
}
#else
constexpr std::array exact_builds{&loops_base_exact::table};
constexpr std::array fused_builds{&loops_base_fused::table};

std::size_t count_supported() { return 1; }
#endif

}  // namespace

std::span<const FloatLoops* const> all_float_loops(Arithmetic arithmetic) {
  static const std::size_t supported = count_supported();
  const auto& builds = arithmetic == Arithmetic::exact ? exact_builds : fused_builds;
  return std::span(builds).first(supported);
}

const FloatLoops& float_loops(Arithmetic arithmetic) { return *all_float_loops(arithmetic).back(); }

}  // namespace haltere::models
