// From a window to its features.
#include "models/kernels/envelope_f32.hpp"
#include "models/kernels/mel_f32.hpp"
#include "models/kernels/order_f32.hpp"
#include "models/kernels/recipe_channel.hpp"
#include "models/kernels/recipe_needs.hpp"
#include "models/kernels/recipe_window.hpp"
#include "models/kernels/spectrum_shape_f32.hpp"
#include "models/kernels/statistics_f32.hpp"
#include "models/kernels/tone_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Calls each(feature, place of its first value among those of a channel) for all but vectors.
template <typename Each>
void for_each_entry(const RecipeView& view, Each each) {
  size_t at = 0;
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    if (is_of_vector(feature.kind)) continue;
    each(feature, at);
    at += static_cast<size_t>(feature_outputs(feature, 1));
  }
}

/// As many channels as there are lanes, and where their features go.
class Group {
 public:
  Group(const RecipeView& view, size_t channels, float* features, float* scratch)
      : view_(view),
        needs_(needs_of(view)),
        channels_(channels < lanes ? channels : lanes),
        features_(features),
        power_(scratch),
        sorted_(power_ + power_floats(view, needs_)),
        work_(sorted_ + (needs_.order ? view.window_samples : 0U)) {}

  /// `first`: of its channels.
  void evaluate(const WindowView& window, size_t first) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const size_t channel = lane < channels_ ? lane : 0;
      inputs_.x[lane] = window.samples + (first + channel) * window.stride;
      if (lane < channels_) {
        panes_[lane] = window.panes != nullptr
                           ? window.panes[first + lane]
                           : channel_pane(view_, inputs_.x[lane], needs_.pane, power_);
      }
      inputs_.mean[lane] = mean_of(panes_[channel]);
    }
    for (size_t lane = 0; lane < channels_; ++lane)
      evaluate_alone(lane, sorted_channel(window, first, lane));
    if (needs_.power) evaluate_spectrum();
    if (needs_.envelope) evaluate_envelopes();
  }

 private:
  const float* sorted_channel(const WindowView& window, size_t first, size_t lane) {
    const size_t n = view_.window_samples;
    if (window.sorted != nullptr) return window.sorted + (first + lane) * n;
    if (needs_.order) order_f32(inputs_.x[lane], n, sorted_);
    return sorted_;
  }

  void evaluate_alone(size_t lane, const float* sorted) {
    const ChannelView channel = {view_, inputs_.x[lane], panes_[lane], inputs_.mean[lane], sorted,
                                 work_};
    float* out = features_ + lane * view_.per_channel;
    for_each_entry(view_, [&](const FeatureSpec& feature, size_t at) {
      if (!needs_power(feature.kind) && !needs_envelope(feature.kind))
        evaluate_entry(feature, channel, out + at);
    });
  }

  void put(size_t at, Lanes value) {
    float values[lanes];
    store_lanes(values, value);
    for (size_t lane = 0; lane < channels_; ++lane)
      features_[lane * view_.per_channel + at] = values[lane];
  }

  void evaluate_spectrum() {
    power_spectrum_f32(view_.spectrum, inputs_, power_);
    shape_ = Shape();
    for_each_entry(view_, [&](const FeatureSpec& feature, size_t at) {
      if (feature.kind == FeatureKind::band_power) return put_bands(feature, at);
      if (feature.kind == FeatureKind::log_mel) return put_mel(feature, at);
      if (needs_power(feature.kind)) put(at, spectral_feature(feature.kind));
    });
  }

  void put_bands(const FeatureSpec& feature, size_t at) {
    uint16_t first = recipe_first_bin(view_, feature, 0);
    for (uint8_t band = 0; band < feature.bands; ++band) {
      const uint16_t last = recipe_first_bin(view_, feature, static_cast<uint8_t>(band + 1));
      put(at + band, band_amplitude(view_.spectrum, power_, first, last));
      first = last;
    }
  }

  void put_mel(const FeatureSpec& feature, size_t at) {
    const MelBands mel = {feature.from, feature.to, feature.bands, hz_per_bin()};
    for (uint8_t band = 0; band < feature.bands; ++band)
      put(at + band, log_mel(view_.spectrum, power_, mel, band));
  }

  float hz_per_bin() const {
    return per_second(view_) / static_cast<float>(uint32_t{1} << view_.spectrum.log2_points);
  }

  Lanes spectral_feature(FeatureKind kind) {
    const Spectrum& spectrum = view_.spectrum;
    switch (kind) {
      case FeatureKind::dominant_frequency: return hz_per_bin() * dominant();
      case FeatureKind::dominant_amplitude: return tone_amplitude(spectrum, power_, dominant());
      case FeatureKind::spectral_entropy: return spectral_entropy(spectrum, power_, total());
      case FeatureKind::spectral_rolloff:
        return hz_per_bin() * spectral_rolloff(spectrum, power_, total());
      case FeatureKind::spectral_centroid: return hz_per_bin() * centroid();
      case FeatureKind::spectral_spread: return hz_per_bin() * moments().spread;
      case FeatureKind::spectral_skewness: return moments().skewness;
      default: return moments().kurtosis;
    }
  }

  Lanes total() {
    if (!shape_.has_total) shape_.total = spectral_total(view_.spectrum, power_);
    shape_.has_total = true;
    return shape_.total;
  }
  Lanes dominant() {
    if (!shape_.has_dominant) shape_.dominant = dominant_bin(view_.spectrum, power_);
    shape_.has_dominant = true;
    return shape_.dominant;
  }
  Lanes centroid() {
    if (!shape_.has_centroid) shape_.centroid = spectral_centroid(view_.spectrum, power_, total());
    shape_.has_centroid = true;
    return shape_.centroid;
  }
  const SpectralMoments& moments() {
    if (!shape_.has_moments)
      shape_.moments = spectral_moments(view_.spectrum, power_, total(), centroid());
    shape_.has_moments = true;
    return shape_.moments;
  }

  void evaluate_envelopes() {
    for_each_entry(view_, [&](const FeatureSpec& feature, size_t at) {
      if (feature.kind == FeatureKind::envelope_power) put_envelope_bands(feature, at);
      if (feature.kind == FeatureKind::envelope_tone) put_envelope_tones(feature, at);
    });
  }

  /// The envelope above `corner_hz` of each lane in work.
  LaneInputs envelopes(float corner_hz) {
    const size_t n = view_.window_samples;
    LaneInputs found;
    for (size_t lane = 0; lane < lanes; ++lane) {
      float* out = work_ + (lane < channels_ ? lane * n : 0);
      if (lane < channels_)
        envelope_f32(inputs_.x[lane], n, inputs_.mean[lane], corner_hz / view_.rate_hz, out);
      found.x[lane] = out;
      found.mean[lane] = mean_f32(out, n);
    }
    return found;
  }

  void put_envelope_bands(const FeatureSpec& feature, size_t at) {
    power_spectrum_f32(view_.spectrum, envelopes(feature.from), power_);
    put_bands(feature, at);
  }

  void put_envelope_tones(const FeatureSpec& feature, size_t at) {
    const LaneInputs found = envelopes(feature.to);
    const float cycles = feature.from / view_.rate_hz;
    for (size_t lane = 0; lane < channels_; ++lane) {
      float* tapered = work_ + lane * view_.window_samples;
      taper_f32(view_.spectrum, found.x[lane], found.mean[lane], tapered);
      for (uint8_t i = 0; i < feature.bands; ++i)
        features_[lane * view_.per_channel + at + i] =
            tone_rms_f32(view_.spectrum, tapered, static_cast<float>(i + 1) * cycles);
    }
  }

  /// Of the power spectrum, found when first asked for.
  struct Shape {
    bool has_total = false;
    bool has_dominant = false;
    bool has_centroid = false;
    bool has_moments = false;
    Lanes total;
    Lanes dominant;
    Lanes centroid;
    SpectralMoments moments;
  };

  const RecipeView& view_;
  Needs needs_;
  size_t channels_;
  float* features_;
  float* power_;
  float* sorted_;
  float* work_;
  LaneInputs inputs_;
  Pane panes_[lanes];
  Shape shape_;
};

void evaluate_channels(const RecipeView& view, const WindowView& window, float* features,
                       float* scratch) {
  for (size_t c = 0; c < view.channel_count; c += lanes) {
    Group group(view, view.channel_count - c, features + c * view.per_channel, scratch);
    group.evaluate(window, c);
  }
  limit_features(features, size_t{view.per_channel} * view.channel_count);
}

}  // namespace

void evaluate_channels(const RecipeView& view, const float* window, size_t stride, float* features,
                       float* scratch) {
  evaluate_channels(view, {window, stride, nullptr, nullptr, nullptr}, features, scratch);
}

void evaluate_window(const RecipeView& view, const WindowView& window, float* features,
                     float* scratch) {
  evaluate_channels(view, window, features, scratch);
  evaluate_vectors(view, window, features + size_t{view.per_channel} * view.channel_count, scratch);
}

void evaluate_recipe(const RecipeView& view, const float* window, size_t stride, float* features,
                     float* scratch) {
  evaluate_window(view, {window, stride, nullptr, nullptr, nullptr}, features, scratch);
}

}  // namespace kernels
}  // namespace haltere
