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

double stretch_of(const Contender& contender) {
  const double start = now_ns();
  contender.call(contender.calls);
  return now_ns() - start;
}

/// So many calls that a stretch is long enough, even one that nothing interrupted.
void calibrate(Contender& contender) {
  constexpr int tries = 3;
  for (;; contender.calls *= 2) {
    double shortest = stretch_of(contender);
    for (int i = 1; i < tries; ++i) shortest = std::min(shortest, stretch_of(contender));
    if (shortest >= stretch_ns) return;
  }
}

}  // namespace

void compete(std::vector<Contender>& contenders, std::size_t rounds) {
  for (Contender& contender : contenders) calibrate(contender);
  for (std::size_t round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      const double ns =
          stretch_of(contender) / (static_cast<double>(contender.calls) * contender.rows);
      contender.best_ns = round == 0 ? ns : std::min(contender.best_ns, ns);
    }
}

}  // namespace haltere::bench
