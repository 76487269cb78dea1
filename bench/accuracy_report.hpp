#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "config/json.hpp"
#include "config/result.hpp"
#include "learner/metrics.hpp"

namespace haltere::bench {

using nlohmann::ordered_json;

inline constexpr std::size_t accuracy_seeds = 5;

/// Figures of repeated runs.
class Runs {
 public:
  void add(double value) { values_.push_back(value); }
  [[nodiscard]] double mean() const {
    double sum = 0.0;
    for (const double value : values_) sum += value;
    return sum / static_cast<double>(values_.size());
  }
  [[nodiscard]] double spread() const {
    double sum = 0.0;
    for (const double value : values_) sum += (value - mean()) * (value - mean());
    return std::sqrt(sum / static_cast<double>(values_.size()));
  }
  [[nodiscard]] ordered_json json() const { return {{"mean", mean()}, {"spread", spread()}}; }

 private:
  std::vector<double> values_;
};

/// What a test gives, of the float and of the int8 model.
struct Scores {
  Runs float_accuracy, float_macro_f1, int8_accuracy, int8_macro_f1;

  void add(const learner::Confusion& as_float, const learner::Confusion& as_int8) {
    float_accuracy.add(as_float.accuracy());
    float_macro_f1.add(as_float.macro_f1());
    int8_accuracy.add(as_int8.accuracy());
    int8_macro_f1.add(as_int8.macro_f1());
  }
  [[nodiscard]] ordered_json json() const {
    return {{"float", {{"accuracy", float_accuracy.json()}, {"macro_f1", float_macro_f1.json()}}},
            {"int8", {{"accuracy", int8_accuracy.json()}, {"macro_f1", int8_macro_f1.json()}}}};
  }
};

/// One line: a share in percent.
inline void print_share(const char* what, const Runs& runs) {
  std::printf("  %-34s %6.2f %% +- %.2f\n", what, 100.0 * runs.mean(), 100.0 * runs.spread());
}

/// One line: any figure.
inline void print_figure(const char* what, const Runs& runs) {
  std::printf("  %-34s %8.4f +- %.4f\n", what, runs.mean(), runs.spread());
}

inline void print_scores(const char* what, const Scores& scores) {
  std::printf("  %-34s float %6.2f %% +- %.2f (macro F1 %.3f), int8 %6.2f %% +- %.2f (%.3f)\n",
              what, 100.0 * scores.float_accuracy.mean(), 100.0 * scores.float_accuracy.spread(),
              scores.float_macro_f1.mean(), 100.0 * scores.int8_accuracy.mean(),
              100.0 * scores.int8_accuracy.spread(), scores.int8_macro_f1.mean());
}

/// Each measures some recordings of the folder `data`, prints a block for each, and returns the
/// same figures by the recording's name. Errors: of the recordings.

/// Streams learned once, each row predicted first: gas_drift, elec2, occupancy, air_quality.
[[nodiscard]] Result<ordered_json> bench_streams(const std::string& data);
/// Models learned in one pass, then asked what was held back: gesture5.
[[nodiscard]] Result<ordered_json> bench_gestures(const std::string& data);
/// Likewise: the tests of occupancy, gas_drift, elec2, both protocols of cwru_drive_end.
[[nodiscard]] Result<ordered_json> bench_tests(const std::string& data);
/// Rows found abnormal: skab, nab.
[[nodiscard]] Result<ordered_json> bench_anomalies(const std::string& data);

}  // namespace haltere::bench
