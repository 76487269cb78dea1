#include "fusion/window.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/settings.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/recipe_writer.hpp"

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

/// What is wrong with the settings, and where.
struct Problem {
  std::string_view key;
  std::size_t index = 0;
  std::string message;
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

std::string hertz(double value) { return config::format_quantity(value, Dimension::frequency); }

/// Samples in `seconds`, or in `samples` where no duration is given.
std::size_t to_samples(double seconds, std::size_t samples, double rate_hz) {
  if (seconds <= 0.0) return samples;
  const double count = std::min(std::round(seconds * rate_hz), 1e6);
  return static_cast<std::size_t>(std::max(count, 1.0));
}

std::optional<Problem> check_durations(const WindowSettings& settings, double rate_hz) {
  if (settings.length_s > 0.0 && settings.length_samples > 0)
    return Problem{"length_samples", 0, "give either length or length_samples, not both"};
  if (settings.step_s > 0.0 && settings.step_samples > 0)
    return Problem{"step_samples", 0, "give either step or step_samples, not both"};
  if (settings.length_s <= 0.0 && settings.length_samples == 0)
    return Problem{"length", 0, "a window needs a length, such as 2s, or length_samples"};
  const bool has_duration = settings.length_s > 0.0 || settings.step_s > 0.0;
  if (has_duration && rate_hz <= 0.0)
    return Problem{settings.length_s > 0.0 ? "length" : "step", 0,
                   "the inputs have no known rate; give the sensor a `rate`, or the window "
                   "length_samples and step_samples"};
  return std::nullopt;
}

/// N and step, with limits that the format sets.
struct Extent {
  std::size_t samples = 0;
  std::size_t step = 0;
};

Extent extent_of(const WindowSettings& settings, double rate_hz) {
  Extent extent;
  extent.samples = to_samples(settings.length_s, settings.length_samples, rate_hz);
  extent.step = to_samples(settings.step_s, settings.step_samples, rate_hz);
  if (extent.step == 0) extent.step = extent.samples;
  return extent;
}

std::optional<Problem> check_extent(const Extent& extent) {
  if (extent.samples > kernels::max_window_samples)
    return Problem{"length", 0,
                   "a window of " + std::to_string(extent.samples) +
                       " samples is too long; at most " +
                       std::to_string(kernels::max_window_samples)};
  if (extent.step > 65535)
    return Problem{
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

std::optional<Problem> check_features(const WindowSettings& settings, std::size_t samples,
                                      const sensors::Layout& row) {
  if (row.channels.empty()) return Problem{"inputs", 0, "a window needs at least one input"};
  if (settings.features.empty() || settings.features.size() > kernels::max_recipe_features)
    return Problem{"features", 0,
                   "a window needs 1 to " + std::to_string(kernels::max_recipe_features) +
                       " features, not " + std::to_string(settings.features.size())};
  std::size_t per_channel = 0;
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    const FeatureSpec& feature = settings.features[i];
    per_channel += feature.kind == FeatureKind::band_power ? feature.bands : 1U;
    if (kernels::needs_spectrum(feature.kind) && samples < kernels::min_spectrum_samples)
      return Problem{"features", i,
                     std::string(kernels::feature_name(feature.kind)) +
                         " needs windows of at least " +
                         std::to_string(kernels::min_spectrum_samples) + " samples, not " +
                         std::to_string(samples)};
    if (feature.kind != FeatureKind::band_power) continue;
    if (std::string message = check_bands(feature, samples, row.rate_hz); !message.empty())
      return Problem{"features", i, std::move(message)};
  }
  const std::size_t inputs = per_channel * row.channels.size();
  if (inputs > kernels::max_inputs)
    return Problem{"features", 0,
                   std::to_string(inputs) + " features are too many; at most " +
                       std::to_string(kernels::max_inputs) + " (" + std::to_string(per_channel) +
                       " for each of " + std::to_string(row.channels.size()) + " channels)"};
  return std::nullopt;
}

std::optional<Problem> check(const WindowSettings& settings, const sensors::Layout& row) {
  if (auto problem = check_durations(settings, row.rate_hz)) return problem;
  const Extent extent = extent_of(settings, row.rate_hz);
  if (auto problem = check_extent(extent)) return problem;
  return check_features(settings, extent.samples, row);
}

/// The first name_bytes of `name`, not cutting a UTF-8 character in two.
kernels::RecipeChannel recipe_channel(const sensors::Channel& channel) {
  kernels::RecipeChannel out{};
  std::size_t size = std::min(channel.name.size(), kernels::name_bytes);
  const auto continues = [&](std::size_t i) {
    return i < channel.name.size() &&
           (static_cast<unsigned char>(channel.name[i]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues(size)) --size;
  std::copy_n(channel.name.begin(), size, std::begin(out.name));
  out.quantity = static_cast<std::uint8_t>(channel.quantity);
  return out;
}

std::vector<std::uint8_t> recipe_of(const WindowSettings& settings, const sensors::Layout& row) {
  std::vector<kernels::RecipeChannel> channels;
  channels.reserve(row.channels.size());
  for (const auto& channel : row.channels) channels.push_back(recipe_channel(channel));
  const Extent extent = extent_of(settings, row.rate_hz);
  const kernels::RecipeContents contents{
      .rate_hz = static_cast<float>(row.rate_hz),
      .window_samples = static_cast<std::uint16_t>(extent.samples),
      .step_samples = static_cast<std::uint16_t>(extent.step),
      .channels = channels.data(),
      .channel_count = static_cast<std::uint16_t>(channels.size()),
      .features = settings.features.data(),
      .feature_count = static_cast<std::uint8_t>(settings.features.size())};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  return bytes;
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
  if (const auto problem = check(settings, row)) {
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

Result<std::unique_ptr<Window>> Window::create(const WindowSettings& settings,
                                               const sensors::Layout& row) {
  if (const auto problem = check(settings, row)) return Error{ErrorKind::invalid, problem->message};
  std::unique_ptr<Window> window(new Window);
  window->recipe_ = recipe_of(settings, row);
  kernels::RecipeView& view = window->view_;
  if (!kernels::open_recipe(window->recipe_.data(), window->recipe_.size(), view))
    return Error{ErrorKind::invalid,
                 "a channel of the window has no usable name: it must be UTF-8, not empty"};
  const std::size_t samples = view.window_samples;
  window->rows_.resize(2 * samples * view.channel_count);
  window->times_.resize(samples);
  window->features_.resize(view.inputs);
  window->scratch_.resize(kernels::recipe_scratch_floats(view));
  window->due_ = samples;
  return window;
}

bool Window::update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) {
  assert(row.size() == view_.channel_count);
  const std::size_t samples = view_.window_samples;
  if (starts_segment) due_ = samples;
  times_[next_] = time_ns;
  float* slot = rows_.data() + next_;
  for (const float value : row) {
    slot[0] = value;
    slot[samples] = value;
    slot += 2 * samples;
  }
  next_ = next_ + 1 == samples ? 0 : next_ + 1;
  if (--due_ > 0) return false;
  due_ = view_.step_samples;
  kernels::evaluate_recipe(view_, rows_.data() + next_, 2 * samples, features_.data(),
                           scratch_.data());
  return true;
}

sensors::TimeNs Window::first_time_ns() const { return times_[next_]; }

sensors::TimeNs Window::last_time_ns() const {
  return times_[(next_ == 0 ? times_.size() : next_) - 1];
}

sensors::Layout Window::layout() const {
  sensors::Layout layout;
  layout.rate_hz = static_cast<double>(view_.rate_hz) / view_.step_samples;
  std::array<char, kernels::input_name_bytes> name{};
  for (std::uint16_t i = 0; i < view_.inputs; ++i) {
    kernels::input_name(view_, i, name.data());
    layout.channels.push_back({name.data()});
  }
  return layout;
}

}  // namespace haltere::fusion
