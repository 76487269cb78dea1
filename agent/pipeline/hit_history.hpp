#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace haltere::agent {

/// Hits and misses of a stream of any length in bounded memory, to tell how well its second half
/// went when the end is only known afterwards. Exact up to `max_bins` answers, then to within a
/// bin.
class HitHistory {
 public:
  HitHistory() { bins_.reserve(max_bins); }

  void add(bool hit) {
    if (filled_ == bin_size_ || bins_.empty()) open_bin();
    bins_.back() += hit ? 1U : 0U;
    ++filled_;
  }

  /// Share of hits in the second half; 0 before the first answer.
  [[nodiscard]] double second_half() const {
    const std::uint64_t total = count();
    std::uint64_t first_bin = total / 2 / bin_size_;
    std::uint64_t hits = 0;
    for (std::uint64_t bin = first_bin; bin < bins_.size(); ++bin) hits += bins_[bin];
    const std::uint64_t answers = total - first_bin * bin_size_;
    return answers == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(answers);
  }
  [[nodiscard]] std::uint64_t count() const {
    return bins_.empty() ? 0 : (bins_.size() - 1) * bin_size_ + filled_;
  }

 private:
  static constexpr std::size_t max_bins = 4096;

  void open_bin() {
    if (bins_.size() == max_bins) {
      for (std::size_t i = 0; i < max_bins / 2; ++i) bins_[i] = bins_[2 * i] + bins_[2 * i + 1];
      bins_.resize(max_bins / 2);
      bin_size_ *= 2;
    }
    bins_.push_back(0);
    filled_ = 0;
  }

  std::vector<std::uint32_t> bins_;  ///< hits in each
  std::uint64_t bin_size_ = 1;
  std::uint64_t filled_ = 0;  ///< answers in the last bin
};

}  // namespace haltere::agent
