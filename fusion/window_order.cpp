#include "fusion/window_order.hpp"

#include "models/kernels/order_f32.hpp"

namespace haltere::fusion {

WindowOrder::WindowOrder(std::size_t channels, std::size_t samples, std::size_t step)
    : channels_(channels),
      samples_(samples),
      step_(step),
      sorted_(channels * samples),
      leaving_(channels * step),
      coming_(step) {}

const float* WindowOrder::move(const float* window, std::size_t stride) {
  for (std::size_t c = 0; c < channels_; ++c) {
    const float* samples = window + c * stride;
    float* sorted = sorted_.data() + c * samples_;
    if (known_) {
      kernels::order_f32(samples + samples_ - step_, step_, coming_.data());
      kernels::move_order_f32(sorted, samples_, leaving(c).data(), coming_.data(), step_);
    } else {
      kernels::order_f32(samples, samples_, sorted);
    }
    kernels::order_f32(samples, step_, leaving(c).data());
  }
  known_ = true;
  return sorted_.data();
}

}  // namespace haltere::fusion
