#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace haltere::agent {

/// The labels of the rows inside a sliding window, and the one label they amount to. Constant work
/// per row.
class RowLabels {
 public:
  RowLabels(std::size_t window_samples, std::size_t labels)
      : ring_(window_samples, none), times_(window_samples, 0), counts_(labels, 0) {}

  static constexpr std::int16_t none = -1;

  /// Adds the newest row's label (or `none`). The start of a segment forgets the rows before it.
  void add(int label, bool starts_segment, std::int64_t time_ns = 0) {
    if (starts_segment) clear();
    std::int16_t& slot = ring_[next_];
    times_[next_] = time_ns;
    next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    if (size_ == ring_.size()) {
      take(slot);
    } else {
      ++size_;
    }
    slot = static_cast<std::int16_t>(label);
    if (slot == none) return;
    newest_ = slot;
    ++labelled_;
    if (counts_[static_cast<std::size_t>(slot)]++ == 0) ++distinct_;
  }

  /// The window's label: the one its labelled rows share, if at least half of its rows are
  /// labelled; else `none`. A window in which two labels meet is nobody's example.
  [[nodiscard]] int label() const {
    return distinct_ == 1 && 2 * labelled_ >= size_ ? newest_ : none;
  }
  /// When the window's oldest row was.
  [[nodiscard]] std::int64_t oldest_ns() const { return times_[size_ == ring_.size() ? next_ : 0]; }

  /// One label more, the last.
  void add_label() { counts_.push_back(0); }

  [[nodiscard]] bool is_mixed() const { return distinct_ > 1; }

 private:
  void take(std::int16_t label) {
    if (label == none) return;
    --labelled_;
    if (--counts_[static_cast<std::size_t>(label)] == 0) --distinct_;
  }
  void clear() {
    for (std::size_t& count : counts_) count = 0;
    size_ = labelled_ = distinct_ = next_ = 0;
  }

  std::vector<std::int16_t> ring_;
  std::vector<std::int64_t> times_;  ///< of the rows in the ring
  std::vector<std::size_t> counts_;  ///< rows per label
  std::size_t next_ = 0;
  std::size_t size_ = 0;
  std::size_t labelled_ = 0;
  std::size_t distinct_ = 0;
  std::int16_t newest_ = none;
};

}  // namespace haltere::agent
