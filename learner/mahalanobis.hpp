#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

struct MahalanobisSettings {
  std::size_t memory = 10'000;  ///< rows after which old ones begin to weigh less
  double shrinkage = 0.1;       ///< least share of each covariance taken away
};

/// Distance of a row from those learned, in the metric of their covariance, online and robust: a
/// row farther than usual is learned with the less weight (Campbell, "Robust Procedures in
/// Multivariate Analysis I", Applied Statistics 29, 1980). Covariances are shrunk towards 0 by
/// max(shrinkage, d / (d + n)), as in Ledoit and Wolf (2004) with a fixed target. Beyond
/// `full_inputs` inputs only variances are kept. Bounded work per row, O(d^2) and every 16th row
/// O(d^3); allocates at construction alone.
class Mahalanobis {
 public:
  explicit Mahalanobis(std::size_t inputs, MahalanobisSettings settings = {});

  /// Learns one usable row [inputs].
  void update(std::span<const float> row);

  /// Squared distance / inputs: about 1 for rows like those learned; 0 before any.
  [[nodiscard]] float score(std::span<const float> row);

  /// What each input adds to `score`, [inputs]; they sum to it. Some may be below 0: they speak
  /// against an anomaly.
  void contributions(std::span<const float> row, std::span<float> out);

  [[nodiscard]] std::span<const double> mean() const { return mean_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  /// > 0, even of an input that did not vary.
  [[nodiscard]] double deviation(std::size_t input) const;

  void exchange(Archive& archive);

  static constexpr std::size_t full_inputs = 128;

 private:
  [[nodiscard]] static std::size_t place(std::size_t row, std::size_t column) {
    return row * (row + 1) / 2 + column;
  }
  [[nodiscard]] bool is_full() const { return !factor_.empty(); }
  void factorise();
  void standardise(std::span<const float> row);
  double solve_lower();
  void solve_upper();
  double learning_share(std::span<const float> row);

  MahalanobisSettings settings_;
  std::uint64_t rows_ = 0;
  std::vector<double> mean_;
  std::vector<double> variance_;
  std::vector<double> covariance_;  ///< lower triangle, row after row; empty unless full
  std::vector<double> factor_;      ///< Cholesky of the shrunk correlation, likewise
  std::vector<double> offset_;      ///< of the row at hand, and what is solved from it
};

}  // namespace haltere::learner
