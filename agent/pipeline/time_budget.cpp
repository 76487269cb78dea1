#include "agent/pipeline/time_budget.hpp"

#include <ctime>

namespace haltere::agent {
namespace {

constexpr std::chrono::seconds period{1};

/// Below this part of the budget there is room for a step more.
constexpr double roomy = 0.6;

}  // namespace

std::chrono::nanoseconds TimeBudget::thread_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::optional<std::size_t> TimeBudget::add(std::chrono::nanoseconds spent,
                                           std::chrono::nanoseconds now) {
  if (!since_) since_ = now;
  spent_ += spent;
  const std::chrono::nanoseconds passed = now - *since_;
  if (passed < period) return std::nullopt;
  const double used = static_cast<double>(spent_.count()) / static_cast<double>(passed.count());
  spent_ = std::chrono::nanoseconds(0);
  since_ = now;
  const std::size_t before = steps_;
  if (used > share_) steps_ /= 2;
  if (used < roomy * share_ && steps_ < most_) ++steps_;
  if (steps_ == before) return std::nullopt;
  return steps_;
}

}  // namespace haltere::agent
