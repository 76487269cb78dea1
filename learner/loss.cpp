#include "learner/loss.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace haltere::learner {

namespace {

void cross_entropy_slopes(std::span<const float> outputs, std::span<const std::int32_t> labels,
                          float smoothing, std::span<float> slopes) {
  const std::size_t rows = labels.size();
  const std::size_t classes = outputs.size() / rows;
  const float share = 1.0F / static_cast<float>(rows);
  const float everywhere = smoothing / static_cast<float>(classes);
  for (std::size_t i = 0; i < outputs.size(); ++i) slopes[i] = share * (outputs[i] - everywhere);
  for (std::size_t row = 0; row < rows; ++row)
    slopes[row * classes + static_cast<std::size_t>(labels[row])] -= share * (1.0F - smoothing);
}

/// The same towards shares of all classes, `shares` laid out as `outputs`.
void shares_slopes(std::span<const float> outputs, std::span<const float> shares,
                   std::span<float> slopes, std::size_t rows) {
  const float weight = 1.0F / static_cast<float>(rows);
  for (std::size_t i = 0; i < outputs.size(); ++i) slopes[i] = weight * (outputs[i] - shares[i]);
}

/// slopes = share * d loss / d y of outputs that all have the loss `loss`.
void value_slopes(const Loss& loss, std::span<const float> outputs, const float* values,
                  float share, float* slopes) {
  const std::size_t count = outputs.size();
  const float* y = outputs.data();
  switch (loss.kind) {
    case LossKind::huber:
      for (std::size_t i = 0; i < count; ++i)
        slopes[i] = share * std::clamp(y[i] - values[i], -loss.huber_reach, loss.huber_reach);
      return;
    case LossKind::quantile:
      for (std::size_t i = 0; i < count; ++i)
        slopes[i] = share * (y[i] - values[i] > 0.0F ? 1.0F - loss.quantile : -loss.quantile);
      return;
    case LossKind::squared:
    case LossKind::cross_entropy:
      for (std::size_t i = 0; i < count; ++i) slopes[i] = share * (y[i] - values[i]);
      return;
  }
}

/// The loss of output `index` of `width`.
Loss loss_at(const Loss& loss, std::size_t index, std::size_t width) {
  if (!(loss.interval > 0.0F) || index < width / 3) return loss;
  const float sign = index < 2 * (width / 3) ? -1.0F : 1.0F;
  return {.kind = LossKind::quantile, .quantile = 0.5F + sign * 0.5F * loss.interval};
}

double error_loss(const Loss& loss, double error) {
  const auto reach = static_cast<double>(loss.huber_reach);
  const auto share = static_cast<double>(loss.quantile);
  switch (loss.kind) {
    case LossKind::huber:
      if (std::abs(error) > reach) return reach * (std::abs(error) - 0.5 * reach);
      return 0.5 * error * error;
    case LossKind::quantile: return error > 0.0 ? (1.0 - share) * error : -share * error;
    case LossKind::squared:
    case LossKind::cross_entropy: return 0.5 * error * error;
  }
  return 0.0;
}

/// cross_entropy: what output `index` of all rows should be.
double wanted_share(const Loss& loss, const Truth& truth, std::size_t index, std::size_t width) {
  if (truth.labels.empty()) return static_cast<double>(truth.values[index]);
  const auto smoothing = static_cast<double>(loss.label_smoothing);
  const bool is_label = static_cast<std::size_t>(truth.labels[index / width]) == index % width;
  return smoothing / static_cast<double>(width) + (is_label ? 1.0 - smoothing : 0.0);
}

double weight_of(const Truth& truth, std::size_t row) {
  return truth.weights.empty() ? 1.0 : static_cast<double>(truth.weights[row]);
}

/// Share of the teacher in the loss of a row.
double taught_share(const Truth& truth, std::size_t row) {
  return truth.lesson.answers.empty() ? 0.0 : static_cast<double>(truth.lesson.shares[row]);
}

/// Loss of one row by its truth.
double truth_loss(const Loss& loss, std::span<const float> row_outputs, const Truth& truth,
                  std::size_t row) {
  const std::size_t width = row_outputs.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < width; ++i) {
    if (loss.kind == LossKind::cross_entropy) {
      const double wanted = wanted_share(loss, truth, row * width + i, width);
      const float share = std::max(row_outputs[i], std::numeric_limits<float>::min());
      sum -= wanted * std::log(static_cast<double>(share));
    } else {
      const auto value = static_cast<double>(truth.values[row * width + i]);
      sum += error_loss(loss_at(loss, i, width), static_cast<double>(row_outputs[i]) - value) /
             static_cast<double>(width);
    }
  }
  return sum;
}

}  // namespace

namespace {

void leak_below_zero(const float* a, float* s, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) s[i] = a[i] > 0.0F ? s[i] : models::leak * s[i];
}

}  // namespace

void multiply_by_derivative(models::Activation activation, std::span<const float> activations,
                            std::span<float> slopes, float scale) {
  const float* a = activations.data();
  float* s = slopes.data();
  const std::size_t count = slopes.size();
  switch (activation) {
    case models::Activation::relu:
      for (std::size_t i = 0; i < count; ++i) s[i] = a[i] > 0.0F ? s[i] : 0.0F;
      return;
    case models::Activation::leaky_relu: leak_below_zero(a, s, count); return;
    case models::Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) s[i] *= 1.0F - (scale * a[i]) * (scale * a[i]);
      return;
    case models::Activation::sigmoid:
      for (std::size_t i = 0; i < count; ++i) s[i] *= scale * a[i] * (1.0F - scale * a[i]);
      return;
    case models::Activation::linear:
    case models::Activation::softmax:  // its slopes come with the cross entropy
      return;
  }
}

void loss_slopes(Loss loss, std::span<const float> outputs, const Truth& truth,
                 std::span<float> slopes, std::size_t rows) {
  if (loss.kind == LossKind::cross_entropy) {
    if (truth.labels.empty()) {
      shares_slopes(outputs, truth.values, slopes, rows);
    } else {
      cross_entropy_slopes(outputs, truth.labels.first(rows), loss.label_smoothing, slopes);
    }
  } else {
    const float share = 1.0F / static_cast<float>(outputs.size());
    const std::size_t width = outputs.size() / rows;
    // Parts of rows with an interval, else all rows at once.
    const std::size_t part = loss.interval > 0.0F ? width / 3 : outputs.size();
    for (std::size_t at = 0; at < outputs.size(); at += part)
      value_slopes(loss_at(loss, at % width, width), outputs.subspan(at, part),
                   truth.values.data() + at, share, slopes.data() + at);
  }
  if (!truth.lesson.answers.empty())
    mix_lesson_slopes(truth.lesson, loss.kind == LossKind::cross_entropy, outputs, slopes, rows);
  if (truth.weights.empty()) return;
  const std::size_t width = outputs.size() / rows;
  for (std::size_t i = 0; i < slopes.size(); ++i) slopes[i] *= truth.weights[i / width];
}

double mean_loss(Loss loss, std::span<const float> outputs, const Truth& truth, std::size_t rows) {
  const std::size_t width = outputs.size() / rows;
  double sum = 0.0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float> row_outputs = outputs.subspan(row * width, width);
    const double taught = taught_share(truth, row);
    double row_loss = (1.0 - taught) * truth_loss(loss, row_outputs, truth, row);
    if (taught > 0.0)
      row_loss += taught *
                  lesson_loss(truth.lesson, loss.kind == LossKind::cross_entropy, row_outputs, row);
    sum += weight_of(truth, row) * row_loss;
  }
  return sum / static_cast<double>(rows);
}

}  // namespace haltere::learner
