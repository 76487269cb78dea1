#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/learn/test_scores.hpp"
#include "config/result.hpp"
#include "models/random.hpp"

namespace haltere::agent {

struct LearnRequest;
struct LearnResult;

/// How rows are parted for cross-validation.
struct FoldSettings {
  std::size_t count = 0;    ///< 0 = no cross-validation
  std::string by = "rows";  ///< "rows", "blocks", or else a column whose texts are never parted
};

/// Says which fold each row of a table belongs to, in one pass and always alike. By rows: each
/// `count` rows in turn of a class, or of all for regress and anomaly, are dealt to the folds in
/// random order, so that every fold has its share of every class. By blocks: `count` contiguous
/// parts, for streams whose neighbours are alike. By a column: its texts are dealt in order of
/// appearance.
class FoldDealer {
 public:
  /// `classes`: 1 for all but classify; `rows` of the table.
  FoldDealer(FoldSettings settings, std::size_t classes, std::size_t rows, std::uint64_t seed);

  /// Fold of the next row, 0..count-1. `label`: of a classifier's row, else anything.
  [[nodiscard]] std::size_t next(int label, std::string_view group);

 private:
  std::size_t deal(std::size_t label);

  FoldSettings settings_;
  std::size_t rows_;
  std::size_t row_ = 0;
  models::Random random_;
  std::vector<std::vector<std::size_t>> hands_;  ///< of each class: folds still to be dealt
  std::map<std::string, std::size_t, std::less<>> groups_;
};

/// What models answered that had learned all folds but one, on that one.
struct FoldsResult {
  FoldSettings settings;
  std::vector<TestResult> each;
  std::vector<TestResult> together;  ///< one entry: the answers of all
};

/// Learns and tests each fold of the request's table with a fresh model. `whole` says what was
/// found of the table. Errors: those of the table; invalid for a fold without rows.
[[nodiscard]] Result<FoldsResult> run_folds(const LearnRequest& request, const LearnResult& whole);

}  // namespace haltere::agent
