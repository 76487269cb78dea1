// What learning on the device itself gains when the sensor is turned: a gesture model learned on
// recordings as they are, then taught on the device's own kernels with the same recordings turned
// by 30 degrees, tested on other recordings turned likewise.
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "bench/gesture_windows.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "learner/candidate.hpp"
#include "learner/online_model.hpp"
#include "mcu/firmware/study.hpp"
#include "models/bundle.hpp"
#include "models/head_merge.hpp"
#include "models/random.hpp"
#include "tests/environment.hpp"

namespace {

using haltere::Result;
using haltere::bench::GestureWindows;
using haltere::models::Int8Model;
using nlohmann::ordered_json;

constexpr std::size_t folds = 5;
constexpr double turn_rad = std::numbers::pi / 6.0;
constexpr std::size_t axes = 3;

/// Writes `recording` to `to`, its sensor turned about `axis`.
void turn_recording(const std::string& recording, const std::string& to, std::size_t axis) {
  std::ifstream in(recording);
  std::ofstream out(to);
  std::string line;
  for (bool header = true; std::getline(in, line); header = false) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    const std::size_t u = (axis + 1) % 3;
    const std::size_t v = (axis + 2) % 3;
    for (std::size_t sensor = cells.size() - 6; !header && sensor < cells.size(); sensor += 3) {
      const double a = std::stod(cells[sensor + u]);
      const double b = std::stod(cells[sensor + v]);
      cells[sensor + u] = std::to_string(std::cos(turn_rad) * a - std::sin(turn_rad) * b);
      cells[sensor + v] = std::to_string(std::sin(turn_rad) * a + std::cos(turn_rad) * b);
    }
    for (std::size_t i = 0; i < cells.size(); ++i) out << (i == 0 ? "" : ",") << cells[i];
    out << '\n';
  }
}

/// Hits among the recordings of a part, in three ways.
struct Hits {
  std::size_t bundle = 0;
  std::size_t taught = 0;
  std::size_t merged = 0;
  std::size_t tested = 0;
};

/// The device's working memory and what it learns.
class Device {
 public:
  explicit Device(const Int8Model& model)
      : view_(model.view()),
        scratch_(view_.scratch_bytes),
        outputs_(view_.outputs),
        region_(haltere::firmware::Study::region_bytes(view_) / 8) {
    auto* region = static_cast<std::uint8_t*>(static_cast<void*>(region_.data()));
    study_.start(view_, region, 0.0F);
  }

  int judge(std::span<const float> features) {
    haltere::kernels::quantize_inputs(view_, reinterpret_cast<const std::uint8_t*>(features.data()),
                                      scratch_.data());
    return study_.judge(view_, scratch_.data(), outputs_.data()).label;
  }
  void teach(std::span<const float> features, int label) {
    (void)judge(features);
    study_.learn(static_cast<std::uint16_t>(label));
  }
  std::vector<float> kept() const {
    std::vector<float> delta;
    for (std::uint16_t i = 0; i < study_.weights(); ++i) delta.push_back(study_.kept(i));
    return delta;
  }

 private:
  haltere::kernels::BundleView view_;
  std::vector<std::int8_t> scratch_;
  std::vector<std::int8_t> outputs_;
  std::vector<std::uint64_t> region_;
  haltere::firmware::Study study_;
};

std::vector<std::size_t> training_order(std::size_t count, std::size_t fold, std::uint64_t seed) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % folds != fold) order.push_back(i);
  }
  haltere::models::Random random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

Result<haltere::models::Bundle> learn(const GestureWindows& windows, std::size_t fold) {
  auto model = haltere::learner::OnlineModel::create(windows.settings, windows.inputs);
  if (!model) return model.error();
  for (const std::size_t i : training_order(windows.labels.size(), fold, fold + 1)) {
    model->observe(windows.row(i), {windows.labels[i], 0.0F});
  }
  haltere::learner::CandidateInfo info;
  info.model_id = "gesture";
  info.recipe = windows.recipe;
  return haltere::learner::make_candidate(*model, info);
}

Result<Int8Model> int8_of(const haltere::models::Bundle& bundle) {
  auto bytes = haltere::models::encode(bundle);
  if (!bytes) return bytes.error();
  return Int8Model::create(std::move(bytes).value());
}

Result<Int8Model> merge(const haltere::models::Bundle& bundle, const Device& device) {
  auto merged = haltere::models::merge_head(bundle, device.kept());
  if (!merged) return merged.error();
  return int8_of(*merged);
}

void teach(Device& device, const GestureWindows& turned, std::size_t fold) {
  for (const std::size_t i : training_order(turned.labels.size(), fold, fold + 100)) {
    device.teach(turned.row(i), turned.labels[i]);
  }
}

/// Teaches a device the recordings of all parts but `fold`, once, and tests that one.
Result<Hits> run_fold(const haltere::models::Bundle& bundle, const GestureWindows& turned,
                      std::size_t fold, bool taught) {
  auto model = int8_of(bundle);
  if (!model) return model.error();
  Device device(*model);
  if (taught) teach(device, turned, fold);
  auto merged = merge(bundle, device);
  if (!merged) return merged.error();
  Hits hits;
  for (std::size_t i = fold; i < turned.labels.size(); i += folds, ++hits.tested) {
    const int label = turned.labels[i];
    hits.bundle += model->run(turned.row(i)).label == label ? 1U : 0U;
    hits.taught += device.judge(turned.row(i)) == label ? 1U : 0U;
    hits.merged += merged->run(turned.row(i)).label == label ? 1U : 0U;
  }
  return hits;
}

Result<ordered_json> measure(const GestureWindows& windows, const GestureWindows& turned) {
  Hits sum;
  Hits straight;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    auto bundle = learn(windows, fold);
    if (!bundle) return bundle.error();
    auto hits = run_fold(*bundle, turned, fold, true);
    if (!hits) return hits.error();
    sum.bundle += hits->bundle;
    sum.taught += hits->taught;
    sum.merged += hits->merged;
    sum.tested += hits->tested;
    auto unturned = run_fold(*bundle, windows, fold, false);
    if (!unturned) return unturned.error();
    straight.bundle += unturned->bundle;
  }
  const auto share = [&](std::size_t hits) {
    return static_cast<double>(hits) / static_cast<double>(sum.tested);
  };
  return ordered_json{{"recordings", sum.tested},
                      {"not_turned", share(straight.bundle)},
                      {"turned", share(sum.bundle)},
                      {"taught", share(sum.taught)},
                      {"merged", share(sum.merged)}};
}

Result<ordered_json> measure_axis(const std::string& recording, const GestureWindows& windows,
                                  std::size_t axis) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("haltere-turned-" + std::to_string(getpid()) + ".csv");
  turn_recording(recording, file.string(), axis);
  auto turned = haltere::bench::read_gesture_windows("config/gesture.yaml", file.string());
  std::filesystem::remove(file);
  if (!turned) return turned.error();
  return measure(windows, *turned);
}

}  // namespace

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string recording = haltere::recordings_folder() / "gesture5/gestures.csv";
  if (!std::filesystem::exists(recording)) {
    std::printf("SKIPPED: %s is not there\n", recording.c_str());
    return 0;
  }
  auto windows = haltere::bench::read_gesture_windows("config/gesture.yaml", recording);
  if (!windows) return std::fprintf(stderr, "%s\n", windows.error().message.c_str()), 1;
  ordered_json report;
  std::printf("%-12s %12s %10s %10s %10s\n", "turned about", "not turned", "turned", "taught",
              "merged");
  for (std::size_t axis = 0; axis < axes; ++axis) {
    auto row = measure_axis(recording, *windows, axis);
    if (!row) return std::fprintf(stderr, "%s\n", row.error().message.c_str()), 1;
    const std::string name(1, "xyz"[axis]);
    const auto percent = [&](const char* key) { return 100.0 * (*row)[key].get<double>(); };
    std::printf("%-12s %10.1f %% %8.1f %% %8.1f %% %8.1f %%\n", name.c_str(), percent("not_turned"),
                percent("turned"), percent("taught"), percent("merged"));
    report[name] = *row;
  }
  const std::string json = options.json();
  if (!json.empty()) std::ofstream(json) << report.dump(2) << '\n';
  return 0;
}
