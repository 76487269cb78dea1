#include "agent/fuse/time_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "agent/outputs/svg.hpp"

namespace haltere::agent {
namespace {

constexpr int width = 900;
constexpr int panel_height = 150;
constexpr int panel_gap = 40;
constexpr int top = 44;
constexpr double left = 64.0;
constexpr double plot_width = width - left - 20.0;
constexpr std::size_t most_points = 3000;
constexpr std::string_view grey = "#d0d7de";

struct Range {
  double low = 0.0;
  double high = 1.0;
};

// Of the values that are numbers, never empty.
Range range_of(const std::vector<double>& values) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  Range range{infinite, -infinite};
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    range.low = std::min(range.low, v);
    range.high = std::max(range.high, v);
  }
  if (!(range.low <= range.high)) return {};
  const double margin = std::max(0.05 * (range.high - range.low), 1e-6);
  return {range.low - margin, range.high + margin};
}

class Drawing {
 public:
  explicit Drawing(const TimePlot& plot)
      : plot_(plot),
        svg_(width, top + static_cast<int>(plot.panels.size()) * (panel_height + panel_gap)) {
    if (plot.time_ns.empty()) return;
    span_s_ =
        std::max(1e-9 * static_cast<double>(plot.time_ns.back() - plot.time_ns.front()), 1e-3);
  }

  std::string draw() {
    svg_.text({left, 20}, plot_.title, {.size = 15, .bold = true});
    double y = top;
    for (const TimePanel& panel : plot_.panels) {
      draw_panel(panel, y);
      y += panel_height + panel_gap;
    }
    return svg_.finish();
  }

 private:
  [[nodiscard]] double x_of(std::size_t i) const {
    const double time_s = 1e-9 * static_cast<double>(plot_.time_ns[i] - plot_.time_ns.front());
    return left + plot_width * time_s / span_s_;
  }

  void draw_panel(const TimePanel& panel, double y) {
    const Range range = range_of(panel.values);
    const double bottom = y + panel_height;
    svg_.text({left, y - 6}, panel.title, {.bold = true});
    for (int i = 0; i <= 4; ++i) {
      const double at = bottom - panel_height * i / 4.0;
      svg_.line({left, at}, {left + plot_width, at}, grey);
      svg_.text({left - 6, at + 4}, short_number(range.low + (range.high - range.low) * i / 4.0),
                {.size = 11, .anchor = "end"});
    }
    const double step_s = round_step(span_s_, 8);
    for (int i = 0; i <= static_cast<int>(span_s_ / step_s); ++i) {
      svg_.text({left + plot_width * step_s * i / span_s_, bottom + 15},
                short_number(step_s * i) + " s", {.size = 11, .anchor = "middle"});
    }
    draw_line(panel, range, bottom);
  }

  void draw_line(const TimePanel& panel, const Range& range, double bottom) {
    const std::size_t stride = std::max<std::size_t>(1, panel.values.size() / most_points);
    std::vector<SvgPoint> points;
    for (std::size_t i = 0; i < panel.values.size(); i += stride) {
      if (std::isfinite(panel.values[i])) {
        const double share = (panel.values[i] - range.low) / (range.high - range.low);
        points.push_back({x_of(i), bottom - panel_height * share});
        continue;
      }
      if (!points.empty()) svg_.polyline(points, panel.colour, 1.2);
      points.clear();
    }
    if (!points.empty()) svg_.polyline(points, panel.colour, 1.2);
  }

  const TimePlot& plot_;
  Svg svg_;
  double span_s_ = 1.0;
};

}  // namespace

std::string time_svg(const TimePlot& plot) { return Drawing(plot).draw(); }

}  // namespace haltere::agent
