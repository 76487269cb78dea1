#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/csv.hpp"

namespace haltere::agent {

/// `text` fit for reports and bundles: without blanks around it, other control characters as
/// blanks, bytes that are no UTF-8 as `?`.
[[nodiscard]] std::string clean_text(std::string_view text);

/// `text` as a label: numbers in their shortest form, so that 1 and 1.0 are the same class.
[[nodiscard]] std::string label_of(std::string_view text);

/// The order of labels: numbers by value, then texts by their bytes.
[[nodiscard]] bool label_before(const std::string& a, const std::string& b);

/// Whether `text` is a date, a time or both: digits between `-`, `/`, `.` and `:`.
[[nodiscard]] bool is_time_text(std::string_view text);

/// The time of day in a date with a time ("2015-07-10 14:24:00", "10/07/2015T14:24"), as a share of
/// the day, 0..1; below 0 for a text without date or time.
[[nodiscard]] float day_share_of(std::string_view text);

/// Whether a cell among numbers holds none without being a mistake: `none`, `-`, infinities.
[[nodiscard]] bool means_no_number(std::string_view text);

/// Reads the cells of one table.
class CellReader {
 public:
  /// `missing`: what also means a missing value; numbers by their value.
  CellReader(char decimal_mark, std::span<const std::string> missing);

  /// As sensors::parse_cell. Numbers beyond a float are missing.
  [[nodiscard]] sensors::Cell read(std::string_view text, double& value) const;

 private:
  bool comma_;
  std::vector<double> missing_numbers_;
  std::vector<std::string> missing_texts_;
};

/// Different texts in their order, at most so many.
class TextSet {
 public:
  explicit TextSet(std::size_t most) : most_(most) {}

  /// True if `text` is new. Once it holds more than allowed, or a very long one, it is `full` and
  /// takes no more.
  bool add(std::string_view text);

  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
  std::size_t most_;
  std::size_t newest_ = 0;  ///< asked for last: streams repeat themselves
  bool full_ = false;
};

/// Finds cells among sorted names, remembering how they were spelt.
class LabelFinder {
 public:
  /// `labels`: sorted by label_before.
  explicit LabelFinder(std::vector<std::string> labels) : labels_(std::move(labels)) {}

  /// Index of the label that `cell` means; -1 if there is none.
  [[nodiscard]] int find(std::string_view cell);

 private:
  std::vector<std::string> labels_;
  std::map<std::string, int, std::less<>> spelt_;
};

}  // namespace haltere::agent
