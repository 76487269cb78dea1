// The features of windows: what users call them, and which entries of a recipe they are.
#include "fusion/window_features.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "fusion/window_check.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;
using config::Variant;
using kernels::FeatureKind;
using kernels::FeatureSpec;

constexpr Setting count_setting(std::string_view key, std::string_view description,
                                std::string_view default_text) {
  return {.key = key,
          .type = Type::integer,
          .description = description,
          .min = 1,
          .max = kernels::max_bands,
          .default_text = default_text};
}

constexpr Setting frequency_setting(std::string_view key, std::string_view description) {
  return {.key = key,
          .type = Type::number,
          .description = description,
          .dimension = Dimension::frequency,
          .min = 0.0,
          .required = true};
}

constexpr std::array band_settings{
    count_setting("bands", "Number of equally wide bands", "8"),
    frequency_setting("from", "Lower edge of the first band"),
    frequency_setting("to", "Upper edge of the last band, at most half the sampling rate"),
};

constexpr std::array mel_settings{
    count_setting("bands", "Number of overlapping triangles, equally wide in mel", "8"),
    frequency_setting("from", "Where the first one begins"),
    frequency_setting("to", "Where the last one ends, at most half the sampling rate"),
};

constexpr std::array wavelet_settings{
    count_setting("levels", "Number of halvings of the frequency; N must be 3 · 2^levels at least",
                  "4"),
};

constexpr std::array order_settings{
    frequency_setting("speed", "Turns of the shaft per second"),
    Setting{.key = "order",
            .type = Type::number,
            .description = "Cycles per turn of the shaft, such as 3.585 for a bearing's outer ring",
            .min = 0.0,
            .max = 1e6,
            .default_text = "1"},
    count_setting("harmonics", "The order times 1, 2, ... so many", "3"),
};

constexpr std::array envelope_settings{
    count_setting("bands", "Number of equally wide bands from 0 Hz", "8"),
    frequency_setting("to", "Upper edge of the last band, at most `above`"),
    frequency_setting("above", "The envelope is that of the vibration above this frequency"),
};

constexpr std::array tone_settings{
    frequency_setting("frequency", "Of the first tone, such as how often a bearing's balls pass"),
    count_setting("harmonics", "The frequency times 1, 2, ... so many", "3"),
    frequency_setting("above", "The envelope is that of the vibration above this frequency"),
};

constexpr std::array quantile_settings{
    Setting{.key = "share",
            .type = Type::number,
            .description = "Share of the samples that lie below",
            .min = 0.0,
            .max = 1.0,
            .required = true},
};

constexpr std::size_t most_unnamed_channels = 8;

/// Whether names `a` and `b` are of one vector, `b` right behind `a`.
bool follows(const sensors::Channel& a, const sensors::Channel& b) {
  if (a.quantity != b.quantity || a.name.size() != b.name.size()) return false;
  const auto [in_a, in_b] = std::ranges::mismatch(a.name, b.name);
  if (in_a == a.name.end() || !std::equal(in_a + 1, a.name.end(), in_b + 1, b.name.end()))
    return false;
  return std::string_view("xyXY").find(*in_a) != std::string_view::npos && *in_b == *in_a + 1;
}

/// Number of channels from `first` on whose names make them a vector; 1: none.
std::size_t named_vector(const sensors::Layout& row, std::size_t first) {
  std::size_t end = first + 1;
  while (end < row.channels.size() && follows(row.channels[end - 1], row.channels[end])) ++end;
  return end - first;
}

/// Adds `feature` with as many bands up to `bands` as the window has room for.
void add_bands_that_fit(FeatureSpec feature, std::uint8_t bands, std::size_t samples,
                        double rate_hz, std::vector<FeatureSpec>& features) {
  for (feature.bands = bands; feature.bands > 0; --feature.bands) {
    if (!check_feature(feature, samples, rate_hz).empty()) continue;
    features.push_back(feature);
    return;
  }
}

/// Those with bands, over all frequencies there are.
void add_banded(std::size_t samples, double rate_hz, std::vector<FeatureSpec>& features) {
  const auto add = [&](FeatureKind kind, std::uint8_t bands, float from, float to) {
    add_bands_that_fit({kind, 0, from, to}, bands, samples, rate_hz, features);
  };
  const auto half_rate_hz = static_cast<float>(0.5 * rate_hz);
  add(FeatureKind::wavelet_energy, 4, 0.0F, 0.0F);
  add(FeatureKind::band_power, 8, 0.0F, half_rate_hz);
  add(FeatureKind::log_mel, 8, 0.0F, half_rate_hz);
  add(FeatureKind::envelope_power, 4, 0.5F * half_rate_hz, 0.5F * half_rate_hz);
}

}  // namespace

// m: mean, s: the samples sorted, f: a bin's frequency, P: its power with the taper w,
// |Σ w (x - m) e^(-2πi f t)|², p = P / ΣP.
constexpr std::array<Variant, kernels::feature_kinds> feature_variants{{
    Variant{"last", "Newest sample: x[N-1]"},
    Variant{"mean", "Average: m = Σx / N"},
    Variant{"std", "Standard deviation: √(Σ(x - m)² / N)"},
    Variant{"variance", "Σ(x - m)² / N"},
    Variant{"rms", "Root of the mean square: √(Σx² / N)"},
    Variant{"min", "Smallest sample"},
    Variant{"max", "Largest sample"},
    Variant{"peak_to_peak", "max - min"},
    Variant{"zero_crossings", "How often the signal crosses its mean: sign changes of x - m"},
    Variant{"mean_absolute", "Average of the magnitudes: Σ|x| / N"},
    Variant{"energy", "Mean square: Σx² / N"},
    Variant{"band_power",
            "RMS amplitude in each frequency band: √(c ΣP), c = 2 / (N points mean(w²))",
            band_settings},
    Variant{"median", "Middle of the sorted samples: quantile ½"},
    Variant{"lower_quartile", "A quarter of the samples lie below: quantile ¼"},
    Variant{"upper_quartile", "A quarter of the samples lie above: quantile ¾"},
    Variant{"quartile_range", "upper_quartile - lower_quartile"},
    Variant{"mean_deviation", "Average distance from the mean: Σ|x - m| / N"},
    Variant{"skewness", "Whether the tail is above (> 0) or below the mean: Σ(x - m)³ / N / std³"},
    Variant{"kurtosis",
            "How heavy the tails are; 0 as in a normal distribution: Σ(x - m)⁴ / N / std⁴ - 3"},
    Variant{"crest_factor", "Largest magnitude over the rms: max|x| / rms"},
    Variant{"sign_changes", "How often the signal crosses zero: sign changes of x"},
    Variant{"slope",
            "Of the straight line through the samples, per second: Σ(t - mean(t))(x - m) / "
            "Σ(t - mean(t))²"},
    Variant{"jerk",
            "Average change between samples, per second: Σ|x[t] - x[t-1]| / (N - 1) · rate"},
    Variant{"autocorrelation",
            "How well the signal repeats itself, 0 to 1: the largest Σ(x[t] - m)(x[t+k] - m) / "
            "Σ(x - m)² of the lags k ≤ N / 2 after the first where it is not above 0"},
    Variant{"dominant_frequency", "Where the spectrum is highest, Hz: f of the largest P"},
    Variant{"dominant_amplitude", "RMS amplitude of that tone: as band_power, about it"},
    Variant{"spectral_centroid", "Mean frequency of the power, Hz: c = Σ p f"},
    Variant{"spectral_spread", "Deviation of the power about that, Hz: d = √(Σ p (f - c)²)"},
    Variant{"spectral_entropy", "0 for a tone, 1 for white noise: -Σ p ln p / ln(bins)"},
    Variant{"spectral_rolloff",
            "85 % of the power lies below, Hz: lowest f with Σ p ≥ 0.85 up to it"},
    Variant{"spectral_skewness",
            "Whether the power's tail is above the centroid: Σ p (f - c)³ / d³"},
    Variant{"spectral_kurtosis", "How peaked the power is about the centroid: Σ p (f - c)⁴ / d⁴"},
    Variant{"wavelet_energy",
            "Energy of the details of each level, finest first, by Daubechies' wavelet of 4 taps: "
            "Σd² / N",
            wavelet_settings},
    Variant{"log_mel",
            "Logarithm of the power in each band of the mel scale, 2595 log₁₀(1 + f / 700 Hz): "
            "ln(10⁻¹² + c Σ triangle(f) P), c as of band_power",
            mel_settings},
    Variant{"order_amplitude",
            "RMS amplitude at an order of a shaft's speed, f = speed · order · i, by Goertzel: "
            "√2 |Σ w (x - m) e^(-2πi f t)| / Σw",
            order_settings},
    Variant{"envelope_power",
            "band_power of the envelope, in which faulty bearings show: x - m through a high-pass, "
            "rectified, through a low-pass (Butterworth, second order, at `above`)",
            envelope_settings},
    Variant{"envelope_tone", "RMS amplitude of tones of that envelope, f = frequency · i",
            tone_settings},
    Variant{
        "quantile",
        "Value below which a share q of the samples lies: s[⌊u⌋] + (u - ⌊u⌋)(s[⌊u⌋+1] - s[⌊u⌋]), "
        "u = q (N - 1)",
        quantile_settings},
    Variant{"signal_magnitude_area", "Of a vector such as x, y and z: Σ(|x| + |y| + |z|) / N"},
    Variant{"cross_correlation",
            "Of each pair of a vector's channels, -1 to 1: Σ(x - m)(y - m) / (N std(x) std(y))"},
}};

FeatureSpec make_feature(FeatureKind kind, std::span<const double> numbers) {
  const auto count = [&](std::size_t i) {
    return static_cast<std::uint8_t>(std::clamp(numbers[i], 0.0, 255.0));
  };
  const auto number = [&](std::size_t i) { return static_cast<float>(numbers[i]); };
  switch (kind) {
    case FeatureKind::band_power:
    case FeatureKind::log_mel: return {kind, count(0), number(1), number(2)};
    case FeatureKind::wavelet_energy: return {kind, count(0), 0.0F, 0.0F};
    case FeatureKind::order_amplitude: return {kind, count(2), number(0), number(1)};
    case FeatureKind::envelope_power: return {kind, count(0), number(2), number(1)};
    case FeatureKind::envelope_tone: return {kind, count(1), number(0), number(2)};
    case FeatureKind::quantile: return {kind, 0, number(0), 0.0F};
    default: return {kind, 0, 0.0F, 0.0F};
  }
}

std::vector<FeatureSpec> read_features(std::span<const config::Section::Item> items) {
  std::vector<FeatureSpec> features;
  for (const auto& item : items) {
    const auto found =
        std::ranges::find(feature_variants, std::string_view(item.name), &Variant::name);
    if (found == feature_variants.end()) continue;  // its mistake is told already
    std::vector<double> numbers;
    for (const Setting& setting : found->settings)
      numbers.push_back(setting.type == Type::integer
                            ? static_cast<double>(item.settings.integer(setting.key))
                            : item.settings.number(setting.key));
    const auto kind = static_cast<FeatureKind>(found - feature_variants.begin());
    features.push_back(make_feature(kind, numbers));
  }
  return features;
}

std::vector<FeatureSpec> all_features(std::size_t samples, const sensors::Layout& row) {
  std::vector<FeatureSpec> features;
  for (std::uint8_t i = 0; i < kernels::feature_kinds; ++i) {
    const auto kind = static_cast<FeatureKind>(i);
    const bool is_long_enough =
        !kernels::needs_spectrum(kind) || samples >= kernels::min_spectrum_samples;
    const bool has_vectors = !kernels::is_of_vector(kind) || has_named_vectors(row);
    if (feature_variants.at(i).settings.empty() && is_long_enough && has_vectors)
      features.push_back({kind, 0, 0.0F, 0.0F});
  }
  features.push_back({FeatureKind::quantile, 0, 0.05F, 0.0F});
  features.push_back({FeatureKind::quantile, 0, 0.95F, 0.0F});
  add_banded(samples, row.rate_hz, features);
  return features;
}

std::vector<std::uint8_t> vectors_of(const sensors::Layout& row) {
  std::vector<std::uint8_t> vectors(row.channels.size(), 0);
  std::uint8_t next = 1;
  for (std::size_t i = 0; i < vectors.size();) {
    const std::size_t count = named_vector(row, i);
    if (count > 1) {
      std::fill_n(vectors.begin() + static_cast<std::ptrdiff_t>(i), count, next);
      next = next == 255 ? 1 : static_cast<std::uint8_t>(next + 1);
    }
    i += count;
  }
  const bool alike = std::ranges::all_of(row.channels, [&](const sensors::Channel& channel) {
    return channel.quantity == row.channels.front().quantity;
  });
  if (next == 1 && alike && vectors.size() > 1 && vectors.size() <= most_unnamed_channels)
    std::ranges::fill(vectors, std::uint8_t{1});
  return vectors;
}

bool has_named_vectors(const sensors::Layout& row) {
  for (std::size_t i = 0; i < row.channels.size(); ++i)
    if (named_vector(row, i) > 1) return true;
  return false;
}

}  // namespace haltere::fusion
