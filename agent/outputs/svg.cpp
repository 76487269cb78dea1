#include "agent/outputs/svg.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace haltere::agent {
namespace {

std::string pixels(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string escaped(std::string_view words) {
  std::string out;
  for (const char c : words) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + std::string(value) + '"';
}

}  // namespace

Svg::Svg(int width, int height) {
  const std::string w = std::to_string(width);
  const std::string h = std::to_string(height);
  body_ = R"(<svg xmlns="http://www.w3.org/2000/svg" font-family="Helvetica, Arial, )"
          R"('DejaVu Sans', sans-serif")" +
          attribute("width", w) + attribute("height", h) +
          attribute("viewBox", "0 0 " + w + ' ' + h) + ">\n<rect" + attribute("width", w) +
          attribute("height", h) + attribute("fill", "#ffffff") + "/>\n";
}

void Svg::text(SvgPoint at, std::string_view words, const SvgText& style) {
  body_ += "<text" + attribute("x", pixels(at.x)) + attribute("y", pixels(at.y)) +
           attribute("font-size", std::to_string(style.size)) + attribute("fill", style.colour);
  if (style.anchor != "start") body_ += attribute("text-anchor", style.anchor);
  if (style.bold) body_ += attribute("font-weight", "bold");
  body_ += '>' + escaped(words) + "</text>\n";
}

void Svg::box(const SvgBox& box, std::string_view fill) {
  body_ += "<rect" + attribute("x", pixels(box.x)) + attribute("y", pixels(box.y)) +
           attribute("width", pixels(box.width)) + attribute("height", pixels(box.height)) +
           attribute("fill", fill) + "/>\n";
}

void Svg::line(SvgPoint from, SvgPoint to, std::string_view colour, double width,
               std::string_view dashes) {
  body_ += "<line" + attribute("x1", pixels(from.x)) + attribute("y1", pixels(from.y)) +
           attribute("x2", pixels(to.x)) + attribute("y2", pixels(to.y)) +
           attribute("stroke", colour) + attribute("stroke-width", pixels(width));
  if (!dashes.empty()) body_ += attribute("stroke-dasharray", dashes);
  body_ += "/>\n";
}

void Svg::polyline(std::span<const SvgPoint> points, std::string_view colour, double width) {
  body_ += "<polyline" + attribute("fill", "none") + attribute("stroke", colour) +
           attribute("stroke-width", pixels(width)) + attribute("stroke-linejoin", "round") +
           R"( points=")";
  for (const SvgPoint& point : points) body_ += pixels(point.x) + ',' + pixels(point.y) + ' ';
  body_ += "\"/>\n";
}

std::string Svg::finish() const { return body_ + "</svg>\n"; }

double round_step(double value, int steps) {
  if (!(value > 0.0) || !std::isfinite(value)) return 1.0;
  const double rough = value / steps;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1.0 - 1e-9)) return factor * power;
  return 10.0 * power;
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

}  // namespace haltere::agent
