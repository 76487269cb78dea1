#include "bench/mcu_orientation.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>

#include "tests/mcu/orientation/emulated_filter.hpp"

namespace haltere::bench {
namespace {

using nlohmann::ordered_json;

constexpr double seconds = 20.0;
constexpr double instructions_per_s = 1e9 / 64.0;  // as QEMU's -icount shift=6 lets time pass

bool same_bits(const std::vector<orientation::Answer>& a,
               const std::vector<orientation::Answer>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
}

ordered_json measure(const orientation::FilterBoard& board, const std::string& images) {
  const auto samples = orientation::moving_samples(seconds);
  const auto run = orientation::run_emulated(board, images, samples);
  if (!run) return nullptr;
  const orientation::Cost& cost = run->cost;
  const double per_tick = instructions_per_s / board.tick_hz;
  const double updates = cost.samples[0];
  const auto average = [&](std::uint64_t ticks) {
    return std::llround(static_cast<double>(ticks) * per_tick / updates);
  };
  const auto telling = average(cost.orientation_ticks);
  return {{"instructions", average(cost.ticks[0] + cost.ticks[1] + cost.ticks[2]) + telling},
          {"gyroscope", average(cost.ticks[0])},
          {"accelerometer", average(cost.ticks[1])},
          {"magnetometer", average(cost.ticks[2])},
          {"orientation", telling},
          {"most", std::llround(cost.most_ticks * per_tick)},
          {"filter_bytes", cost.filter_bytes},
          {"stack_bytes", cost.stack_bytes},
          {"same_bits_as_here", same_bits(run->answers, orientation::run_here(samples))}};
}

}  // namespace

ordered_json measure_orientation(const std::string& images) {
  ordered_json report;
  std::printf("\n%-6s %12s %10s %14s %13s %12s %10s %7s %7s %5s\n", "core", "instructions",
              "gyroscope", "accelerometer", "magnetometer", "orientation", "most", "filter",
              "stack", "bits");
  for (const orientation::FilterBoard& board : orientation::filter_boards()) {
    ordered_json row = measure(board, images);
    report[board.name] = row;
    if (row.is_null()) continue;
    const auto number = [&row](const char* key) { return row[key].get<long long>(); };
    std::printf("%-6s %12lld %10lld %14lld %13lld %12lld %10lld %7lld %7lld %5s\n", board.name,
                number("instructions"), number("gyroscope"), number("accelerometer"),
                number("magnetometer"), number("orientation"), number("most"),
                number("filter_bytes"), number("stack_bytes"),
                row["same_bits_as_here"].get<bool>() ? "same" : "OTHER");
  }
  return report;
}

}  // namespace haltere::bench
