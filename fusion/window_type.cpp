// The settings of windows, and how filters are made of them.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <utility>

#include "config/settings.hpp"
#include "fusion/window.hpp"
#include "fusion/window_check.hpp"
#include "models/kernels/feature_name.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using config::Variant;
using kernels::FeatureKind;
using kernels::FeatureSpec;

constexpr std::int64_t max_bands = 64;

constexpr std::array band_settings{
    Setting{.key = "bands",
            .type = Type::integer,
            .description = "Number of equally wide bands",
            .min = 1,
            .max = max_bands,
            .default_text = "8"},
    Setting{.key = "from",
            .type = Type::number,
            .description = "Lower edge of the first band",
            .dimension = Dimension::frequency,
            .min = 0.0,
            .required = true},
    Setting{.key = "to",
            .type = Type::number,
            .description = "Upper edge of the last band, at most half the sampling rate",
            .dimension = Dimension::frequency,
            .min = 0.0,
            .required = true},
};

constexpr std::array feature_variants{
    Variant{"last", "Newest sample"},
    Variant{"mean", "Average"},
    Variant{"std", "Standard deviation"},
    Variant{"variance", "Square of the standard deviation"},
    Variant{"rms", "Root of the mean square"},
    Variant{"min", "Smallest sample"},
    Variant{"max", "Largest sample"},
    Variant{"peak_to_peak", "Largest minus smallest sample"},
    Variant{"zero_crossings", "How often the signal crosses its mean"},
    Variant{"mean_absolute", "Average of the magnitudes"},
    Variant{"energy", "Mean square"},
    Variant{"band_power", "RMS amplitude of the signal in each frequency band", band_settings},
    Variant{"median", "Middle of the sorted samples"},
    Variant{"lower_quartile", "A quarter of the samples lie below"},
    Variant{"upper_quartile", "A quarter of the samples lie above"},
    Variant{"quartile_range", "Upper minus lower quartile"},
    Variant{"mean_deviation", "Average distance from the mean"},
    Variant{"skewness", "Whether the tail is above (> 0) or below the mean"},
    Variant{"kurtosis", "How heavy the tails are; 0 as in a normal distribution"},
    Variant{"crest_factor", "Largest magnitude over the rms"},
    Variant{"sign_changes", "How often the signal crosses zero"},
    Variant{"slope", "Of the straight line through the samples, per second"},
    Variant{"jerk", "Average change between samples, per second"},
    Variant{"autocorrelation", "How well the signal repeats itself, 0 to 1"},
    Variant{"dominant_frequency", "Where the spectrum is highest, Hz"},
    Variant{"dominant_amplitude", "RMS amplitude of that tone"},
    Variant{"spectral_centroid", "Mean frequency of the power, Hz"},
    Variant{"spectral_spread", "Deviation of the power about that, Hz"},
    Variant{"spectral_entropy", "0 for a tone, 1 for white noise"},
    Variant{"spectral_rolloff", "85 % of the power lies below, Hz"},
};
static_assert(feature_variants.size() == kernels::feature_kinds);

constexpr std::array window_settings{
    Setting{.key = "inputs",
            .type = Type::streams,
            .description = "Streams whose channels the features are computed of",
            .required = true},
    Setting{.key = "length",
            .type = Type::number,
            .description = "Duration of a window",
            .dimension = Dimension::time,
            .min = 0.0},
    Setting{.key = "length_samples",
            .type = Type::integer,
            .description = "Samples in a window, instead of `length`",
            .min = 1,
            .max = kernels::max_window_samples},
    Setting{.key = "step",
            .type = Type::number,
            .description = "Time from one window to the next; as long as the window if absent",
            .dimension = Dimension::time,
            .min = 0.0},
    Setting{.key = "step_samples",
            .type = Type::integer,
            .description = "Samples from one window to the next, instead of `step`",
            .min = 1,
            .max = 65535},
    Setting{.key = "features",
            .type = Type::variants,
            .description = "What is computed of every channel",
            .required = true,
            .variants = feature_variants},
};

FeatureSpec read_feature(const Section::Item& item) {
  FeatureSpec feature{};
  for (std::uint8_t kind = 0; kind < kernels::feature_kinds; ++kind) {
    if (item.name == kernels::feature_name(static_cast<FeatureKind>(kind)))
      feature.kind = static_cast<FeatureKind>(kind);
  }
  if (feature.kind == FeatureKind::band_power) {
    feature.bands =
        static_cast<std::uint8_t>(std::clamp<std::int64_t>(item.settings.integer("bands"), 0, 255));
    feature.from_hz = static_cast<float>(item.settings.number("from"));
    feature.to_hz = static_cast<float>(item.settings.number("to"));
  }
  return feature;
}

WindowSettings read_settings(const Section& section) {
  WindowSettings settings;
  if (section.has("length")) settings.length_s = section.number("length");
  if (section.has("length_samples"))
    settings.length_samples = static_cast<std::size_t>(section.integer("length_samples"));
  if (section.has("step")) settings.step_s = section.number("step");
  if (section.has("step_samples"))
    settings.step_samples = static_cast<std::size_t>(section.integer("step_samples"));
  for (const auto& item : section.variants("features"))
    settings.features.push_back(read_feature(item));
  return settings;
}

/// All channels of all inputs one after the other, at the rate of the first.
sensors::Layout joined(std::span<const sensors::Layout> inputs) {
  sensors::Layout row;
  for (const auto& input : inputs)
    row.channels.insert(row.channels.end(), input.channels.begin(), input.channels.end());
  if (!inputs.empty()) row.rate_hz = inputs.front().rate_hz;
  return row;
}

std::vector<StreamName> window_inputs(const Section& section) {
  std::vector<StreamName> names;
  const auto& texts = section.texts("inputs");
  for (std::size_t i = 0; i < texts.size(); ++i)
    names.push_back({texts[i], section.position("inputs", i)});
  return names;
}

sensors::Layout window_output(const Section& section, std::span<const sensors::Layout> inputs,
                              std::vector<config::Diagnostic>& diagnostics) {
  const WindowSettings settings = read_settings(section);
  const sensors::Layout row = joined(inputs);
  if (const auto problem = check_window(settings, row)) {
    diagnostics.push_back({section.position(problem->key, problem->index), problem->message});
    return {};
  }
  const auto window = Window::create(settings, row);
  if (!window) {
    diagnostics.push_back({section.position(), window.error().message});
    return {};
  }
  return window.value()->layout();
}

std::unique_ptr<Filter> make_window(const Section& section,
                                    std::span<const sensors::Layout> inputs) {
  auto window = Window::create(read_settings(section), joined(inputs));
  assert(window.ok());
  return std::move(window).value();
}

}  // namespace

const FilterType window_type{
    .component = {.kind = "fusion",
                  .platform = "window",
                  .description = "Cuts the stream into windows and computes features of each",
                  .settings = window_settings},
    .inputs = window_inputs,
    .output = window_output,
    .make = make_window,
};

}  // namespace haltere::fusion
