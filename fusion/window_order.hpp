#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace haltere::fusion {

/// The samples of sliding windows in ascending order, of which each window sorts only what is new.
/// Allocates only when made.
class WindowOrder {
 public:
  /// Whether that takes less time than to sort each window.
  [[nodiscard]] static bool pays(std::size_t samples, std::size_t step) {
    return 2 * step <= samples;
  }

  /// Of windows of so many samples, `step` apart.
  WindowOrder(std::size_t channels, std::size_t samples, std::size_t step);

  /// The next window is another's successor no more.
  void forget() { known_ = false; }

  /// The order [channels][samples] of the window `step` after the one before; channel c's samples
  /// are window[c * stride] and those after it. Valid until the next call.
  [[nodiscard]] const float* move(const float* window, std::size_t stride);

 private:
  [[nodiscard]] std::span<float> leaving(std::size_t channel) {
    return std::span(leaving_).subspan(channel * step_, step_);
  }

  std::size_t channels_;
  std::size_t samples_;
  std::size_t step_;
  std::vector<float> sorted_;
  std::vector<float> leaving_;  ///< [channels][step], sorted: not in the next window any more
  std::vector<float> coming_;   ///< [step], sorted
  bool known_ = false;
};

}  // namespace haltere::fusion
