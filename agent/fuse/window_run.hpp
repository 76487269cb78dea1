#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/table/rows.hpp"
#include "agent/table/settings.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// What `haltere fuse window` was asked to do.
struct WindowRequest {
  std::string table;
  std::string
      output;  ///< CSV, - is standard output: row, time if the table has one, then the features
  TableSettings reading;
  Windowing windowing;
  std::string plot{};  ///< SVG to draw; empty = none
};

struct WindowCounts {
  std::size_t rows = 0;
  std::size_t windows = 0;
  std::size_t features = 0;            ///< of a window
  std::vector<std::string> remarks{};  ///< of columns that are left out, a sentence each
};

/// Writes a row for each window of the table's columns of numbers. Errors: those of the table and
/// of the windows; io.
[[nodiscard]] Result<WindowCounts> run_windows(const WindowRequest& request);

}  // namespace haltere::agent
