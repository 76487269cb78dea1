#include "learner/mahalanobis.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace haltere::learner {

namespace {

constexpr std::uint64_t factorise_every = 16;
constexpr double usual_score = 3.0;      ///< rows up to here are learned with full weight
constexpr double rounding_share = 1e-6;  ///< of the mean: a smaller deviation is rounding
constexpr double smallest_pivot = 1e-3;

std::size_t triangle(std::size_t inputs) {
  return inputs <= Mahalanobis::full_inputs ? inputs * (inputs + 1) / 2 : 0;
}

}  // namespace

Mahalanobis::Mahalanobis(std::size_t inputs, MahalanobisSettings settings)
    : settings_(settings),
      mean_(inputs, 0.0),
      variance_(inputs, 0.0),
      covariance_(triangle(inputs), 0.0),
      factor_(triangle(inputs), 0.0),
      offset_(inputs, 0.0) {
  if (is_full()) factorise();
}

double Mahalanobis::deviation(std::size_t input) const {
  const double least = std::max(rounding_share * std::abs(mean_[input]), 1e-30);
  const double deviation = std::sqrt(variance_[input]);
  return deviation > least ? deviation : std::max(1e3 * least, 1e-12);
}

/// Cholesky factor of the correlations, those off the diagonal shrunk.
void Mahalanobis::factorise() {
  const std::size_t inputs = mean_.size();
  const auto count = static_cast<double>(inputs);
  const double kept =
      1.0 - std::max(settings_.shrinkage, count / (count + static_cast<double>(rows_) + 1.0));
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double scale = deviation(i) * deviation(j);
      double sum = i == j ? 1.0 : kept * covariance_[place(i, j)] / scale;
      for (std::size_t k = 0; k < j; ++k) sum -= factor_[place(i, k)] * factor_[place(j, k)];
      factor_[place(i, j)] =
          i == j ? std::sqrt(std::max(sum, smallest_pivot)) : sum / factor_[place(j, j)];
    }
  }
}

void Mahalanobis::standardise(std::span<const float> row) {
  for (std::size_t i = 0; i < row.size(); ++i)
    offset_[i] = (static_cast<double>(row[i]) - mean_[i]) / deviation(i);
}

/// offset = L^-1 offset; its squared length.
double Mahalanobis::solve_lower() {
  double length = 0.0;
  for (std::size_t i = 0; i < offset_.size(); ++i) {
    if (is_full()) {
      for (std::size_t k = 0; k < i; ++k) offset_[i] -= factor_[place(i, k)] * offset_[k];
      offset_[i] /= factor_[place(i, i)];
    }
    length += offset_[i] * offset_[i];
  }
  return length;
}

/// offset = L^-T offset.
void Mahalanobis::solve_upper() {
  if (!is_full()) return;
  for (std::size_t i = offset_.size(); i-- > 0;) {
    for (std::size_t k = i + 1; k < offset_.size(); ++k)
      offset_[i] -= factor_[place(k, i)] * offset_[k];
    offset_[i] /= factor_[place(i, i)];
  }
}

float Mahalanobis::score(std::span<const float> row) {
  assert(row.size() == mean_.size());
  if (rows_ == 0) return 0.0F;
  standardise(row);
  return static_cast<float>(std::min(solve_lower() / static_cast<double>(row.size()), 1e30));
}

void Mahalanobis::contributions(std::span<const float> row, std::span<float> out) {
  standardise(row);
  solve_lower();
  solve_upper();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double standard = (static_cast<double>(row[i]) - mean_[i]) / deviation(i);
    out[i] = static_cast<float>(standard * offset_[i] / static_cast<double>(row.size()));
  }
}

/// The share with which a row enters mean and covariance.
double Mahalanobis::learning_share(std::span<const float> row) {
  const auto known = static_cast<double>(std::min<std::uint64_t>(rows_, settings_.memory));
  const bool judged = rows_ > 2 * mean_.size() + factorise_every;
  const double distance = judged ? static_cast<double>(score(row)) : 0.0;
  return (distance > usual_score ? usual_score / distance : 1.0) / known;
}

void Mahalanobis::update(std::span<const float> row) {
  assert(row.size() == mean_.size());
  ++rows_;
  const double share = learning_share(row);
  for (std::size_t i = 0; i < row.size(); ++i) offset_[i] = static_cast<double>(row[i]) - mean_[i];
  for (std::size_t i = 0; i < row.size(); ++i) {
    mean_[i] += share * offset_[i];
    variance_[i] = (1.0 - share) * (variance_[i] + share * offset_[i] * offset_[i]);
    for (std::size_t j = 0; is_full() && j <= i; ++j) {
      double& covariance = covariance_[place(i, j)];
      covariance = (1.0 - share) * (covariance + share * offset_[i] * offset_[j]);
    }
  }
  if (is_full() && rows_ % factorise_every == 0) factorise();
}

void Mahalanobis::exchange(Archive& archive) {
  archive.exchange(rows_);
  archive.exchange(std::span(mean_));
  archive.exchange(std::span(variance_));
  archive.exchange(std::span(covariance_));
  archive.exchange(std::span(factor_));
}

}  // namespace haltere::learner
