#pragma once

#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

/// Name of `kind` in settings and reports: "peak_to_peak". One line for each.
// NOLINTNEXTLINE(readability-function-size)
constexpr const char* feature_name(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::last: return "last";
    case FeatureKind::mean: return "mean";
    case FeatureKind::std: return "std";
    case FeatureKind::variance: return "variance";
    case FeatureKind::rms: return "rms";
    case FeatureKind::min: return "min";
    case FeatureKind::max: return "max";
    case FeatureKind::peak_to_peak: return "peak_to_peak";
    case FeatureKind::zero_crossings: return "zero_crossings";
    case FeatureKind::mean_absolute: return "mean_absolute";
    case FeatureKind::energy: return "energy";
    case FeatureKind::band_power: return "band_power";
    case FeatureKind::median: return "median";
    case FeatureKind::lower_quartile: return "lower_quartile";
    case FeatureKind::upper_quartile: return "upper_quartile";
    case FeatureKind::quartile_range: return "quartile_range";
    case FeatureKind::mean_deviation: return "mean_deviation";
    case FeatureKind::skewness: return "skewness";
    case FeatureKind::kurtosis: return "kurtosis";
    case FeatureKind::crest_factor: return "crest_factor";
    case FeatureKind::sign_changes: return "sign_changes";
    case FeatureKind::slope: return "slope";
    case FeatureKind::jerk: return "jerk";
    case FeatureKind::autocorrelation: return "autocorrelation";
    case FeatureKind::dominant_frequency: return "dominant_frequency";
    case FeatureKind::dominant_amplitude: return "dominant_amplitude";
    case FeatureKind::spectral_centroid: return "spectral_centroid";
    case FeatureKind::spectral_spread: return "spectral_spread";
    case FeatureKind::spectral_entropy: return "spectral_entropy";
    case FeatureKind::spectral_rolloff: return "spectral_rolloff";
    case FeatureKind::spectral_skewness: return "spectral_skewness";
    case FeatureKind::spectral_kurtosis: return "spectral_kurtosis";
    case FeatureKind::wavelet_energy: return "wavelet_energy";
    case FeatureKind::log_mel: return "log_mel";
    case FeatureKind::order_amplitude: return "order_amplitude";
    case FeatureKind::envelope_power: return "envelope_power";
    case FeatureKind::envelope_tone: return "envelope_tone";
    case FeatureKind::quantile: return "quantile";
    case FeatureKind::signal_magnitude_area: return "signal_magnitude_area";
    case FeatureKind::cross_correlation: return "cross_correlation";
  }
  return "";
}

/// Room for any input's name and its terminating zero.
constexpr size_t input_name_bytes = 64;

/// Writes the name of input `index` of an opened recipe to out [input_name_bytes]: "mean(ax)",
/// "band_power2(gz)" for the second band, "order_amplitude7.17(x)" for twice order 3.585,
/// "quantile0.9(x)", "signal_magnitude_area(ax..az)", "cross_correlation(ax,ay)".
void input_name(const RecipeView& view, uint16_t index, char* out);

}  // namespace kernels
}  // namespace haltere
