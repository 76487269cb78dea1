// What features of the spectrum cost: 256 samples of three axes, beside kissfft's transforms of the
// same samples alone, where it is installed. Times are of this thread's CPU; all are timed in turns
// in one run and the least of the turns counts. Usage: features_bench [--json FILE].
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
  if (!json_path.empty()) std::ofstream(json_path) << report.dump(2) << "\n";
  return std::isfinite(all.features[0]) ? 0 : 1;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  return haltere::bench::run(options.json());
}
