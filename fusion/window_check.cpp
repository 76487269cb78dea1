// What a window's settings may be.
#include "fusion/window_check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/units.hpp"
#include "fusion/window_features.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/mel_f32.hpp"
#include "models/kernels/wavelet_f32.hpp"

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

std::string name_of(const FeatureSpec& feature) { return kernels::feature_name(feature.kind); }

std::string quoted_hertz(float value) { return hertz(static_cast<double>(value)); }

/// Whether frequencies up to `highest_hz` (called `setting`) are below half the rate.
std::string check_highest(const FeatureSpec& feature, const char* setting, float highest_hz,
                          double rate_hz) {
  if (highest_hz <= 0.5F * static_cast<float>(rate_hz)) return {};
  return name_of(feature) + " up to " + quoted_hertz(highest_hz) +
         " needs at least twice that rate; at " + hertz(rate_hz) + " `" + setting + "` may be " +
         hertz(rate_hz / 2) + " at most";
}

std::string too_narrow(std::size_t band, const FeatureSpec& feature, std::size_t samples,
                       double rate_hz) {
  const auto points =
      static_cast<double>(1U << kernels::spectrum_log2_points(static_cast<std::uint16_t>(samples)));
  return "band " + std::to_string(band) + " of " + std::to_string(feature.bands) +
         " is narrower than the window's resolution of " + hertz(rate_hz / points) +
         "; use fewer bands, a wider range or longer windows";
}

/// Whether each band of a band_power or envelope_power holds a bin.
std::string check_bins(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  kernels::RecipeView view{};
  view.rate_hz = static_cast<float>(rate_hz);
  view.spectrum.log2_points = kernels::spectrum_log2_points(static_cast<std::uint16_t>(samples));
  for (std::uint8_t band = 0; band < feature.bands; ++band) {
    const auto end = static_cast<std::uint8_t>(band + 1);
    if (kernels::recipe_first_bin(view, feature, band) >=
        kernels::recipe_first_bin(view, feature, end))
      return too_narrow(end, feature, samples, rate_hz);
  }
  return {};
}

/// Whether each triangle of a log_mel holds a bin.
std::string check_triangles(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  const std::size_t bins =
      (std::size_t{1} << kernels::spectrum_log2_points(static_cast<std::uint16_t>(samples))) / 2;
  const auto hz_per_bin = static_cast<float>(0.5 * rate_hz / static_cast<double>(bins));
  const kernels::MelBands mel{feature.from, feature.to, feature.bands, hz_per_bin};
  for (std::uint8_t band = 0; band < feature.bands; ++band) {
    bool has_bin = false;
    for (std::size_t k = 1; k < bins && !has_bin; ++k)
      has_bin = kernels::mel_weight(mel, band, static_cast<float>(k) * hz_per_bin) > 0.0F;
    if (!has_bin) return too_narrow(band + 1U, feature, samples, rate_hz);
  }
  return {};
}

std::string check_edges(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  if (!(feature.from < feature.to))
    return name_of(feature) + " needs `from` below `to`, not " + quoted_hertz(feature.from) +
           " and " + quoted_hertz(feature.to);
  if (std::string message = check_highest(feature, "to", feature.to, rate_hz); !message.empty())
    return message;
  return feature.kind == FeatureKind::log_mel ? check_triangles(feature, samples, rate_hz)
                                              : check_bins(feature, samples, rate_hz);
}

/// `highest_hz`: what of an envelope above `above_hz` is asked for.
std::string check_envelope(const FeatureSpec& feature, float above_hz, float highest_hz,
                           double rate_hz) {
  if (!(above_hz > 0.0F) || !(above_hz < 0.5F * static_cast<float>(rate_hz)))
    return name_of(feature) + " needs `above` between 0 Hz and half the rate, " +
           hertz(rate_hz / 2) + ", not " + quoted_hertz(above_hz);
  if (!(highest_hz > 0.0F) || highest_hz > above_hz)
    return name_of(feature) + " of " + quoted_hertz(highest_hz) +
           " is beyond what an envelope above " + quoted_hertz(above_hz) + " holds";
  return {};
}

std::string check_order(const FeatureSpec& feature, double rate_hz) {
  if (!(feature.from > 0.0F) || !(feature.to > 0.0F))
    return name_of(feature) + " needs a `speed` and an `order` above 0";
  return check_highest(feature, "speed · order · harmonics",
                       static_cast<float>(feature.bands) * feature.from * feature.to, rate_hz);
}

std::string check_levels(const FeatureSpec& feature, std::size_t samples) {
  if (feature.bands <= kernels::most_wavelet_levels(samples)) return {};
  return name_of(feature) + " of " + std::to_string(feature.bands) +
         " levels needs windows of at least " +
         std::to_string(std::size_t{3} << std::min<unsigned>(feature.bands, 32)) +
         " samples, not " + std::to_string(samples);
}

std::string check_banded(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  const auto bands = static_cast<float>(feature.bands);
  switch (feature.kind) {
    case FeatureKind::band_power:
    case FeatureKind::log_mel: return check_edges(feature, samples, rate_hz);
    case FeatureKind::order_amplitude: return check_order(feature, rate_hz);
    case FeatureKind::envelope_tone:
      return check_envelope(feature, feature.to, bands * feature.from, rate_hz);
    case FeatureKind::envelope_power: break;
    default: return {};
  }
  std::string message = check_envelope(feature, feature.from, feature.to, rate_hz);
  return message.empty() ? check_bins(feature, samples, rate_hz) : message;
}

/// Features of a window of all channels.
std::size_t count_features(const WindowSettings& settings, const sensors::Layout& row,
                           std::size_t& per_channel) {
  const std::vector<std::uint8_t> vectors = vectors_of(row);
  std::size_t of_vectors = 0;
  per_channel = 0;
  for (const FeatureSpec& feature : settings.features) {
    if (!kernels::is_of_vector(feature.kind)) {
      per_channel += kernels::feature_outputs(feature, 1);
      continue;
    }
    for (std::size_t i = 0, count = 0; i < vectors.size(); i += count) {
      count = 1;
      while (i + count < vectors.size() && vectors[i + count] == vectors[i]) ++count;
      if (vectors[i] > 0)
        of_vectors += kernels::feature_outputs(feature, static_cast<std::uint16_t>(count));
    }
  }
  return per_channel * row.channels.size() + of_vectors;
}

std::optional<WindowProblem> check_count(const WindowSettings& settings,
                                         const sensors::Layout& row) {
  std::size_t per_channel = 0;
  const std::size_t inputs = count_features(settings, row, per_channel);
  if (inputs <= kernels::max_inputs) return std::nullopt;
  return WindowProblem{"features", 0,
                       std::to_string(inputs) + " features are too many; at most " +
                           std::to_string(kernels::max_inputs) + " (" +
                           std::to_string(per_channel) + " for each of " +
                           std::to_string(row.channels.size()) + " channels)"};
}

std::optional<WindowProblem> check_vectors(const WindowSettings& settings,
                                           const sensors::Layout& row) {
  const std::vector<std::uint8_t> vectors = vectors_of(row);
  if (std::ranges::any_of(vectors, [](std::uint8_t vector) { return vector > 0; }))
    return std::nullopt;
  for (std::size_t i = 0; i < settings.features.size(); ++i)
    if (kernels::is_of_vector(settings.features[i].kind))
      return WindowProblem{"features", i,
                           name_of(settings.features[i]) +
                               " needs channels that belong together, named like ax, ay, az"};
  return std::nullopt;
}

std::optional<WindowProblem> check_features(const WindowSettings& settings, std::size_t samples,
                                            const sensors::Layout& row) {
  if (row.channels.empty()) return WindowProblem{"inputs", 0, "a window needs at least one input"};
  if (settings.features.empty() || settings.features.size() > kernels::max_recipe_features)
    return WindowProblem{"features", 0,
                         "a window needs 1 to " + std::to_string(kernels::max_recipe_features) +
                             " features, not " + std::to_string(settings.features.size())};
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    std::string message = check_feature(settings.features[i], samples, row.rate_hz);
    if (!message.empty()) return WindowProblem{"features", i, std::move(message)};
  }
  if (auto problem = check_vectors(settings, row)) return problem;
  return check_count(settings, row);
}

std::optional<WindowProblem> check_trigger(const WindowSettings& settings, std::size_t samples,
                                           double rate_hz) {
  const WindowTrigger& trigger = settings.trigger;
  if (trigger.channels == 0) return std::nullopt;
  if (trigger.before_s > 0.0 && trigger.before_samples > 0)
    return WindowProblem{"before_samples", 0, "give either before or before_samples, not both"};
  if (trigger.before_s > 0.0 && rate_hz <= 0.0)
    return WindowProblem{"before", 0, "the inputs have no known rate; give before_samples"};
  if (samples_before(settings, rate_hz) >= samples)
    return WindowProblem{trigger.before_s > 0.0 ? "before" : "before_samples", 0,
                         "what lies before the event must be shorter than the window"};
  return std::nullopt;
}

}  // namespace

std::string check_feature(const FeatureSpec& feature, std::size_t samples, double rate_hz) {
  if (kernels::needs_spectrum(feature.kind) && samples < kernels::min_spectrum_samples)
    return name_of(feature) + " needs windows of at least " +
           std::to_string(kernels::min_spectrum_samples) + " samples, not " +
           std::to_string(samples);
  if (!kernels::has_bands(feature.kind)) return {};
  if (feature.kind == FeatureKind::wavelet_energy) return check_levels(feature, samples);
  if (rate_hz <= 0.0)
    return name_of(feature) + " needs a known rate; give the sensor of the inputs a `rate`";
  return check_banded(feature, samples, rate_hz);
}

std::size_t samples_before(const WindowSettings& settings, double rate_hz) {
  const WindowTrigger& trigger = settings.trigger;
  return to_samples(trigger.before_s, trigger.before_samples, rate_hz);
}

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
  if (auto problem = check_trigger(settings, extent.samples, row.rate_hz)) return problem;
  return check_features(settings, extent.samples, row);
}

}  // namespace haltere::fusion
