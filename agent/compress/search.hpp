#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/compress/bundle_rows.hpp"
#include "agent/compress/judge.hpp"
#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/chip.hpp"

namespace haltere::agent {

/// What a model may cost.
struct Budget {
  std::optional<double> ram_bytes;
  std::optional<double> flash_bytes;
  std::optional<double> seconds;
};

/// How one model answered rows that none was trained on, and what it costs.
struct CompressLine {
  std::string method;
  std::vector<std::size_t> widths;  ///< of its hidden layers
  Judgement judgement{};
  bool is_int8 = true;  ///< else nothing below is known
  models::Cost cost{};
  std::vector<std::string> limits;  ///< of the budget that it breaks, in words
  std::vector<std::uint8_t> bundle{};

  [[nodiscard]] bool fits() const { return is_int8 && limits.empty(); }
};

struct CompressResult {
  kernels::Task task = kernels::Task::classify;
  Measure measure = Measure::accuracy;
  std::string target;
  std::vector<std::string> targets{};  ///< regress: names of all
  std::size_t rows = 0;                ///< trained on
  std::size_t held_back = 0;           ///< every fourth, of each class: what scores are of
  models::Chip chip;
  std::vector<CompressLine> lines;
  std::size_t chosen = 0;  ///< of `lines`; their number if none fits
};

/// Tries smaller models in place of `bundle` and chooses the best that fits `budget`; of those
/// alike the smallest. Errors: those of the rows; invalid for too few of them.
[[nodiscard]] Result<CompressResult> compress(const models::Bundle& bundle, const BundleRows& rows,
                                              const models::Chip& chip, const Budget& budget);

}  // namespace haltere::agent
