#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/outputs/svg.hpp"
#include "fusion/window.hpp"

namespace haltere::agent {

/// A picture of windows: what was cut, and the spectra of it.
class WindowPlot {
 public:
  /// Takes the newest of `window`, whose last row is number `row` of the table, counted from 1.
  void add(const fusion::Window& window, std::size_t row);

  /// The SVG file: for each vector of channels its signals over time, with a strip for each window,
  /// and the mean of its windows' spectra.
  [[nodiscard]] std::string svg(const std::string& title) const;

 private:
  /// A channel and all that was seen of it.
  struct Trace {
    std::string name;
    std::vector<float> values;  ///< of `rows_`
    std::vector<double> power;  ///< sum over the windows, of each bin
  };

  /// What a vector of channels shows: a line for each.
  struct Panel {
    std::vector<std::string> names;
    std::vector<std::vector<SvgPoint>> signals;
    std::vector<std::vector<SvgPoint>> spectra;
  };

  void start(const fusion::Window& window);
  /// `row_s`: what a row is long, in what the picture counts.
  [[nodiscard]] Panel panel_of(std::size_t index, double row_s) const;
  void add_spectra(const fusion::Window& window);

  std::vector<Trace> traces_;
  std::vector<std::size_t> panels_;  ///< first trace of each vector, and the end of the last
  std::vector<std::size_t> rows_;    ///< of the table, that lie in some window
  std::vector<std::size_t> ends_;    ///< last row of each window
  std::vector<std::uint8_t> recipe_;
  kernels::RecipeView spectrum_{};  ///< of recipe_: with the constants of a spectrum
  std::size_t samples_ = 0;
  double rate_hz_ = 0.0;
  std::vector<float> scratch_;
};

}  // namespace haltere::agent
