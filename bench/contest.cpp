#include "bench/contest.hpp"

#include <algorithm>
#include <ctime>

namespace haltere::bench {
namespace {

constexpr double stretch_ns = 0.5e6;

double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double stretch(const Contender& contender) {
  const double start = now_ns();
  contender.call(contender.calls);
  return now_ns() - start;
}

}  // namespace

void compete(std::vector<Contender>& contenders, std::size_t rounds) {
  for (Contender& contender : contenders)
    while (stretch(contender) < stretch_ns) contender.calls *= 2;
  for (std::size_t round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      const double ns =
          stretch(contender) / (static_cast<double>(contender.calls) * contender.rows);
      contender.best_ns = round == 0 ? ns : std::min(contender.best_ns, ns);
    }
}

}  // namespace haltere::bench
