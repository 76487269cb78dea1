#include "learner/answer_loss.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::learner {

namespace {

constexpr double largest_loss = 16.0;

double square(double value) { return value * value; }

double class_loss(std::span<const float> answer, std::size_t label) {
  double sum = 0.0;
  for (std::size_t i = 0; i < answer.size(); ++i)
    sum += square(static_cast<double>(answer[i]) - (label == i ? 1.0 : 0.0));
  return sum;
}

double value_loss(std::span<const float> answer, const Example& example, const Batch& batch,
                  const Batch& unit) {
  const auto deviation = static_cast<double>(batch.target().deviation()[0]);
  const auto mean = static_cast<double>(batch.target().mean()[0]);
  const double value = static_cast<double>(answer[0]) * deviation + mean;
  return square((value - static_cast<double>(example.value)) /
                static_cast<double>(unit.target().deviation()[0]));
}

double row_loss(std::span<const float> answer, std::span<const float> row) {
  double sum = 0.0;
  for (std::size_t i = 0; i < answer.size(); ++i)
    sum += square(static_cast<double>(answer[i]) - static_cast<double>(row[i]));
  return sum / static_cast<double>(answer.size());
}

}  // namespace

double answer_loss(Task task, std::span<const float> answer, const Example& example,
                   const Batch& batch, const Batch& unit) {
  double loss = 0.0;
  switch (task) {
    case Task::classify: loss = class_loss(answer, example.label); break;
    case Task::regress: loss = value_loss(answer, example, batch, unit); break;
    case Task::anomaly: loss = row_loss(answer, batch.rows()); break;
  }
  return std::isfinite(loss) ? std::min(loss, largest_loss) : largest_loss;
}

}  // namespace haltere::learner
