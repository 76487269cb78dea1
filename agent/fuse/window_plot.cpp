#include "agent/fuse/window_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "agent/outputs/svg.hpp"
#include "fusion/window_features.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/recipe_writer.hpp"
#include "models/kernels/spectrum_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t most_panels = 8;
constexpr std::size_t most_strips = 200;
constexpr int width = 1080;
constexpr double top = 54.0;
constexpr double panel_height = 150.0;
constexpr double panel_gap = 58.0;
constexpr double signal_left = 64.0;
constexpr double signal_width = 600.0;
constexpr double spectrum_left = 752.0;
constexpr double spectrum_width = 300.0;
constexpr std::string_view grey = "#d0d7de";
constexpr std::string_view pale = "#eaeef2";
constexpr std::string_view strip = "#54aeff";
constexpr std::array<std::string_view, 8> colours{"#0969da", "#1a7f37", "#8250df", "#bc4c00",
                                                  "#bf3989", "#57606a", "#9a6700", "#1b7c83"};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Never empty, and a little wider than what was included.
  [[nodiscard]] Range widened() const {
    const double margin = high > low ? 0.05 * (high - low) : std::max(1e-6, 0.05 * std::abs(high));
    return low <= high ? Range{low - margin, high + margin} : Range{0.0, 1.0};
  }
};

/// Where values are on the drawing.
struct Axes {
  SvgBox box;
  Range x;
  Range y;
  [[nodiscard]] SvgPoint at(double xv, double yv) const {
    return {box.x + box.width * (xv - x.low) / (x.high - x.low),
            box.y + box.height * (1.0 - (yv - y.low) / (y.high - y.low))};
  }
};

/// Round numbers within `range`, at most about `count`.
std::vector<double> marks_of(const Range& range, int count) {
  const double step = round_step(range.high - range.low, count);
  const double first = std::ceil(range.low / step);
  std::vector<double> marks;
  for (int i = 0; step * (first + i) <= range.high + 1e-9 * step && i < 100; ++i)
    marks.push_back(step * (first + i));
  return marks;
}

void draw_axes(Svg& svg, const Axes& axes, std::string_view unit) {
  const double bottom = axes.box.y + axes.box.height;
  for (const double value : marks_of(axes.y, 4)) {
    const SvgPoint from = axes.at(axes.x.low, value);
    svg.line(from, {from.x + axes.box.width, from.y}, grey);
    svg.text({from.x - 6, from.y + 4}, short_number(value), {.size = 11, .anchor = "end"});
  }
  for (const double value : marks_of(axes.x, axes.box.width > 400.0 ? 8 : 4)) {
    const SvgPoint mark = axes.at(value, axes.y.low);
    svg.line({mark.x, axes.box.y}, {mark.x, bottom}, pale);
    svg.text({mark.x, bottom + 16}, short_number(value) + std::string(unit),
             {.size = 11, .anchor = "middle"});
  }
}

/// A recipe that has nothing of `recipe` but its channels, and a spectrum.
std::vector<std::uint8_t> spectrum_recipe(const kernels::RecipeView& recipe) {
  const kernels::RecipeChannel channel{{'x'}, 0, 0};
  const kernels::FeatureSpec feature{kernels::FeatureKind::spectral_centroid, 0, 0.0F, 0.0F};
  const kernels::RecipeContents contents{.rate_hz = recipe.rate_hz,
                                         .window_samples = recipe.window_samples,
                                         .step_samples = recipe.step_samples,
                                         .channels = &channel,
                                         .channel_count = 1,
                                         .features = &feature,
                                         .feature_count = 1,
                                         .taper = recipe.spectrum.taper};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  return bytes;
}

}  // namespace

void WindowPlot::start(const fusion::Window& window) {
  const kernels::RecipeView& view = window.view();
  sensors::Layout row;
  for (std::uint16_t c = 0; c < view.channel_count; ++c) {
    const char* name = kernels::recipe_channel_name(view, c);
    row.channels.push_back({.name = {name, std::find(name, name + kernels::name_bytes, '\0')}});
    traces_.push_back({.name = row.channels.back().name, .values = {}, .power = {}});
  }
  const std::vector<std::uint8_t> vectors = fusion::vectors_of(row);
  for (std::size_t i = 0; i < vectors.size(); ++i)
    if (i == 0 || vectors[i] == 0 || vectors[i] != vectors[i - 1]) panels_.push_back(i);
  panels_.push_back(vectors.size());
  samples_ = view.window_samples;
  rate_hz_ = static_cast<double>(view.rate_hz);
  if (samples_ < kernels::min_spectrum_samples) return;
  recipe_ = spectrum_recipe(view);
  if (!kernels::open_recipe(recipe_.data(), recipe_.size(), spectrum_)) return;
  scratch_.resize(kernels::lanes << spectrum_.spectrum.log2_points);
  for (Trace& trace : traces_) trace.power.resize(kernels::spectrum_bins(spectrum_.spectrum));
}

void WindowPlot::add(const fusion::Window& window, std::size_t row) {
  if (traces_.empty()) start(window);
  const std::size_t first = row + 1 - samples_;
  const std::size_t known = rows_.empty() || rows_.back() < first ? 0 : rows_.back() + 1 - first;
  for (std::size_t i = known; i < samples_; ++i) {
    rows_.push_back(first + i);
    for (std::size_t c = 0; c < traces_.size(); ++c)
      traces_[c].values.push_back(window.samples(c)[i]);
  }
  ends_.push_back(row);
  if (!scratch_.empty()) add_spectra(window);
}

void WindowPlot::add_spectra(const fusion::Window& window) {
  for (std::size_t c = 0; c < traces_.size(); ++c) {
    kernels::LaneInputs inputs{};
    for (std::size_t lane = 0; lane < kernels::lanes; ++lane) {
      inputs.x[lane] = window.samples(c).data();
      inputs.mean[lane] = kernels::mean_f32(inputs.x[lane], samples_);
    }
    kernels::power_spectrum_f32(spectrum_.spectrum, inputs, scratch_.data());
    std::vector<double>& power = traces_[c].power;
    for (std::size_t k = 1; k < power.size(); ++k)
      power[k] += static_cast<double>(scratch_[2 * kernels::lanes * k]);
  }
}

namespace {

/// Smallest and largest of what falls on each pixel, so that nothing short is lost.
std::vector<SvgPoint> thinned(const Axes& axes, std::span<const SvgPoint> points) {
  std::vector<SvgPoint> out;
  for (std::size_t i = 0; i < points.size();) {
    const double pixel = std::floor(axes.at(points[i].x, 0.0).x);
    std::size_t low = i;
    std::size_t high = i;
    std::size_t end = i;
    for (; end < points.size() && std::floor(axes.at(points[end].x, 0.0).x) <= pixel; ++end) {
      if (points[end].y < points[low].y) low = end;
      if (points[end].y > points[high].y) high = end;
    }
    out.push_back(axes.at(points[std::min(low, high)].x, points[std::min(low, high)].y));
    if (low != high)
      out.push_back(axes.at(points[std::max(low, high)].x, points[std::max(low, high)].y));
    i = end;
  }
  return out;
}

void draw_names(Svg& svg, double x, double y, std::span<const std::string> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view colour = colours.at(i % colours.size());
    svg.line({x, y - 4}, {x + 16, y - 4}, colour, 2.5);
    svg.text({x + 21, y}, names[i], {.bold = true});
    x += 36.0 + 7.5 * static_cast<double>(names[i].size());
  }
}

Range range_of(const std::vector<std::vector<SvgPoint>>& lines) {
  Range range;
  for (const auto& line : lines)
    for (const SvgPoint& point : line) range.include(point.y);
  return range;
}

void draw_lines(Svg& svg, const Axes& axes, const std::vector<std::vector<SvgPoint>>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i)
    svg.polyline(thinned(axes, lines[i]), colours.at(i % colours.size()), 1.3);
}

/// A strip above the signals for each window, in as many rows as windows overlap, up to four.
void draw_windows(Svg& svg, const Axes& axes, const std::vector<Range>& windows) {
  if (windows.size() > most_strips) return;
  std::size_t overlap = 1;
  while (overlap < 4 && overlap < windows.size() && windows[overlap].low < windows[0].high)
    ++overlap;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double from = axes.at(windows[i].low, 0.0).x;
    const double to = axes.at(windows[i].high, 0.0).x;
    const double y = axes.box.y - 10.0 + 2.4 * static_cast<double>(i % overlap);
    svg.box({from, y, std::max(1.0, to - from - 2.0), 1.6}, strip);
  }
}

}  // namespace

std::string WindowPlot::svg(const std::string& title) const {
  const std::size_t panels = std::min(panels_.empty() ? 0 : panels_.size() - 1, most_panels);
  Svg svg(width, static_cast<int>(top + static_cast<double>(panels) * (panel_height + panel_gap)));
  const std::string windows =
      std::to_string(ends_.size()) + " windows of " + std::to_string(samples_) + " samples";
  svg.text({signal_left, 22}, title, {.size = 15, .bold = true});
  svg.text({spectrum_left + spectrum_width, 22}, windows, {.anchor = "end"});
  const double row_s = rate_hz_ > 0.0 ? 1.0 / rate_hz_ : 1.0;
  std::vector<Range> spans;
  for (const std::size_t end : ends_)
    spans.push_back(
        {row_s * static_cast<double>(end - samples_), row_s * static_cast<double>(end)});
  for (std::size_t p = 0; p < panels; ++p) {
    const double y = top + static_cast<double>(p) * (panel_height + panel_gap) + 12.0;
    const Panel panel = panel_of(p, row_s);
    Axes signal{{signal_left, y, signal_width, panel_height},
                {spans.front().low, spans.back().high},
                range_of(panel.signals).widened()};
    draw_axes(svg, signal, rate_hz_ > 0.0 ? " s" : "");
    draw_windows(svg, signal, spans);
    draw_lines(svg, signal, panel.signals);
    draw_names(svg, signal_left, y - 16.0, panel.names);
    if (scratch_.empty()) continue;
    Axes spectrum{{spectrum_left, y, spectrum_width, panel_height},
                  {0.0, rate_hz_ > 0.0 ? 0.5 * rate_hz_ : 0.5},
                  {0.0, range_of(panel.spectra).widened().high}};
    draw_axes(svg, spectrum, rate_hz_ > 0.0 ? " Hz" : "");
    draw_lines(svg, spectrum, panel.spectra);
    svg.text({spectrum_left, y - 16.0}, "RMS amplitude in each bin, mean of the windows");
  }
  return svg.finish();
}

WindowPlot::Panel WindowPlot::panel_of(std::size_t index, double row_s) const {
  Panel panel;
  for (std::size_t c = panels_[index]; c < panels_[index + 1]; ++c) {
    const Trace& trace = traces_[c];
    panel.names.push_back(trace.name);
    std::vector<SvgPoint>& signal = panel.signals.emplace_back();
    for (std::size_t i = 0; i < rows_.size(); ++i)
      signal.push_back(
          {row_s * static_cast<double>(rows_[i] - 1), static_cast<double>(trace.values[i])});
    std::vector<SvgPoint>& spectrum = panel.spectra.emplace_back();
    const double scale = static_cast<double>(kernels::power_scale(spectrum_.spectrum)) /
                         static_cast<double>(ends_.size());
    const double bin_hz = (rate_hz_ > 0.0 ? 0.5 * rate_hz_ : 0.5) /
                          static_cast<double>(std::max<std::size_t>(trace.power.size(), 1));
    for (std::size_t k = 1; k < trace.power.size(); ++k)
      spectrum.push_back({bin_hz * static_cast<double>(k), std::sqrt(scale * trace.power[k])});
  }
  return panel;
}

}  // namespace haltere::agent
