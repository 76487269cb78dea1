// Panes that windows share: which samples are looked at, and that the result is that of a window
// alone. The bits of whole windows of features are compared in window_test.cpp.
#include "fusion/window_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace haltere::fusion {
namespace {

/// Samples by their places in the stream, and how they were put together: "((12)(3))".
struct Trace {
  std::string text;
};

struct Stream {
  std::size_t start = 0;  ///< of the window
  std::size_t taken = 0;  ///< samples looked at since the last window

  Trace make(std::size_t first, std::size_t count) {
    taken += count;
    const std::size_t at = start + first;
    return {std::to_string(at) + "-" + std::to_string(at + count - 1)};
  }
};

void append(Trace& trace, const Trace& next) { trace.text = "(" + trace.text + next.text + ")"; }

class SlidingWindow : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(SlidingWindow, LooksAtNewSamplesAloneAndComesToTheSame) {
  const auto [samples, step] = GetParam();
  const kernels::WindowPanes panes(samples, step);
  SlidingPanes<Trace> sliding(panes);
  std::vector<Trace> stack(panes.stack());
  Stream stream;
  const auto make = [&](std::size_t first, std::size_t count) { return stream.make(first, count); };
  for (std::size_t window = 0; window < 60; ++window, stream.start += step) {
    if (window == 40) sliding.forget();
    stream.taken = 0;
    const std::string text = sliding.move(make, append).text;
    EXPECT_EQ(stream.taken, window % 40 == 0 ? samples : step) << window;
    EXPECT_EQ(text, kernels::window_pane(panes, make, append, stack.data()).text) << window;
  }
}

INSTANTIATE_TEST_SUITE_P(Extents, SlidingWindow,
                         testing::Values(std::pair{200U, 50U}, std::pair{200U, 1U},
                                         std::pair{200U, 7U}, std::pair{119U, 60U},
                                         std::pair{5U, 4U}, std::pair{2U, 1U}, std::pair{64U, 4U},
                                         std::pair{17U, 2U}));

TEST(SlidingWindow, TakesFewPanesEvenWhereItMovesByOneSample) {
  const kernels::WindowPanes panes(4096, 1);
  SlidingPanes<int> sliding(panes);
  std::size_t appended = 0;
  const auto make = [](std::size_t, std::size_t) { return 1; };
  const auto add = [&](int& pane, int next) {
    pane += next;
    ++appended;
  };
  for (int window = 0; window < 100; ++window) {
    appended = 0;
    EXPECT_EQ(sliding.move(make, add), 4096);
  }
  EXPECT_LE(appended, 2U * 13U);
}

}  // namespace
}  // namespace haltere::fusion
