#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sensors/sample.hpp"

namespace haltere::agent {

/// One line over time; breaks where a value is not a number.
struct TimePanel {
  std::string_view title;
  std::string_view colour;
  std::vector<double> values;  ///< [times]
};

/// Panels one above the other, over the same times.
struct TimePlot {
  std::string_view title;
  std::vector<sensors::TimeNs> time_ns;  ///< ascending
  std::vector<TimePanel> panels;
};

/// As an SVG file; each panel as high as its values need.
[[nodiscard]] std::string time_svg(const TimePlot& plot);

}  // namespace haltere::agent
