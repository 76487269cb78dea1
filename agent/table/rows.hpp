#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/plan.hpp"
#include "agent/table/reader.hpp"
#include "config/result.hpp"
#include "fusion/window.hpp"

namespace haltere::agent {

/// How rows of raw signals become windows of features.
struct Windowing {
  fusion::WindowSettings window;
  double rate_hz = 0.0;       ///< of the rows; 0 = unknown
  bool all_features = false;  ///< whatever the windows can have, instead of those named
  std::string segment;        ///< a window never spans a change of this column's text; empty = none
  /// Windows are cut about events: where this column's number rises above window.trigger.above, or
  /// its text becomes another that is not empty; empty = none.
  std::string trigger{};
};

/// What a model learns of a table: its rows, as they are or in their context, or windows of them. A
/// window's label is the one that its labelled rows share, if at least half have one; windows in
/// which labels meet are nobody's example and are passed over. A window to regress has its newest
/// row's target; one of an anomaly model is abnormal if one of its rows is.
class TableRows {
 public:
  /// `plan` must outlive the rows. `group`: a column whose text `group()` gives; empty = none.
  /// Errors: those of TableReader and of fusion::Window.
  [[nodiscard]] static Result<TableRows> open(const std::string& path, const TablePlan& plan,
                                              const std::optional<Windowing>& windowing,
                                              const std::string& group = {});
  TableRows(TableRows&&) noexcept;
  TableRows& operator=(TableRows&&) noexcept;
  ~TableRows();

  /// Next row or window into features [names()] and target; false at the end. Errors: as
  /// TableReader::next.
  Result<bool> next(std::span<float> features, learner::Target& target);

  /// Names of the features, and how they come about (models/format.md). Errors of the recipe:
  /// invalid.
  [[nodiscard]] const std::vector<std::string>& names() const;
  [[nodiscard]] Result<std::vector<std::uint8_t>> recipe() const;

  /// What cuts the windows; nullptr: rows as they are.
  [[nodiscard]] const fusion::Window* window() const;

  /// Of the newest row of what was read last.
  [[nodiscard]] std::string_view group() const;
  [[nodiscard]] std::size_t row_number() const;

  [[nodiscard]] TableReader& reader();
  [[nodiscard]] const TableReader& reader() const;
  /// Windows passed over because they had no target, or two.
  [[nodiscard]] std::size_t passed_over_windows() const;

 private:
  struct State;
  explicit TableRows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace haltere::agent
