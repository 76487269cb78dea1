#include "models/kernels/vector_f32.hpp"

#include "models/kernels/interleaved_sum.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere {
namespace kernels {

float signal_magnitude_area_f32(const float* window, size_t stride, size_t count, size_t n) {
  float sum = 0.0f;
  for (size_t c = 0; c < count; ++c) sum += mean_absolute_f32(window + c * stride, n);
  return sum;
}

float correlation_f32(const float* x, const float* y, size_t n) {
  const float mean_x = mean_f32(x, n);
  const float mean_y = mean_f32(y, n);
  const float deviations =
      square_root_f32(variance_f32(x, n, mean_x)) * square_root_f32(variance_f32(y, n, mean_y));
  if (!(deviations > 0.0f)) return 0.0f;
  const float sum = interleaved_sum(n, [=](size_t i) { return (x[i] - mean_x) * (y[i] - mean_y); });
  const float correlation = sum / static_cast<float>(n) / deviations;
  return correlation > 1.0f ? 1.0f : correlation < -1.0f ? -1.0f : correlation;
}

}  // namespace kernels
}  // namespace haltere
