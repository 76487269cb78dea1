#include "learner/lesson.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "learner/model_settings.hpp"
#include "models/kernels/elementary_f32.hpp"

namespace haltere::learner {

namespace {

/// Below this a probability has no logarithm that matters.
constexpr float least_share = 1e-30F;

using Shares = std::array<float, max_labels>;

/// Probabilities with their odds to the power of 1/temperature.
Shares soften(std::span<const float> shares, float temperature) {
  Shares soft{};
  float sum = 0.0F;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const float log = kernels::logarithm_f32(std::max(shares[i], least_share));
    soft[i] = kernels::exponential_f32(log / temperature);
    sum += soft[i];
  }
  for (std::size_t i = 0; i < shares.size(); ++i) soft[i] /= sum;
  return soft;
}

}  // namespace

void mix_lesson_slopes(const Lesson& lesson, bool softmax, std::span<const float> outputs,
                       std::span<float> slopes, std::size_t rows) {
  const std::size_t width = outputs.size() / rows;
  const float mean = 1.0F / static_cast<float>(softmax ? rows : outputs.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t at = row * width;
    const float share = lesson.shares[row];
    if (!softmax) {
      for (std::size_t i = at; i < at + width; ++i)
        slopes[i] = (1.0F - share) * slopes[i] + share * mean * (outputs[i] - lesson.answers[i]);
      continue;
    }
    const Shares own = soften(outputs.subspan(at, width), lesson.temperature);
    const Shares taught = soften(lesson.answers.subspan(at, width), lesson.temperature);
    const float scale = mean * lesson.temperature;
    for (std::size_t i = 0; i < width; ++i)
      slopes[at + i] = (1.0F - share) * slopes[at + i] + share * scale * (own[i] - taught[i]);
  }
}

double lesson_loss(const Lesson& lesson, bool softmax, std::span<const float> row_outputs,
                   std::size_t row) {
  const std::size_t width = row_outputs.size();
  const std::span<const float> answers = lesson.answers.subspan(row * width, width);
  double sum = 0.0;
  if (!softmax) {
    for (std::size_t i = 0; i < width; ++i) {
      const double error = static_cast<double>(row_outputs[i]) - static_cast<double>(answers[i]);
      sum += 0.5 * error * error;
    }
    return sum / static_cast<double>(width);
  }
  const Shares own = soften(row_outputs, lesson.temperature);
  const Shares taught = soften(answers, lesson.temperature);
  for (std::size_t i = 0; i < width; ++i)
    sum -= static_cast<double>(taught[i]) * std::log(static_cast<double>(own[i]));
  return sum * static_cast<double>(lesson.temperature) * static_cast<double>(lesson.temperature);
}

}  // namespace haltere::learner
