#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace haltere::fusion {

/// error^T covariance^-1 error by Cholesky's decomposition; not a number unless `covariance` [n][n]
/// is positive definite.
inline double normalized_square(std::vector<double> error, std::vector<double> covariance) {
  const std::size_t n = error.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double cell = covariance[n * i + j];
      for (std::size_t k = 0; k < j; ++k) cell -= covariance[n * i + k] * covariance[n * j + k];
      covariance[n * i + j] = i == j ? std::sqrt(cell) : cell / covariance[n * j + j];
    }
    for (std::size_t k = 0; k < i; ++k) error[i] -= covariance[n * i + k] * error[k];
    error[i] /= covariance[n * i + i];
    sum += error[i] * error[i];
  }
  return sum;
}

}  // namespace haltere::fusion
