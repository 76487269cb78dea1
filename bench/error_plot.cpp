#include "bench/error_plot.hpp"

#include <algorithm>
#include <cstddef>

#include "agent/outputs/svg.hpp"

namespace haltere::bench {
namespace {

using agent::short_number;
using agent::SvgPoint;

constexpr int width = 900;
constexpr int height = 320;
constexpr double left = 50.0;
constexpr double right = 880.0;
constexpr double top = 40.0;
constexpr double bottom = 280.0;

}  // namespace

std::string error_svg(const std::string& title, const std::vector<ErrorPoint>& points) {
  agent::Svg svg(width, height);
  svg.text({left, 22}, title, {.size = 14, .bold = true});
  if (points.empty()) return svg.finish();
  double largest = 1.0;
  for (const ErrorPoint& point : points) largest = std::max(largest, point.error_deg);
  const double span_s = std::max(points.back().time_s, 1e-3);
  const auto place = [&](double time_s, double error_deg) {
    return SvgPoint{left + (right - left) * time_s / span_s,
                    bottom - (bottom - top) * error_deg / largest};
  };
  const double step_deg = agent::round_step(largest, 5);
  for (int i = 0; step_deg * i <= largest; ++i) {
    const SvgPoint at = place(0, step_deg * i);
    svg.line(at, place(span_s, step_deg * i), "#d0d7de");
    svg.text({at.x - 6, at.y + 4}, short_number(step_deg * i) + "\u00b0",
             {.size = 11, .anchor = "end"});
  }
  const double step_s = agent::round_step(span_s, 8);
  for (int i = 0; step_s * i <= span_s; ++i) {
    svg.text({place(step_s * i, 0).x, bottom + 18}, short_number(step_s * i) + " s",
             {.size = 11, .anchor = "middle"});
  }
  const std::size_t stride = std::max<std::size_t>(1, points.size() / 2500);
  std::vector<SvgPoint> line;
  for (std::size_t i = 0; i < points.size(); i += stride) {
    line.push_back(place(points[i].time_s, points[i].error_deg));
    const std::size_t next = i + stride;
    if (next < points.size() && points[next].scored == points[i].scored) continue;
    svg.polyline(line, points[i].scored ? "#cf222e" : "#afb8c1", 1.2);
    line.clear();
  }
  return svg.finish();
}

}  // namespace haltere::bench
