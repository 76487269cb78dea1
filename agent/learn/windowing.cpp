#include "agent/learn/windowing.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "config/settings.hpp"
#include "config/text.hpp"
#include "config/units.hpp"
#include "fusion/window_features.hpp"

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

/// One part of a feature as typed, as its setting says.
std::optional<double> parse_part(std::string_view text, const config::Setting& setting) {
  double number = 0.0;
  std::size_t count = 0;
  if (setting.type == config::Type::integer) {
    if (!parse_count(text, count)) return std::nullopt;
    number = static_cast<double>(count);
  } else {
    const Result<double> quantity = config::parse_quantity(text, setting.dimension);
    if (!quantity) return std::nullopt;
    number = *quantity;
  }
  if (number < setting.min || number > setting.max) return std::nullopt;
  return number;
}

/// "band_power:BANDS:FROM:TO", after its settings.
std::string form_of(const config::Variant& variant) {
  std::string form(variant.name);
  for (const config::Setting& setting : variant.settings) {
    form += ':';
    for (const char c : setting.key) form += static_cast<char>(c - 'a' + 'A');
  }
  return form;
}

Result<FeatureSpec> parse_parts(const std::string& text, const config::Variant& variant,
                                FeatureKind kind) {
  const std::vector<std::string_view> parts = parts_of(text);
  std::vector<double> numbers;
  for (std::size_t i = 0; i < variant.settings.size(); ++i) {
    const config::Setting& setting = variant.settings[i];
    const std::string_view part = i + 1 < parts.size() ? parts[i + 1] : setting.default_text;
    const std::optional<double> number = parse_part(part, setting);
    if (number) numbers.push_back(*number);
  }
  if (numbers.size() == variant.settings.size() && parts.size() <= numbers.size() + 1)
    return fusion::make_feature(kind, numbers);
  return Error{ErrorKind::invalid, "--features: " + config::in_quotes(text) + " should be like " +
                                       form_of(variant) +
                                       ", with units, as band_power:8:0.5Hz:50Hz has"};
}

Result<FeatureSpec> parse_feature(const std::string& text) {
  const std::string_view name = parts_of(text).front();
  std::vector<std::string_view> names;
  for (const config::Variant& variant : fusion::feature_variants) {
    if (variant.name == name)
      return parse_parts(text, variant, static_cast<FeatureKind>(names.size()));
    names.push_back(variant.name);
  }
  return Error{ErrorKind::invalid, "--features: there is no feature " + config::in_quotes(name) +
                                       config::suggestion(name, names)};
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

Status read_trigger(const WindowTexts& texts, Windowing& windowing) {
  windowing.trigger = texts.trigger;
  if (texts.trigger.empty()) {
    if (texts.above.empty() && texts.before.empty()) return {};
    return Error{ErrorKind::invalid, "--above and --before are about events: say --trigger COLUMN"};
  }
  fusion::WindowTrigger& trigger = windowing.window.trigger;
  const Result<double> above =
      config::parse_quantity(texts.above.empty() ? "0.5" : texts.above, Dimension::none);
  if (!above || *above < 0.0)
    return Error{ErrorKind::invalid,
                 "--above: " + config::in_quotes(texts.above) + " is not a number, 0 or more"};
  trigger.above = static_cast<float>(*above);
  if (texts.before == "0") return {};
  Status before = parse_extent("--before", texts.before, trigger.before_s, trigger.before_samples);
  if (before && trigger.before_s > 0.0 && windowing.rate_hz <= 0.0)
    return Error{ErrorKind::invalid,
                 "--before in time needs to know how many rows a second has: say " +
                     std::string(texts.rate_option) + ", as 119Hz"};
  return before;
}

Status read_taper(const std::string& text, kernels::Taper& taper) {
  if (text.empty()) return {};
  const auto* const found = std::ranges::find(fusion::taper_names, text);
  if (found == fusion::taper_names.end())
    return Error{ErrorKind::invalid, "--taper: " + config::in_quotes(text) + " is none of " +
                                         config::join(fusion::taper_names)};
  taper = static_cast<kernels::Taper>(found - fusion::taper_names.begin());
  return {};
}

Status read_features(const std::vector<std::string>& texts, Windowing& windowing) {
  for (const std::string& text : texts) {
    if (text == "all") {
      windowing.all_features = true;
      return {};
    }
    const Result<FeatureSpec> feature = parse_feature(text);
    if (!feature) return feature.error();
    windowing.window.features.push_back(*feature);
  }
  return {};
}

}  // namespace

std::string feature_list() {
  std::vector<std::string> forms;
  forms.reserve(fusion::feature_variants.size());
  for (const config::Variant& variant : fusion::feature_variants) forms.push_back(form_of(variant));
  const std::vector<std::string_view> views(forms.begin(), forms.end());
  return config::join(views);
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
  if (const Status read = read_trigger(texts, windowing); !read) return read.error();
  if (const Status read = read_taper(texts.taper, windowing.window.taper); !read)
    return read.error();
  if (const Status read = read_features(texts.features, windowing); !read) return read.error();
  if (windowing.all_features) return std::optional(windowing);
  if (windowing.window.features.empty())
    windowing.window.features = default_specs(windowing.rate_hz);
  return std::optional(windowing);
}

}  // namespace haltere::agent
