#include "fusion/navigation/covariance.hpp"

#include <cmath>
#include <limits>

namespace haltere::fusion::navigation {
namespace {

constexpr std::size_t n = part::count;

// Rows `to` += block times rows `from`.
void add_rows(Covariance& p, std::size_t to, const Mat3& block, std::size_t from) {
  for (std::size_t i = 0; i < 3; ++i) {
    double* row = &p[n * (to + i)];
    for (std::size_t k = 0; k < 3; ++k) {
      const double factor = block(i, k);
      const double* source = &p[n * (from + k)];
      for (std::size_t column = 0; column < n; ++column) row[column] += factor * source[column];
    }
  }
}

void add_rows(Covariance& p, std::size_t to, double factor, std::size_t from) {
  double* row = &p[n * to];
  const double* source = &p[n * from];
  for (std::size_t i = 0; i < 3 * n; ++i) row[i] += factor * source[i];
}

// Rows from `at` on become block times themselves.
void turn_rows(Covariance& p, std::size_t at, const Mat3& block) {
  double* row = &p[n * at];
  for (std::size_t column = 0; column < n; ++column) {
    const Vec3 v = block * Vec3{row[column], row[n + column], row[2 * n + column]};
    for (std::size_t i = 0; i < 3; ++i) row[n * i + column] = v[i];
  }
}

void transpose(Covariance& p) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) std::swap(p[n * i + j], p[n * j + i]);
  }
}

void make_symmetric(Covariance& p) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      p[n * i + j] = p[n * j + i] = 0.5 * (p[n * i + j] + p[n * j + i]);
    }
  }
}

ErrorState times(const Covariance& p, const ErrorState& row) {
  ErrorState product{};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) product[i] += p[n * i + j] * row[j];
  }
  return product;
}

double dot_all(const ErrorState& a, const ErrorState& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void move_columns(const ErrorStep& step, Covariance& p) {
  // In an order in which each reads what the step has not yet changed.
  add_rows(p, part::position, step.dt_s, part::velocity);
  add_rows(p, part::velocity, step.velocity_by_attitude, part::attitude);
  add_rows(p, part::velocity, step.velocity_by_accelerometer, part::accelerometer);
  turn_rows(p, part::attitude, step.attitude_by_attitude);
  add_rows(p, part::attitude, -step.dt_s, part::gyroscope);
}

void move(const ErrorStep& step, Covariance& p) {
  move_columns(step, p);
  transpose(p);
  move_columns(step, p);
  make_symmetric(p);
}

void widen(Covariance& p, std::size_t first, double variance) {
  for (std::size_t i = first; i < first + 3; ++i) p[n * i + i] += variance;
}

void cut_off(Covariance& p, std::size_t first, double variance) {
  for (std::size_t i = first; i < first + 3; ++i) {
    for (std::size_t j = 0; j < n; ++j) p[n * i + j] = p[n * j + i] = 0.0;
    p[n * i + i] = variance;
  }
}

void correct(const ErrorState& row, double innovation, double variance, ErrorState& error,
             Covariance& p) {
  const ErrorState cross = times(p, row);
  const double total = dot_all(row, cross) + variance;
  if (!(total > 0.0)) return;
  const double left = innovation - dot_all(row, error);
  for (std::size_t i = 0; i < n; ++i) error[i] += cross[i] / total * left;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j) {
      p[n * i + j] = p[n * j + i] = p[n * i + j] - cross[i] * cross[j] / total;
    }
    if (p[n * i + i] < 0.0) p[n * i + i] = 0.0;
  }
}

void turn_frame(Covariance& p, const Vec3& turn_rad) {
  Mat3 turn = skew(-0.5 * turn_rad);
  for (std::size_t i = 0; i < 3; ++i) turn(i, i) += 1.0;
  turn_rows(p, part::attitude, turn);
  transpose(p);
  turn_rows(p, part::attitude, turn);
  make_symmetric(p);
}

double between(const ErrorState& row_a, const Covariance& p, const ErrorState& row_b) {
  return dot_all(row_a, times(p, row_b));
}

double normalized_square(const Vec3& v, const Mat3& s) {
  // Cholesky: S = L L^T, then |L^-1 v|^2.
  const double a = std::sqrt(s(0, 0));
  const double b = s(1, 0) / a;
  const double c = s(2, 0) / a;
  const double d = std::sqrt(s(1, 1) - b * b);
  const double e = (s(2, 1) - c * b) / d;
  const double f = std::sqrt(s(2, 2) - c * c - e * e);
  const double x = v[0] / a;
  const double y = (v[1] - b * x) / d;
  const double z = (v[2] - c * x - e * y) / f;
  const double sum = x * x + y * y + z * z;
  return std::isfinite(sum) ? sum : std::numeric_limits<double>::infinity();
}

}  // namespace haltere::fusion::navigation
