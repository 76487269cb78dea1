#include "learner/explain.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "learner/portable_math.hpp"
#include "models/random.hpp"

namespace haltere::learner {

namespace {

constexpr std::size_t most_answers = 20'000;
constexpr std::size_t fewest_rows = 16;
constexpr double smallest_share = 1e-6;

/// The model's answer on the scale in which inputs are compared.
double strength(const OnlineModel& model, std::span<const float> row, std::size_t output) {
  if (model.settings().task != Task::classify) return static_cast<double>(model.ask(row).value);
  const auto share = static_cast<double>(model.outputs(row)[output]);
  const double likely = std::clamp(share, smallest_share, 1.0 - smallest_share);
  return portable_log(likely / (1.0 - likely));
}

/// regress: the error, in the target's unit; of several targets the mean, each in its deviations.
double error_of(const OnlineModel& model, const Prediction& answer, const Target& target) {
  const std::size_t targets = model.settings().targets;
  if (targets == 1) return std::abs(static_cast<double>(answer.value - target.value));
  double sum = 0.0;
  for (std::size_t t = 0; t < targets; ++t)
    sum += std::abs(static_cast<double>(value_at(answer, t) - value_at(target, t))) /
           static_cast<double>(model.target_deviation()[t]);
  return sum / static_cast<double>(targets);
}

/// How wrong the answer to a row is.
double loss_of(const OnlineModel& model, std::span<const float> row, const Target& target) {
  const Prediction answer = model.ask(row);
  switch (model.settings().task) {
    case Task::classify: return answer.label == target.label ? 0.0 : 1.0;
    case Task::regress: return error_of(model, answer, target);
    case Task::anomaly: break;
  }
  return static_cast<double>(answer.value);
}

double mean_loss(const OnlineModel& model, const OnlineModel::Rows& rows, std::size_t count) {
  const std::size_t inputs = model.inputs();
  double sum = 0.0;
  for (std::size_t r = 0; r < count; ++r)
    sum += loss_of(model, std::span(rows.values).subspan(r * inputs, inputs), rows.targets[r]);
  return sum / static_cast<double>(count);
}

/// Puts the first `count` rows first in a random order: the newest and oldest are mixed.
void shuffle(OnlineModel::Rows& rows, std::size_t inputs, models::Random& random) {
  for (std::size_t r = rows.count; r > 1; --r) {
    const std::size_t other = random.below(r);
    if (other == r - 1) continue;
    const auto from = rows.values.begin() + static_cast<std::ptrdiff_t>((r - 1) * inputs);
    std::swap_ranges(from, from + static_cast<std::ptrdiff_t>(inputs),
                     rows.values.begin() + static_cast<std::ptrdiff_t>(other * inputs));
    std::swap(rows.targets[r - 1], rows.targets[other]);
  }
}

}  // namespace

void explain_answer(const OnlineModel& model, std::span<const float> row, std::size_t output,
                    std::span<float> contributions, std::span<float> scratch) {
  assert(row.size() == contributions.size() && row.size() == scratch.size());
  const double whole = strength(model, row, output);
  std::ranges::copy(row, scratch.begin());
  for (std::size_t i = 0; i < row.size(); ++i) {
    scratch[i] = model.input_mean()[i];
    contributions[i] = static_cast<float>(whole - strength(model, scratch, output));
    scratch[i] = row[i];
  }
}

std::vector<double> permutation_importance(const OnlineModel& model, std::uint64_t seed) {
  const std::size_t inputs = model.inputs();
  OnlineModel::Rows rows = model.remembered_rows();
  std::vector<double> importance(inputs, 0.0);
  if (rows.count == 0) return importance;
  models::Random random(seed);
  shuffle(rows, inputs, random);
  const std::size_t count =
      std::min(rows.count, std::max(fewest_rows, most_answers / (inputs + 1)));
  const double before = mean_loss(model, rows, count);
  std::vector<float> column(count);
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t r = 0; r < count; ++r) column[r] = rows.values[r * inputs + i];
    for (std::size_t r = count; r > 1; --r)
      std::swap(rows.values[(r - 1) * inputs + i], rows.values[random.below(r) * inputs + i]);
    importance[i] = mean_loss(model, rows, count) - before;
    for (std::size_t r = 0; r < count; ++r) rows.values[r * inputs + i] = column[r];
  }
  return importance;
}

}  // namespace haltere::learner
