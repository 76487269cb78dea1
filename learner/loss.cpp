#include "learner/loss.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace haltere::learner {

namespace {

void cross_entropy_slopes(std::span<const float> outputs, std::span<const std::int32_t> labels,
                          std::span<float> slopes, std::size_t rows) {
  const std::size_t classes = outputs.size() / rows;
  const float share = 1.0F / static_cast<float>(rows);
  for (std::size_t i = 0; i < outputs.size(); ++i) slopes[i] = share * outputs[i];
  for (std::size_t row = 0; row < rows; ++row)
    slopes[row * classes + static_cast<std::size_t>(labels[row])] -= share;
}

}  // namespace

void multiply_by_derivative(models::Activation activation, std::span<const float> activations,
                            std::span<float> slopes) {
  const float* a = activations.data();
  float* s = slopes.data();
  const std::size_t count = slopes.size();
  switch (activation) {
    case models::Activation::relu:
      for (std::size_t i = 0; i < count; ++i) s[i] = a[i] > 0.0F ? s[i] : 0.0F;
      return;
    case models::Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) s[i] *= 1.0F - a[i] * a[i];
      return;
    case models::Activation::sigmoid:
      for (std::size_t i = 0; i < count; ++i) s[i] *= a[i] * (1.0F - a[i]);
      return;
    case models::Activation::linear:
    case models::Activation::softmax:  // its slopes come with the cross entropy
      return;
  }
}

void loss_slopes(Loss loss, models::Activation last, std::span<const float> outputs,
                 const Truth& truth, std::span<float> slopes, std::size_t rows) {
  if (loss == Loss::cross_entropy) {
    assert(last == models::Activation::softmax);
    cross_entropy_slopes(outputs, truth.labels, slopes, rows);
    return;
  }
  assert(last != models::Activation::softmax);
  const float share = 1.0F / static_cast<float>(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    slopes[i] = share * (outputs[i] - truth.values[i]);
  multiply_by_derivative(last, outputs, slopes);
}

double mean_loss(Loss loss, std::span<const float> outputs, const Truth& truth, std::size_t rows) {
  const std::size_t width = outputs.size() / rows;
  double sum = 0.0;
  if (loss == Loss::cross_entropy) {
    for (std::size_t row = 0; row < rows; ++row) {
      const float share = outputs[row * width + static_cast<std::size_t>(truth.labels[row])];
      sum -= std::log(static_cast<double>(std::max(share, std::numeric_limits<float>::min())));
    }
    return sum / static_cast<double>(rows);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double error = static_cast<double>(outputs[i]) - static_cast<double>(truth.values[i]);
    sum += error * error;
  }
  return sum / (2.0 * static_cast<double>(outputs.size()));
}

}  // namespace haltere::learner
