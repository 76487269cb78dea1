// What features cost: of the spectrum, 256 samples of three axes beside kissfft's transforms of the
// same samples alone, where it is installed; and of windows that overlap, beside each window by
// itself. Times are of this thread's CPU; all are timed in turns in one run and the least of the
// turns counts. Usage: features_bench [--json FILE].
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#ifdef HALTERE_BENCH_KISSFFT
#include <kiss_fftr.h>
#endif

#include "bench/options.hpp"
#include "config/json.hpp"
#include "fusion/window.hpp"
#include "fusion/window_features.hpp"
#include "models/kernels/spectrum_f32.hpp"

namespace haltere::bench {
namespace {

using kernels::FeatureKind;

constexpr std::size_t samples = 256;
constexpr std::size_t axes = 3;
constexpr int turns = 15;
constexpr int repetitions = 2000;

double thread_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

template <typename Work>
void time_turn(double& least_ns, Work work) {
  const double before = thread_time_ns();
  for (int i = 0; i < repetitions; ++i) work();
  least_ns = std::min(least_ns, (thread_time_ns() - before) / repetitions);
}

std::unique_ptr<fusion::Window> make_window(std::vector<kernels::FeatureSpec> features) {
  fusion::WindowSettings settings;
  settings.length_samples = samples;
  settings.features = std::move(features);
  const sensors::Layout row{.channels = {{"ax"}, {"ay"}, {"az"}}, .rate_hz = 100.0};
  return std::move(fusion::Window::create(settings, row)).value();
}

std::vector<kernels::FeatureSpec> spectral_features() {
  std::vector<kernels::FeatureSpec> features{{FeatureKind::band_power, 8, 0.5F, 50.0F}};
  for (const FeatureKind kind : {FeatureKind::dominant_frequency, FeatureKind::dominant_amplitude,
                                 FeatureKind::spectral_centroid, FeatureKind::spectral_spread,
                                 FeatureKind::spectral_entropy, FeatureKind::spectral_rolloff,
                                 FeatureKind::spectral_skewness, FeatureKind::spectral_kurtosis})
    features.push_back({kind, 0, 0.0F, 0.0F});
  return features;
}

/// A recipe and what it is evaluated of.
struct Subject {
  std::unique_ptr<fusion::Window> window;
  std::vector<float> features;
  std::vector<float> scratch;
  double ns = 1e300;

  explicit Subject(std::vector<kernels::FeatureSpec> specs)
      : window(make_window(std::move(specs))),
        features(window->view().inputs),
        scratch(kernels::recipe_scratch_floats(window->view())) {}

  void run(const std::vector<float>& signal) {
    kernels::evaluate_recipe(window->view(), signal.data(), samples, features.data(),
                             scratch.data());
  }
};

std::vector<float> make_signal() {
  std::vector<float> signal;
  for (std::size_t c = 0; c < axes; ++c)
    for (std::size_t t = 0; t < samples; ++t)
      signal.push_back(static_cast<float>(std::sin(0.1 * static_cast<double>((c + 1) * t)) +
                                          0.3 * std::sin(1.7 * static_cast<double>(t * t % 97)) +
                                          0.1 * static_cast<double>(c)));
  return signal;
}

#ifdef HALTERE_BENCH_KISSFFT
class Kissfft {
 public:
  Kissfft() : plan_(kiss_fftr_alloc(samples, 0, nullptr, nullptr)) {}
  ~Kissfft() { kiss_fftr_free(plan_); }
  Kissfft(const Kissfft&) = delete;
  Kissfft& operator=(const Kissfft&) = delete;
  void run(const std::vector<float>& signal) {
    for (std::size_t c = 0; c < axes; ++c)
      kiss_fftr(plan_, signal.data() + c * samples, bins_.data());
  }

 private:
  kiss_fftr_cfg plan_;
  std::array<kiss_fft_cpx, samples / 2 + 1> bins_{};
};
#endif

constexpr std::size_t long_samples = 200;
constexpr std::size_t long_axes = 6;
constexpr std::size_t rows = 8192;

std::vector<kernels::FeatureSpec> summed_features() {
  std::vector<kernels::FeatureSpec> features;
  for (const FeatureKind kind :
       {FeatureKind::mean, FeatureKind::std, FeatureKind::rms, FeatureKind::peak_to_peak,
        FeatureKind::mean_absolute, FeatureKind::skewness, FeatureKind::kurtosis,
        FeatureKind::crest_factor, FeatureKind::sign_changes, FeatureKind::slope, FeatureKind::jerk,
        FeatureKind::signal_magnitude_area, FeatureKind::cross_correlation})
    features.push_back({kind, 0, 0.0F, 0.0F});
  return features;
}

/// Windows of 200 samples of six axes, every `step` samples: as a stream, and each by itself.
class Overlapping {
 public:
  Overlapping(std::size_t step, std::vector<kernels::FeatureSpec> features) : step_(step) {
    fusion::WindowSettings settings;
    settings.length_samples = long_samples;
    settings.step_samples = step;
    settings.features = std::move(features);
    window_ = std::move(fusion::Window::create(settings, layout())).value();
    features_.resize(window_->view().inputs);
    scratch_.resize(kernels::recipe_scratch_floats(window_->view()));
    for (std::size_t c = 0; c < long_axes; ++c)
      for (std::size_t t = 0; t < rows; ++t)
        signal_.push_back(
            static_cast<float>(std::sin(0.03 * static_cast<double>((c + 1) * t)) +
                               0.3 * std::sin(1.7 * static_cast<double>(t * t % 97))));
  }

  [[nodiscard]] static sensors::Layout layout() {
    return {.channels = {{"ax"}, {"ay"}, {"az"}, {"gx"}, {"gy"}, {"gz"}}, .rate_hz = 100.0};
  }

  /// ns of one window.
  void time(double& stream_ns, double& alone_ns) {
    const std::size_t windows = (rows - long_samples) / step_;
    double before = thread_time_ns();
    for (std::size_t t = 0; t < rows; ++t) push(t);
    stream_ns = std::min(stream_ns, (thread_time_ns() - before) / static_cast<double>(windows));
    before = thread_time_ns();
    for (std::size_t i = 0; i < windows; ++i)
      kernels::evaluate_recipe(window_->view(), signal_.data() + i * step_, rows, features_.data(),
                               scratch_.data());
    alone_ns = std::min(alone_ns, (thread_time_ns() - before) / static_cast<double>(windows));
  }

 private:
  void push(std::size_t t) {
    std::array<float, long_axes> row{};
    for (std::size_t c = 0; c < long_axes; ++c) row[c] = signal_[c * rows + t];
    (void)window_->update(static_cast<sensors::TimeNs>(t), t == 0, row);
  }

  std::size_t step_;
  std::unique_ptr<fusion::Window> window_;
  std::vector<float> features_;
  std::vector<float> scratch_;
  std::vector<float> signal_;
};

/// Of one set of features at several steps.
nlohmann::ordered_json measure_overlap(const char* name,
                                       const std::vector<kernels::FeatureSpec>& features) {
  nlohmann::ordered_json report;
  for (const std::size_t step : {100U, 50U, 20U, 5U, 1U}) {
    Overlapping subject(step, features);
    double stream_ns = 1e300;
    double alone_ns = 1e300;
    for (int turn = 0; turn < turns; ++turn) subject.time(stream_ns, alone_ns);
    std::printf("  %-30s every %3zu %10.0f ns a window, alone %8.0f ns: %5.2f\n", name, step,
                stream_ns, alone_ns, stream_ns / alone_ns);
    report[std::to_string(step)] = {{"stream_ns", stream_ns}, {"alone_ns", alone_ns}};
  }
  return report;
}

int run(const std::string& json_path) {
  const std::vector<float> signal = make_signal();
  Subject spectrum({{FeatureKind::band_power, 1, 0.5F, 50.0F}});
  Subject all(spectral_features());
  double kissfft_ns = 1e300;
#ifdef HALTERE_BENCH_KISSFFT
  Kissfft kissfft;
#endif
  for (int turn = 0; turn < turns; ++turn) {
    time_turn(spectrum.ns, [&] { spectrum.run(signal); });
    time_turn(all.ns, [&] { all.run(signal); });
#ifdef HALTERE_BENCH_KISSFFT
    time_turn(kissfft_ns, [&] { kissfft.run(signal); });
#endif
  }
  nlohmann::ordered_json report{{"samples", samples}, {"axes", axes}};
  report["taper_fft_power_ns"] = spectrum.ns;
  report["all_spectral_features_ns"] = all.ns;
  std::printf("%zu samples of %zu axes\n", samples, axes);
  std::printf("  %-44s %8.0f ns\n", "taper, transform, power, one band", spectrum.ns);
  std::printf("  %-44s %8.0f ns\n", "the same with 16 features of the spectrum", all.ns);
  if (kissfft_ns < 1e300) {
    report["kissfft_ns"] = kissfft_ns;
    report["times_kissfft"] = all.ns / kissfft_ns;
    std::printf("  %-44s %8.0f ns   features: %.2f times that\n", "kissfft, the transforms alone",
                kissfft_ns, all.ns / kissfft_ns);
  } else {
    std::printf("  kissfft is not installed (libkissfft-dev)\n");
  }
  std::printf("%zu samples of %zu axes, windows that overlap\n", long_samples, long_axes);
  report["overlapping_sums"] = measure_overlap("sums", summed_features());
  report["overlapping_all"] =
      measure_overlap("all features", fusion::all_features(long_samples, Overlapping::layout()));
  if (!json_path.empty()) std::ofstream(json_path) << report.dump(2) << "\n";
  return std::isfinite(all.features[0]) ? 0 : 1;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  return haltere::bench::run(options.json());
}
