#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace haltere::agent {

/// Where something is on a drawing, in pixels from the left and the top.
struct SvgPoint {
  double x = 0.0;
  double y = 0.0;
};

/// A rectangle: its upper left corner and its extent.
struct SvgBox {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
};

/// How a text is set.
struct SvgText {
  int size = 12;
  std::string_view colour = "#24292f";
  std::string_view anchor = "start";  ///< start, middle or end
  bool bold = false;
};

/// A drawing as an SVG file of its own: no fonts, scripts or styles from elsewhere.
class Svg {
 public:
  Svg(int width, int height);

  void text(SvgPoint at, std::string_view words, const SvgText& style = {});
  void box(const SvgBox& box, std::string_view fill);
  void line(SvgPoint from, SvgPoint to, std::string_view colour, double width = 1.0,
            std::string_view dashes = {});
  void polyline(std::span<const SvgPoint> points, std::string_view colour, double width);

  /// The whole file.
  [[nodiscard]] std::string finish() const;

 private:
  std::string body_;
};

/// A round number near and not below `value` / `steps`: 1, 2 or 5 times a power of ten.
[[nodiscard]] double round_step(double value, int steps);

/// `value` in few digits: "0.25", "1e+06".
[[nodiscard]] std::string short_number(double value);

}  // namespace haltere::agent
