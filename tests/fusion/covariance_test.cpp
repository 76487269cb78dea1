// The covariance in 16-bit correlations beside the same in doubles.
#include "fusion/ahrs/covariance.hpp"

#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace haltere::fusion::ahrs {
namespace {

constexpr std::size_t size = 5;
constexpr unsigned seed = 7;
using Dense = std::array<std::array<double, size>, size>;

struct Both {
  Covariance<size> packed{};
  Dense dense{};

  Both() {
    packed.clear();
    for (std::size_t i = 0; i < size; ++i) {
      packed.sigma[i] = 0.1F * static_cast<float>(i + 1);
      dense[i][i] = static_cast<double>(packed.sigma[i]) * static_cast<double>(packed.sigma[i]);
    }
  }
  void widen(std::size_t i, float variance) {
    packed.widen(i, variance);
    dense[i][i] += static_cast<double>(variance);
  }
  // x[to] += f0 x[from] + f1 x[from + 1]
  void add(std::size_t to, std::size_t from, const std::array<float, 2>& f) {
    packed.add(to, from, f.data(), f.size());
    const auto times = [&](std::size_t j) {
      return static_cast<double>(f[0]) * dense[from][j] +
             static_cast<double>(f[1]) * dense[from + 1][j];
    };
    for (std::size_t j = 0; j < size; ++j) dense[to][j] += times(j);
    for (std::size_t i = 0; i < size; ++i) {
      dense[i][to] += static_cast<double>(f[0]) * dense[i][from] +
                      static_cast<double>(f[1]) * dense[i][from + 1];
    }
  }
  void measure(const std::array<float, size>& h, float variance) {
    std::array<float, size> gain{};
    packed.measure_sum(h.data(), variance, gain.data());
    std::array<double, size> with{};
    double total = static_cast<double>(variance);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) with[i] += dense[i][j] * static_cast<double>(h[j]);
      total += static_cast<double>(h[i]) * with[i];
    }
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(static_cast<double>(gain[i]), with[i] / total, 2e-3);
      for (std::size_t j = 0; j < size; ++j) dense[i][j] -= with[i] * with[j] / total;
    }
  }
  void expect_close() const {
    for (std::size_t i = 0; i < size; ++i) {
      const double sigma = std::sqrt(dense[i][i]);
      EXPECT_NEAR(static_cast<double>(packed.sigma[i]) / sigma, 1, 2e-3);
      for (std::size_t j = 0; j < i; ++j) {
        const double scale = sigma * std::sqrt(dense[j][j]);
        EXPECT_NEAR(static_cast<double>(packed.at(i, j)) / scale, dense[i][j] / scale, 2e-3);
      }
    }
  }
};

TEST(Covariance, follows_the_textbook_through_a_thousand_steps) {
  std::mt19937 random(seed);
  const auto uniform = [&random] { return static_cast<float>(random() % 2001U) / 1000.0F - 1.0F; };
  Both both;
  for (int step = 0; step < 1000; ++step) {
    both.add(0, 2, {0.02F * uniform(), 0.02F * uniform()});
    both.add(1, 3, {0.02F * uniform(), 0.02F * uniform()});
    for (std::size_t i = 0; i < size; ++i) both.widen(i, 1e-4F);
    both.measure({uniform(), uniform(), 0, uniform(), uniform()}, 0.01F);
  }
  both.expect_close();
}

TEST(Covariance, a_measurement_without_noise_leaves_no_negative_variance) {
  Covariance<2> both{};
  both.clear();
  both.sigma[0] = both.sigma[1] = 1e3F;
  const float one = 1;
  both.add(0, 1, &one, 1);
  float gain[2];
  for (int i = 0; i < 10; ++i) both.measure(0, 1e-12F, gain);
  for (const float sigma : both.sigma) {
    EXPECT_GE(sigma, 0.0F);
    EXPECT_LE(sigma, 1e3F);
  }
}

TEST(Covariance, what_is_known_exactly_stays_so) {
  Covariance<2> none{};
  none.clear();
  const float factor = 3;
  float gain[2];
  none.add(0, 1, &factor, 1);
  none.measure(0, 1.0F, gain);
  none.widen(0, 0);
  EXPECT_EQ(none.sigma[0], 0.0F);
  EXPECT_EQ(gain[0], 0.0F);
  EXPECT_EQ(none.at(0, 1), 0.0F);
}

}  // namespace
}  // namespace haltere::fusion::ahrs
