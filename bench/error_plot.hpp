#pragma once

#include <string>
#include <vector>

namespace haltere::bench {

/// An error at a time.
struct ErrorPoint {
  double time_s = 0.0;
  double error_deg = 0.0;
  bool scored = false;
};

/// Error over time as an SVG file; what is not scored is drawn faintly.
[[nodiscard]] std::string error_svg(const std::string& title,
                                    const std::vector<ErrorPoint>& points);

}  // namespace haltere::bench
