// Sorting, and going on from one window's order to the next's.
#include "models/kernels/order_f32.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "models/kernels/shape_f32.hpp"
#include "models/random.hpp"

namespace haltere::kernels {
namespace {

TEST(Sort, OrdersAnything) {
  models::Random random(3);
  for (std::size_t n = 1; n < 70; ++n) {
    std::vector<float> values(n);
    for (float& value : values) value = std::floor(8.0F * random.symmetric());
    std::vector<float> expected = values;
    std::ranges::sort(expected);
    sort_f32(values.data(), n);
    EXPECT_EQ(values, expected);
  }
}

TEST(Order, MovesOnToWhatSortingAnewGives) {
  models::Random random(4);
  for (const std::size_t step : {1U, 3U, 10U, 20U}) {
    std::vector<float> stream(200);
    for (float& value : stream) value = std::floor(6.0F * random.symmetric()) * -0.5F;
    const std::size_t n = 20;
    std::vector<float> sorted(n);
    std::vector<float> expected(n);
    std::vector<float> gone(step);
    std::vector<float> come(step);
    order_f32(stream.data(), n, sorted.data());
    for (std::size_t at = step; at + n <= stream.size(); at += step) {
      order_f32(&stream[at - step], step, gone.data());
      order_f32(&stream[at + n - step], step, come.data());
      move_order_f32(sorted.data(), n, gone.data(), come.data(), step);
      order_f32(&stream[at], n, expected.data());
      ASSERT_EQ(std::memcmp(sorted.data(), expected.data(), n * sizeof(float)), 0) << at;
    }
  }
}

}  // namespace
}  // namespace haltere::kernels
