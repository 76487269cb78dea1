#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace haltere::bench {

/// Something to be timed beside others.
struct Contender {
  std::string key;                        ///< in the results
  std::function<void(std::size_t)> call;  ///< does the work that many times
  double rows = 1.0;                      ///< samples in each call
  double best_ns = 0.0;                   ///< time of a sample, after `compete`
  std::size_t calls = 1;                  ///< in a stretch
};

/// Times the contenders in turns, `rounds` stretches of about half a millisecond each, and keeps
/// each one's best: what else runs on the machine only ever makes a stretch longer, and the turns
/// give all of them the same chance of a quiet one.
void compete(std::vector<Contender>& contenders, std::size_t rounds);

/// Keeps the compiler from removing what `value` was computed with.
inline void keep(float value) { asm volatile("" : : "r"(&value) : "memory"); }

}  // namespace haltere::bench
