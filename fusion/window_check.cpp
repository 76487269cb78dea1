// What a window's settings may be.
#include "fusion/window_check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/units.hpp"
#include "models/kernels/feature_name.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using kernels::FeatureKind;
using kernels::FeatureSpec;

std::string hertz(double value) { return config::format_quantity(value, Dimension::frequency); }

/// Samples in `seconds`, or in `samples` where no duration is given.
std::size_t to_samples(double seconds, std::size_t samples, double rate_hz) {
  if (seconds <= 0.0) return samples;
  const double count = std::min(std::round(seconds * rate_hz), 1e6);
  return static_cast<std::size_t>(std::max(count, 1.0));
}

std::optional<WindowProblem> check_durations(const WindowSettings& settings, double rate_hz) {
  if (settings.length_s > 0.0 && settings.length_samples > 0)
    return WindowProblem{"length_samples", 0, "give either length or length_samples, not both"};
  if (settings.step_s > 0.0 && settings.step_samples > 0)
    return WindowProblem{"step_samples", 0, "give either step or step_samples, not both"};
  if (settings.length_s <= 0.0 && settings.length_samples == 0)
    return WindowProblem{"length", 0, "a window needs a length, such as 2s, or length_samples"};
  const bool has_duration = settings.length_s > 0.0 || settings.step_s > 0.0;
  if (has_duration && rate_hz <= 0.0)
    return WindowProblem{settings.length_s > 0.0 ? "length" : "step", 0,
                         "the inputs have no known rate; give the sensor a `rate`, or the window "
                         "length_samples and step_samples"};
  return std::nullopt;
}

std::optional<WindowProblem> check_extent(const WindowExtent& extent) {
  if (extent.samples > kernels::max_window_samples)
    return WindowProblem{"length", 0,
                         "a window of " + std::to_string(extent.samples) +
                             " samples is too long; at most " +
                             std::to_string(kernels::max_window_samples)};
  if (extent.step > 65535)
    return WindowProblem{
        "step", 0,
        "a step of " + std::to_string(extent.step) + " samples is too long; at most 65535"};
  return std::nullopt;
}

std::string check_bands(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  if (rate_hz <= 0.0)
    return "band_power needs a known rate; give the sensor of the inputs a `rate`";
  if (!(feature.from_hz < feature.to_hz))
    return "band_power needs `from` below `to`, not " +
           hertz(static_cast<double>(feature.from_hz)) + " and " +
           hertz(static_cast<double>(feature.to_hz));
  if (feature.to_hz > 0.5F * static_cast<float>(rate_hz))
    return "band_power up to " + hertz(static_cast<double>(feature.to_hz)) +
           " needs at least twice that rate; at " + hertz(rate_hz) + " `to` may be " +
           hertz(rate_hz / 2) + " at most";
  kernels::RecipeView view{};
  view.rate_hz = static_cast<float>(rate_hz);
  view.spectrum.log2_points = kernels::spectrum_log2_points(static_cast<std::uint16_t>(samples));
  for (std::uint8_t band = 0; band < feature.bands; ++band) {
    const auto end = static_cast<std::uint8_t>(band + 1);
    if (kernels::recipe_first_bin(view, feature, band) <
        kernels::recipe_first_bin(view, feature, end))
      continue;
    const double resolution_hz = rate_hz / static_cast<double>(1U << view.spectrum.log2_points);
    return "band " + std::to_string(end) + " of " + std::to_string(feature.bands) +
           " is narrower than the window's resolution of " + hertz(resolution_hz) +
           "; use fewer bands, a wider range or longer windows";
  }
  return {};
}

std::optional<WindowProblem> check_features(const WindowSettings& settings, std::size_t samples,
                                            const sensors::Layout& row) {
  if (row.channels.empty()) return WindowProblem{"inputs", 0, "a window needs at least one input"};
  if (settings.features.empty() || settings.features.size() > kernels::max_recipe_features)
    return WindowProblem{"features", 0,
                         "a window needs 1 to " + std::to_string(kernels::max_recipe_features) +
                             " features, not " + std::to_string(settings.features.size())};
  std::size_t per_channel = 0;
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    const FeatureSpec& feature = settings.features[i];
    per_channel += feature.kind == FeatureKind::band_power ? feature.bands : 1U;
    if (kernels::needs_spectrum(feature.kind) && samples < kernels::min_spectrum_samples)
      return WindowProblem{"features", i,
                           std::string(kernels::feature_name(feature.kind)) +
                               " needs windows of at least " +
                               std::to_string(kernels::min_spectrum_samples) + " samples, not " +
                               std::to_string(samples)};
    if (feature.kind != FeatureKind::band_power) continue;
    if (std::string message = check_bands(feature, samples, row.rate_hz); !message.empty())
      return WindowProblem{"features", i, std::move(message)};
  }
  const std::size_t inputs = per_channel * row.channels.size();
  if (inputs > kernels::max_inputs)
    return WindowProblem{"features", 0,
                         std::to_string(inputs) + " features are too many; at most " +
                             std::to_string(kernels::max_inputs) + " (" +
                             std::to_string(per_channel) + " for each of " +
                             std::to_string(row.channels.size()) + " channels)"};
  return std::nullopt;
}

}  // namespace

WindowExtent window_extent(const WindowSettings& settings, double rate_hz) {
  WindowExtent extent;
  extent.samples = to_samples(settings.length_s, settings.length_samples, rate_hz);
  extent.step = to_samples(settings.step_s, settings.step_samples, rate_hz);
  if (extent.step == 0) extent.step = extent.samples;
  return extent;
}

std::optional<WindowProblem> check_window(const WindowSettings& settings,
                                          const sensors::Layout& row) {
  if (auto problem = check_durations(settings, row.rate_hz)) return problem;
  const WindowExtent extent = window_extent(settings, row.rate_hz);
  if (auto problem = check_extent(extent)) return problem;
  return check_features(settings, extent.samples, row);
}

}  // namespace haltere::fusion
