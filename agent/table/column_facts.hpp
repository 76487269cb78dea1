#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/table/cells.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// The lowest or highest numbers of a column, and how far they stand apart.
struct Extreme {
  double value = 0.0;
  double next = 0.0;  ///< the nearest other number
  std::size_t count = 0;
  bool has_next = false;

  /// `towards` is -1 for the lowest, 1 for the highest.
  void add(double number, double towards);
};

/// What was seen of one column of a table, in constant memory.
class ColumnFacts {
 public:
  explicit ColumnFacts(std::size_t most_categories) : texts_(most_categories) {}

  /// Takes in a cell that was read as `cell`, with its number or its text.
  void add(sensors::Cell cell, std::string_view text, double value) {
    ++cells_;
    if (cell == sensors::Cell::number) {
      if (!texts_.full()) texts_.add(sensors::trim(text));
      add_number(value);
    } else if (cell == sensors::Cell::missing) {
      ++missing_;
    } else {
      add_text(text);
    }
  }

  [[nodiscard]] std::size_t numbers() const { return numbers_; }
  /// Cells without a value; in a column of texts words like `none` are values.
  [[nodiscard]] std::size_t missing() const {
    return missing_ + (is_category() ? 0 : without_number_);
  }
  /// Cells that are neither numbers nor missing.
  [[nodiscard]] std::size_t text_cells() const { return text_cells_; }
  [[nodiscard]] bool is_empty() const { return missing_ == cells_; }
  [[nodiscard]] bool is_constant() const;

  /// Texts, or a few codes some of which are texts.
  [[nodiscard]] bool is_category() const;
  /// Every different text, sorted; incomplete where there are too many.
  [[nodiscard]] const TextSet& texts() const { return texts_; }
  /// Whether it holds no more than two different values.
  [[nodiscard]] bool is_flag() const { return !texts_.full() && texts_.texts().size() <= 2; }
  /// Whether all its texts are dates and times.
  [[nodiscard]] bool is_time() const { return text_cells_ > 0 && all_times_; }

  /// Whether these go through the times of day at least three times: a daily rhythm can show.
  [[nodiscard]] bool spans_days() const { return is_time() && midnights_ >= 3; }

  /// Rows a day by the times of day in them, gaps included; 0 if they tell none.
  [[nodiscard]] double rows_per_day() const {
    return is_time() && days_ > 0.0 ? static_cast<double>(day_steps_) / days_ : 0.0;
  }

  /// Whether every number is above the one before, and whether always by the same.
  [[nodiscard]] bool rises() const { return numbers_ > 2 && rises_; }
  [[nodiscard]] bool counts() const { return rises() && same_step_; }

  [[nodiscard]] double first() const { return first_; }
  /// Whether a number is nearer the one before than the mean, in the mean square.
  [[nodiscard]] bool moves_slowly() const;

  /// A number such as -200 that stands far off all others and is there often: probably a code for
  /// "missing". False if there is none.
  [[nodiscard]] bool find_code(double& code) const;

 private:
  void add_number(double value);
  void add_text(std::string_view text);
  void add_time(std::string_view text);

  TextSet texts_;  ///< spellings of numbers too
  std::size_t cells_ = 0;
  std::size_t numbers_ = 0;
  std::size_t missing_ = 0;
  std::size_t text_cells_ = 0;
  std::size_t without_number_ = 0;  ///< texts like `none`
  double first_ = 0.0;
  double last_ = 0.0;
  double step_ = 0.0;
  double sum_ = 0.0;      ///< of deviations from the first number
  double squares_ = 0.0;  ///< sum of their squares
  double changes_ = 0.0;  ///< sum of squared differences to the number before
  Extreme lowest_;
  Extreme highest_;
  bool rises_ = true;
  bool same_step_ = true;
  bool all_times_ = true;
  float day_share_ = -1.0F;  ///< of the newest time; below 0 = none yet
  std::size_t midnights_ = 0;
  std::size_t day_steps_ = 0;  ///< from one time to the next, within a day
  double days_ = 0.0;          ///< that those took
};

}  // namespace haltere::agent
