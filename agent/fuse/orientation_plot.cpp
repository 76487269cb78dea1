#include "agent/fuse/orientation_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include "agent/outputs/svg.hpp"

namespace haltere::agent {
namespace {

using fusion::ahrs::Output;

constexpr int width = 900;
constexpr int panel_height = 130;
constexpr int panel_gap = 34;
constexpr int top = 40;
constexpr double left = 60.0;
constexpr double plot_width = width - left - 20.0;
constexpr std::string_view grey = "#d0d7de";
constexpr std::string_view rest_colour = "#54aeff";
constexpr std::string_view disturbed_colour = "#cf222e";
constexpr std::string_view saturated_colour = "#8250df";
constexpr double degree = 180.0 / 3.14159265358979;

double roll_deg(const Output& row) {
  const auto& q = row.orientation;
  return degree * std::atan2(static_cast<double>(2 * (q.w * q.x + q.y * q.z)),
                             static_cast<double>(1 - 2 * (q.x * q.x + q.y * q.y)));
}
double pitch_deg(const Output& row) {
  const auto& q = row.orientation;
  const float sine = std::clamp(2 * (q.w * q.y - q.z * q.x), -1.0F, 1.0F);
  return degree * std::asin(static_cast<double>(sine));
}
double heading_deg(const Output& row) { return degree * static_cast<double>(row.heading_rad); }

struct Panel {
  std::string_view title;
  double (*value)(const Output&);
  double min;
  double max;
  std::string_view colour;
};

constexpr Panel panels[] = {
    {"roll, deg", roll_deg, -180.0, 180.0, "#0969da"},
    {"pitch, deg", pitch_deg, -90.0, 90.0, "#1a7f37"},
    {"heading of x, deg from north", heading_deg, 0.0, 360.0, "#8250df"},
};

class Drawing {
 public:
  Drawing(const fusion::MotionRecording& recording, const OrientationResult& result)
      : rows_(result.rows), svg_(width, top + 3 * (panel_height + panel_gap) + 30) {
    const auto& gyro = recording.gyroscope;
    for (const fusion::TimedVector& sample : gyro) {
      times_s_.push_back(1e-9 * static_cast<double>(sample.time_ns - gyro.front().time_ns));
    }
    span_s_ = times_s_.empty() ? 1.0 : std::max(times_s_.back(), 1e-3);
    stride_ = std::max<std::size_t>(1, rows_.size() / 3000);
  }

  std::string draw() {
    svg_.text({left, 20}, "Orientation", {.size = 15, .bold = true});
    strip(left + 150, rest_colour, "at rest");
    strip(left + 250, disturbed_colour, "magnetometer not trusted");
    strip(left + 450, saturated_colour, "gyroscope clipped");
    double y = top;
    for (const Panel& panel : panels) {
      draw_panel(panel, y);
      y += panel_height + panel_gap;
    }
    return svg_.finish();
  }

 private:
  [[nodiscard]] double x_of(double time_s) const { return left + plot_width * time_s / span_s_; }

  void strip(double x, std::string_view colour, std::string_view words) {
    svg_.box({x, 12, 14, 6}, colour);
    svg_.text({x + 20, 19}, words);
  }

  void draw_panel(const Panel& panel, double y) {
    const double bottom = y + panel_height;
    svg_.text({left, y - 6}, panel.title, {.bold = true});
    for (int i = 0; i <= 4; ++i) {
      const double value = panel.min + (panel.max - panel.min) * i / 4;
      const double at = bottom - panel_height * i / 4.0;
      svg_.line({left, at}, {left + plot_width, at}, grey);
      svg_.text({left - 6, at + 4}, short_number(value), {.size = 11, .anchor = "end"});
    }
    const double step_s = round_step(span_s_, 8);
    const int marks = static_cast<int>(span_s_ / step_s);
    for (int i = 0; i <= marks; ++i) {
      svg_.text({x_of(step_s * i), bottom + 15}, short_number(step_s * i) + " s",
                {.size = 11, .anchor = "middle"});
    }
    draw_flags(bottom);
    draw_line(panel, bottom);
  }

  void draw_flags(double bottom) {
    for (std::size_t i = 0; i < rows_.size(); i += stride_) {
      const double x = x_of(times_s_[i]);
      const double wide =
          plot_width * static_cast<double>(stride_) / static_cast<double>(rows_.size());
      if (rows_[i].at_rest) svg_.box({x, bottom - 4, wide + 0.2, 2}, rest_colour);
      if (rows_[i].field_disturbed) svg_.box({x, bottom - 2, wide + 0.2, 2}, disturbed_colour);
      const auto clipped = [](const auto& row) { return row.saturated.gyroscope != 0; };
      const std::size_t end = std::min(i + stride_, rows_.size());
      if (std::any_of(rows_.begin() + static_cast<std::ptrdiff_t>(i),
                      rows_.begin() + static_cast<std::ptrdiff_t>(end), clipped)) {
        svg_.box({x, bottom - 6, wide + 0.2, 2}, saturated_colour);
      }
    }
  }

  // A line that breaks where the angle goes once around.
  void draw_line(const Panel& panel, double bottom) {
    std::vector<SvgPoint> points;
    double before = 0.0;
    for (std::size_t i = 0; i < rows_.size(); i += stride_) {
      const double value = panel.value(rows_[i]);
      if (!points.empty() && std::abs(value - before) > 0.5 * (panel.max - panel.min)) {
        svg_.polyline(points, panel.colour, 1.2);
        points.clear();
      }
      before = value;
      const double share = (value - panel.min) / (panel.max - panel.min);
      points.push_back({x_of(times_s_[i]), bottom - panel_height * share});
    }
    if (!points.empty()) svg_.polyline(points, panel.colour, 1.2);
  }

  const std::vector<Output>& rows_;
  std::vector<double> times_s_;
  Svg svg_;
  double span_s_ = 1.0;
  std::size_t stride_ = 1;
};

}  // namespace

std::string orientation_svg(const fusion::MotionRecording& recording,
                            const OrientationResult& result) {
  return Drawing(recording, result).draw();
}

}  // namespace haltere::agent
