#include "agent/table/column_facts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace haltere::agent {
namespace {

/// A code among numbers must recur, on average, this often to be a category.
constexpr std::size_t least_recurrence = 10;

/// Numbers that loggers write for want of one.
constexpr std::array missing_codes{-9.0,    -99.0,  -127.0,  -200.0,  -999.0,  -9999.0, -32768.0,
                                   -99999., 9999.0, 32767.0, 65535.0, 99999.0, 999999.0};

/// Whether `extreme` stands apart: farther from the next number than all others lie from each
/// other, or alone on its side of zero.
bool stands_apart(const Extreme& extreme, double other_end) {
  if (!extreme.has_next || extreme.count < 2) return false;
  const bool far = std::abs(extreme.value - extreme.next) > std::abs(extreme.next - other_end);
  const bool alone = extreme.value < 0.0 && extreme.next >= 0.0;
  const bool known = std::ranges::find(missing_codes, extreme.value) != missing_codes.end();
  return known && (far || alone);
}

}  // namespace

void Extreme::add(double number, double towards) {
  if (count > 0 && number == value) {
    ++count;
    return;
  }
  if (count == 0) {
    value = number;
    count = 1;
    return;
  }
  if ((number - value) * towards > 0.0) {
    next = value;
    value = number;
    count = 1;
    has_next = true;
    return;
  }
  if (!has_next || (number - next) * towards > 0.0) next = number;
  has_next = true;
}

void ColumnFacts::add_number(double value) {
  ++numbers_;
  if (numbers_ == 1) first_ = last_ = value;
  // About the first number: cheaper than about the mean, and what is compared with it is coarse.
  const double offset = value - first_;
  sum_ += offset;
  squares_ += offset * offset;
  lowest_.add(value, -1.0);
  highest_.add(value, 1.0);
  if (numbers_ == 1) return;
  const double step = value - last_;
  changes_ += step * step;
  rises_ = rises_ && step > 0.0;
  if (numbers_ == 2) step_ = step;
  same_step_ = same_step_ && std::abs(step - step_) <= 1e-6 * std::abs(step_);
  last_ = value;
}

void ColumnFacts::add_text(std::string_view text) {
  if (means_no_number(text)) {
    ++without_number_;
  } else {
    ++text_cells_;
    all_times_ = all_times_ && is_time_text(text);
    if (all_times_) add_time(text);
  }
  texts_.add(sensors::trim(text));
}

void ColumnFacts::add_time(std::string_view text) {
  const float share = day_share_of(text);
  if (share < 0.0F) return;
  if (share < day_share_) ++midnights_;
  if (day_share_ >= 0.0F && share >= day_share_) {
    ++day_steps_;
    days_ += static_cast<double>(share - day_share_);
  }
  day_share_ = share;
}

bool ColumnFacts::moves_slowly() const {
  if (numbers_ == 0) return false;
  const double deviations = squares_ - sum_ * sum_ / static_cast<double>(numbers_);
  return changes_ < deviations;
}

bool ColumnFacts::is_constant() const {
  if (is_category()) return texts_.texts().size() == 1 && !texts_.full();
  return numbers_ > 0 && lowest_.value == highest_.value;
}

bool ColumnFacts::is_category() const {
  if (text_cells_ == 0) return numbers_ == 0 && without_number_ > 0;
  if (numbers_ == 0) return true;
  return !texts_.full() && cells_ - missing_ >= least_recurrence * texts_.texts().size();
}

bool ColumnFacts::find_code(double& code) const {
  for (const auto& [extreme, other] :
       {std::pair(lowest_, highest_), std::pair(highest_, lowest_)}) {
    if (!stands_apart(extreme, other.value)) continue;
    code = extreme.value;
    return true;
  }
  return false;
}

}  // namespace haltere::agent
