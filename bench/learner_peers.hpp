#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <vector>

namespace haltere::bench {

/// A net to be measured: widths from the inputs to the outputs, relu between.
struct Net {
  const char* key;
  const char* name;
  std::vector<std::size_t> widths;
  bool classify;  ///< softmax and cross entropy at the end, else linear and squared error
};

/// The nets that all learners are compared on.
[[nodiscard]] const std::vector<Net>& nets();

/// 256 rows of made-up data for a net.
struct Data {
  std::vector<float> x;  ///< [256][inputs]
  std::vector<float> y;  ///< [256][outputs]
  std::vector<std::int32_t> labels;
};
[[nodiscard]] Data make_data(const Net& net);

/// Time of a row; 0 = not measured.
struct PeerTimes {
  double train1_ns = 0.0;
  double train32_ns = 0.0;
  double infer1_ns = 0.0;
};
[[nodiscard]] PeerTimes measure_fann(const Net& net);
[[nodiscard]] PeerTimes measure_dlib(const Net& net);

/// Keeps the compiler from removing what `value` was computed with.
inline void keep(float value) { asm volatile("" : : "x"(value)); }

/// CPU time of this thread, so that other work on the machine counts less.
inline double thread_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Median CPU time of a call over 15 stretches of about 15 ms.
template <typename Call>
double nanoseconds(const Call& call) {
  const auto stretch = [&](std::size_t calls) {
    const double start = thread_nanoseconds();
    for (std::size_t i = 0; i < calls; ++i) call();
    return thread_nanoseconds() - start;
  };
  std::size_t calls = 1;
  while (stretch(calls) < 15e6) calls *= 2;
  std::vector<double> times;
  for (int i = 0; i < 15; ++i) times.push_back(stretch(calls) / static_cast<double>(calls));
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace haltere::bench
