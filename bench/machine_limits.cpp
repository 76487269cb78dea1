#include "bench/machine_limits.hpp"

#include <memory>

namespace haltere::bench {
namespace {

template <std::size_t lanes>
struct Pack {
  using Type __attribute__((vector_size(sizeof(float) * lanes))) = float;
};

constexpr std::size_t chains = 12;  ///< independent, so that latency does not count
constexpr std::size_t fma_turns = 512;

/// `calls` times fma_turns turns of `chains` multiply-adds. This file is compiled with contraction.
template <std::size_t lanes>
[[gnu::always_inline]] inline float multiply_add(std::size_t calls, float factor) {
  typename Pack<lanes>::Type sums[chains];
  for (std::size_t c = 0; c < chains; ++c)  // unlike, or the compiler keeps only one
    sums[c] = typename Pack<lanes>::Type{} + static_cast<float>(c);
  for (std::size_t turn = 0; turn < calls * fma_turns; ++turn)
    for (auto& sum : sums) sum = sum * factor + factor;
  for (std::size_t c = 1; c < chains; ++c) sums[0] += sums[c];
  return sums[0][0];
}

#ifdef __x86_64__
[[gnu::target("avx512f,prefer-vector-width=512")]] float fma_16(std::size_t calls, float factor) {
  return multiply_add<16>(calls, factor);
}
[[gnu::target("avx2,fma")]] float fma_8(std::size_t calls, float factor) {
  return multiply_add<8>(calls, factor);
}
#endif
float fma_4(std::size_t calls, float factor) { return multiply_add<4>(calls, factor); }

Contender fma_peak() {
  float (*loop)(std::size_t, float) = fma_4;
  double lanes = 4.0;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) {
    loop = fma_16;
    lanes = 16.0;
  } else if (__builtin_cpu_supports("fma")) {
    loop = fma_8;
    lanes = 8.0;
  }
#endif
  const double operations = 2.0 * lanes * static_cast<double>(chains * fma_turns);
  return {"fma", [loop](std::size_t calls) { keep(loop(calls, 0.5F)); }, operations};
}

using Pass = float (*)(float* values, std::size_t count);

/// Sums in eight chains, so that the latency of an addition does not count.
template <std::size_t lanes>
[[gnu::always_inline]] inline float read_lanes(const float* values, std::size_t count) {
  typename Pack<lanes>::Type sums[8] = {};
  for (std::size_t i = 0; i < count; i += 8 * lanes)
    for (std::size_t c = 0; c < 8; ++c) {
      typename Pack<lanes>::Type value;
      __builtin_memcpy(&value, values + i + lanes * c, sizeof value);
      sums[c] += value;
    }
  for (std::size_t c = 1; c < 8; ++c) sums[0] += sums[c];
  return sums[0][0];
}

#ifdef __x86_64__
[[gnu::target("avx2,fma")]] float read_8(const float* values, std::size_t count) {
  return read_lanes<8>(values, count);
}
#endif

float read_pass(float* values, std::size_t count) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return read_8(values, count);
#endif
  return read_lanes<4>(values, count);
}

float update_pass(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] *= 1.0000001F;
  return values[0];
}

Contender pass_over(const char* key, Pass pass, std::size_t bytes) {
  const auto values = std::make_shared<std::vector<float>>(bytes / sizeof(float), 1.0F);
  return {key,
          [values, pass](std::size_t calls) {
            for (std::size_t i = 0; i < calls; ++i) keep(pass(values->data(), values->size()));
          },
          static_cast<double>(bytes)};
}

}  // namespace

std::vector<Contender> machine_limits() {
  constexpr std::size_t mebibyte = 1U << 20U;
  return {fma_peak(), pass_over("read", read_pass, 64 * mebibyte),
          pass_over("update", update_pass, 64 * mebibyte),
          pass_over("cache_read", read_pass, mebibyte),
          pass_over("cache_update", update_pass, mebibyte)};
}

}  // namespace haltere::bench
