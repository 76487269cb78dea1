#include "learner/drift_adwin.hpp"

#include <algorithm>
#include <cmath>

#include "learner/portable_math.hpp"

namespace haltere::learner {

namespace {

constexpr std::uint64_t min_width = 10;
constexpr double min_part = 5.0;  ///< values on either side of a cut

/// What joining two parts adds to the sum of squared deviations (Chan, Golub, LeVeque 1979).
double joint_variance(double count_a, double sum_a, double count_b, double sum_b) {
  const double difference = sum_a / count_a - sum_b / count_b;
  return count_a * count_b * difference * difference / (count_a + count_b);
}

double size_of(std::size_t row) { return static_cast<double>(std::uint64_t{1} << row); }

}  // namespace

void Adwin::reset() {
  rows_ = {};
  width_ = 0;
  sum_ = 0.0;
  variance_ = 0.0;
  until_check_ = 0;
  level_ = DriftLevel::stable;
}

double Adwin::mean() const { return width_ == 0 ? 0.0 : sum_ / static_cast<double>(width_); }

void Adwin::append(double value) {
  if (width_ > 0) variance_ += joint_variance(static_cast<double>(width_), sum_, 1.0, value);
  sum_ += value;
  ++width_;
  rows_[0].buckets[rows_[0].count++] = {value, 0.0};
}

/// Merges the two oldest buckets of each size of which there are too many.
void Adwin::compress() {
  for (std::size_t k = 0; k < sizes && rows_[k].count > per_size; ++k) {
    if (k + 1 == sizes) return drop_oldest();
    Row& row = rows_[k];
    const Bucket a = row.buckets[0];
    const Bucket b = row.buckets[1];
    const double joined = joint_variance(size_of(k), a.sum, size_of(k), b.sum);
    std::copy(row.buckets.begin() + 2, row.buckets.end(), row.buckets.begin());
    row.count -= 2;
    Row& next = rows_[k + 1];
    next.buckets[next.count++] = {a.sum + b.sum, a.variance + b.variance + joined};
  }
}

std::size_t Adwin::oldest_row() const {
  std::size_t row = sizes - 1;
  while (row > 0 && rows_[row].count == 0) --row;
  return row;
}

void Adwin::drop_oldest() {
  const std::size_t k = oldest_row();
  Row& row = rows_[k];
  const Bucket gone = row.buckets[0];
  std::copy(row.buckets.begin() + 1, row.buckets.end(), row.buckets.begin());
  --row.count;
  width_ -= std::uint64_t{1} << k;
  sum_ -= gone.sum;
  if (width_ == 0) return reset();
  const double joined = joint_variance(size_of(k), gone.sum, static_cast<double>(width_), sum_);
  variance_ = std::max(0.0, variance_ - gone.variance - joined);
}

Adwin::Cut Adwin::judge_cut(double older_count, double older_sum, double log_drift,
                            double log_warning) const {
  const double newer_count = static_cast<double>(width_) - older_count;
  if (older_count < min_part || newer_count < min_part) return {};
  const double rise = (sum_ - older_sum) / newer_count - older_sum / older_count;
  const double inverse = 1.0 / older_count + 1.0 / newer_count;
  const double spread = 2.0 * inverse * variance_ / static_cast<double>(width_);
  const auto bound = [&](double log_term) {
    return std::sqrt(spread * log_term) + 2.0 / 3.0 * inverse * log_term;
  };
  const double change = std::abs(rise);
  if (change > bound(log_drift)) return {DriftLevel::drift, rise > 0.0};
  if (change > bound(log_warning)) return {DriftLevel::warning, rise > 0.0};
  return {};
}

/// The first cut, from the oldest on, between whose sides the mean differs; else one to warn of.
Adwin::Cut Adwin::find_cut() const {
  const double log_width = portable_log(static_cast<double>(width_));
  const double log_drift = portable_log(2.0 * log_width / settings_.delta);
  const double log_warning = portable_log(2.0 * log_width / settings_.warning_delta);
  Cut found;
  double count = 0.0;
  double sum = 0.0;
  for (std::size_t k = oldest_row() + 1; k-- > 0;) {
    for (std::uint32_t i = 0; i < rows_[k].count; ++i) {
      count += size_of(k);
      sum += rows_[k].buckets[i].sum;
      const Cut cut = judge_cut(count, sum, log_drift, log_warning);
      if (cut.level == DriftLevel::drift) return cut;
      if (cut.level == DriftLevel::warning) found = cut;
    }
  }
  return found;
}

/// Drops old buckets until no cut stands; what of it is to be reported.
DriftLevel Adwin::shrink() {
  DriftLevel level = DriftLevel::stable;
  while (width_ > min_width) {
    const Cut cut = find_cut();
    const bool told = cut.rises || settings_.direction == DriftDirection::either;
    if (told) level = std::max(level, cut.level);
    if (cut.level != DriftLevel::drift) break;
    drop_oldest();
  }
  return level;
}

DriftLevel Adwin::update(double value) {
  if (!std::isfinite(value)) {
    ++refused_;
    return level_ == DriftLevel::warning ? level_ : DriftLevel::stable;
  }
  append(value);
  compress();
  if (++until_check_ < settings_.check_every)
    return level_ == DriftLevel::warning ? level_ : DriftLevel::stable;
  until_check_ = 0;
  level_ = shrink();
  return level_;
}

void Adwin::exchange(Archive& archive) {
  for (Row& row : rows_) {
    archive.exchange(row.count);
    if (row.count > per_size) return archive.fail();
    for (std::uint32_t i = 0; i < row.count; ++i) {
      archive.exchange(row.buckets[i].sum);
      archive.exchange(row.buckets[i].variance);
    }
  }
  archive.exchange(width_);
  archive.exchange(sum_);
  archive.exchange(variance_);
  archive.exchange(until_check_);
  auto level = static_cast<std::uint8_t>(level_);
  archive.exchange(level);
  if (level > static_cast<std::uint8_t>(DriftLevel::drift)) return archive.fail();
  level_ = static_cast<DriftLevel>(level);
  archive.exchange(refused_);
}

}  // namespace haltere::learner
