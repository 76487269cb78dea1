#include "agent/cli/learn_windowing.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "config/settings.hpp"
#include "config/text.hpp"
#include "config/units.hpp"
#include "models/kernels/feature_name.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using kernels::FeatureKind;
using kernels::FeatureSpec;

constexpr std::size_t default_bands = 8;

bool parse_count(std::string_view text, std::size_t& count) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc{} && end == text.data() + text.size();
}

/// A duration, or a number of rows.
Status parse_extent(std::string_view option, const std::string& text, double& seconds,
                    std::size_t& rows) {
  std::size_t count = 0;
  if (text.empty()) return {};
  if (parse_count(text, count) && count > 0) {
    rows = count;
    return {};
  }
  const Result<double> duration = config::parse_quantity(text, Dimension::time);
  if (duration && *duration > 0.0) {
    seconds = *duration;
    return {};
  }
  return Error{ErrorKind::invalid, std::string(option) + ": " + config::in_quotes(text) +
                                       " is neither a number of rows, as 128, nor a time, as 2s"};
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(':');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// band_power:BANDS:FROM:TO
Result<FeatureSpec> parse_bands(const std::string& text) {
  const std::vector<std::string_view> parts = parts_of(text);
  const Error wrong{ErrorKind::invalid, "--features: " + config::in_quotes(text) +
                                            " should be like "
                                            "band_power:8:0.5Hz:50Hz (bands, from, to)"};
  std::size_t bands = 0;
  if (parts.size() != 4 || !parse_count(parts[1], bands) || bands < 1 || bands > 64) return wrong;
  const Result<double> from = config::parse_quantity(parts[2], Dimension::frequency);
  const Result<double> to = config::parse_quantity(parts[3], Dimension::frequency);
  if (!from || !to) return wrong;
  return FeatureSpec{FeatureKind::band_power, static_cast<std::uint8_t>(bands),
                     static_cast<float>(*from), static_cast<float>(*to)};
}

std::vector<std::string_view> feature_names() {
  std::vector<std::string_view> names;
  for (std::uint8_t kind = 0; kind < kernels::feature_kinds; ++kind)
    names.emplace_back(kernels::feature_name(static_cast<FeatureKind>(kind)));
  return names;
}

Result<FeatureSpec> parse_feature(const std::string& text) {
  if (text.starts_with(kernels::feature_name(FeatureKind::band_power))) return parse_bands(text);
  const std::vector<std::string_view> names = feature_names();
  for (std::uint8_t kind = 0; kind < kernels::feature_kinds; ++kind)
    if (text == names[kind]) return FeatureSpec{static_cast<FeatureKind>(kind), 0, 0.0F, 0.0F};
  return Error{ErrorKind::invalid, "--features: there is no feature " + config::in_quotes(text) +
                                       config::suggestion(text, names)};
}

std::vector<FeatureSpec> default_specs(double rate_hz) {
  std::vector<FeatureSpec> specs;
  for (const FeatureKind kind :
       {FeatureKind::mean, FeatureKind::std, FeatureKind::min, FeatureKind::max,
        FeatureKind::peak_to_peak, FeatureKind::zero_crossings})
    specs.push_back({kind, 0, 0.0F, 0.0F});
  if (rate_hz > 0.0)
    specs.push_back(
        {FeatureKind::band_power, default_bands, 0.0F, static_cast<float>(0.5 * rate_hz)});
  return specs;
}

/// Every feature there is; of the spectrum's bands only with a known rate.
std::vector<FeatureSpec> all_specs(double rate_hz) {
  std::vector<FeatureSpec> specs;
  for (std::uint8_t kind = 0; kind < kernels::feature_kinds; ++kind)
    if (static_cast<FeatureKind>(kind) != FeatureKind::band_power)
      specs.push_back({static_cast<FeatureKind>(kind), 0, 0.0F, 0.0F});
  if (rate_hz > 0.0)
    specs.push_back(
        {FeatureKind::band_power, default_bands, 0.0F, static_cast<float>(0.5 * rate_hz)});
  return specs;
}

/// Reads the rate and both extents into `windowing`.
Status read_extents(const WindowTexts& texts, Windowing& windowing) {
  fusion::WindowSettings& window = windowing.window;
  if (!texts.rate.empty()) {
    const Result<double> rate = config::parse_quantity(texts.rate, Dimension::frequency);
    if (!rate)
      return Error{ErrorKind::invalid,
                   std::string(texts.rate_option) + ": " + rate.error().message};
    windowing.rate_hz = *rate;
  }
  if (Status length =
          parse_extent(texts.length_option, texts.length, window.length_s, window.length_samples);
      !length)
    return length;
  if (Status step = parse_extent("--step", texts.step, window.step_s, window.step_samples); !step)
    return step;
  if (windowing.rate_hz <= 0.0 && (window.length_s > 0.0 || window.step_s > 0.0))
    return Error{ErrorKind::invalid, std::string(texts.length_option) +
                                         " in time needs to know how many rows a second has: say " +
                                         std::string(texts.rate_option) + ", as 119Hz"};
  return {};
}

}  // namespace

std::string feature_list() {
  const std::vector<std::string_view> names = feature_names();
  return config::join(names);
}

Result<std::optional<Windowing>> read_windowing(const WindowTexts& texts) {
  if (texts.length.empty()) {
    const bool stray = !texts.step.empty() || !texts.features.empty() || !texts.segment.empty();
    if (!stray) return std::optional<Windowing>();
    return Error{ErrorKind::invalid,
                 "--step, --features and --segment are about windows: say how long with --window"};
  }
  Windowing windowing;
  windowing.segment = texts.segment;
  if (const Status read = read_extents(texts, windowing); !read) return read.error();
  for (const std::string& text : texts.features) {
    if (text == "all") {
      windowing.window.features = all_specs(windowing.rate_hz);
      break;
    }
    const Result<FeatureSpec> feature = parse_feature(text);
    if (!feature) return feature.error();
    windowing.window.features.push_back(*feature);
  }
  if (windowing.window.features.empty())
    windowing.window.features = default_specs(windowing.rate_hz);
  return std::optional(windowing);
}

}  // namespace haltere::agent
