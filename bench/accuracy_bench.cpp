// Accuracy on the recordings in $HALTERE_DATA (default ../shared/data), float and int8 side by
// side, mean and spread over seeds. Nothing is tuned here: gestures use config/gesture.yaml as it
// stands, tables the defaults of `haltere learn`. `--json FILE` writes the same figures.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/cli/learn_run.hpp"
#include "bench/gesture_windows.hpp"
#include "learner/candidate.hpp"
#include "models/random.hpp"

namespace haltere::bench {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t seeds = 5;
constexpr std::size_t folds = 5;

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

void print_runs(const char* what, const Runs& runs) {
  std::printf("  %-34s %6.2f %% +- %.2f\n", what, 100.0 * runs.mean(), 100.0 * runs.spread());
}

void print_scores(const char* what, const Scores& scores) {
  std::printf("  %-34s float %6.2f %% +- %.2f (macro F1 %.3f), int8 %6.2f %% +- %.2f (%.3f)\n",
              what, 100.0 * scores.float_accuracy.mean(), 100.0 * scores.float_accuracy.spread(),
              scores.float_macro_f1.mean(), 100.0 * scores.int8_accuracy.mean(),
              100.0 * scores.int8_accuracy.spread(), scores.int8_macro_f1.mean());
}

/// Indices of the recordings that are not in `fold`, in file order or shuffled.
std::vector<std::size_t> training_order(std::size_t count, std::size_t fold, bool shuffled) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < count; ++i)
    if (i % folds != fold) order.push_back(i);
  models::Random random(fold + 1);
  for (std::size_t i = order.size(); shuffled && i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

/// Learns `order` in one pass; returns the test-then-train accuracy of its second half.
double learn_in_order(learner::OnlineModel& model, const GestureWindows& windows,
                      const std::vector<std::size_t>& order) {
  double hits = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const learner::Target target{windows.labels[order[i]], 0.0F};
    const learner::Prediction prediction = model.observe(windows.row(order[i]), target);
    if (i >= order.size() / 2 && prediction.label == target.label) hits += 1.0;
  }
  return hits / static_cast<double>(order.size() - order.size() / 2);
}

Result<bool> test_fold(learner::OnlineModel& model, const GestureWindows& windows, std::size_t fold,
                       std::vector<Scores*> into) {
  learner::CandidateInfo info;
  info.model_id = "gesture";
  info.recipe = windows.recipe;
  const Result<models::Bundle> bundle = learner::make_candidate(model, info);
  if (!bundle) return bundle.error();
  Result<std::vector<std::uint8_t>> bytes = models::encode(*bundle);
  if (!bytes) return bytes.error();
  Result<models::Int8Model> int8 = models::Int8Model::create(std::move(bytes).value());
  if (!int8) return int8.error();
  learner::Confusion as_float(windows.settings.labels.size());
  learner::Confusion as_int8(windows.settings.labels.size());
  for (std::size_t i = fold; i < windows.labels.size(); i += folds) {
    const auto truth = static_cast<std::size_t>(windows.labels[i]);
    as_float.add(truth, static_cast<std::size_t>(model.predict(windows.row(i)).label));
    as_int8.add(truth,
                static_cast<std::size_t>(learner::predict_int8(*int8, windows.row(i)).label));
  }
  for (Scores* scores : into) scores->add(as_float, as_int8);
  return true;
}

Result<ordered_json> measure_gestures(const GestureWindows& windows, bool shuffled) {
  Runs prequential;
  Scores first_fold;
  Scores all_folds;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    for (std::size_t fold = 0; fold < folds; ++fold) {
      learner::ModelSettings settings = windows.settings;
      settings.learn.seed = seed;
      Result<learner::OnlineModel> model = learner::OnlineModel::create(settings, windows.inputs);
      if (!model) return model.error();
      const auto order = training_order(windows.labels.size(), fold, shuffled);
      prequential.add(learn_in_order(*model, windows, order));
      std::vector<Scores*> into{&all_folds};
      if (fold == 0) into.push_back(&first_fold);
      const Result<bool> tested = test_fold(*model, windows, fold, into);
      if (!tested) return tested.error();
    }
  }
  std::printf("gesture5, one pass, recordings %s\n", shuffled ? "shuffled" : "in file order");
  print_runs("prequential, second half", prequential);
  print_scores("held out, rec % 5 = 0", first_fold);
  print_scores("held out, five-fold", all_folds);
  return ordered_json{{"prequential_second_half", prequential.json()},
                      {"held_out", first_fold.json()},
                      {"five_fold", all_folds.json()}};
}

Result<ordered_json> bench_gestures(const std::string& data) {
  const Result<GestureWindows> windows =
      read_gesture_windows("config/gesture.yaml", data + "/gesture5/gestures.csv");
  if (!windows) return windows.error();
  ordered_json json;
  for (const bool shuffled : {false, true}) {
    Result<ordered_json> result = measure_gestures(*windows, shuffled);
    if (!result) return result;
    json[shuffled ? "shuffled" : "file_order"] = std::move(result).value();
  }
  return json;
}

Result<ordered_json> bench_occupancy(const std::string& data) {
  Runs prequential;
  Runs kappa;
  std::vector<Scores> tests(2);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    agent::LearnRequest request;
    request.table = data + "/occupancy/train.csv";
    request.tests = {data + "/occupancy/test1_door_closed.csv",
                     data + "/occupancy/test2_door_open.csv"};
    request.target = "occupied";
    request.model_id = "occupancy";
    request.model.learn.seed = seed;
    const Result<agent::LearnResult> result = agent::run_learn(request);
    if (!result) return result.error();
    prequential.add(result->model.class_metrics().all().accuracy());
    kappa.add(result->model.class_metrics().all().kappa());
    for (std::size_t t = 0; t < tests.size(); ++t)
      tests[t].add(result->tests[t].as_float.answers, result->tests[t].as_int8.answers);
  }
  std::printf("occupancy, one pass over train.csv\n");
  print_runs("prequential", prequential);
  print_runs("prequential kappa (x 100)", kappa);
  print_scores("test 1, door closed", tests[0]);
  print_scores("test 2, door open", tests[1]);
  return ordered_json{{"prequential", prequential.json()},
                      {"prequential_kappa", kappa.json()},
                      {"test1", tests[0].json()},
                      {"test2", tests[1].json()}};
}

int run(const std::string& data, const std::string& json_file) {
  ordered_json json{{"data", data}, {"seeds", seeds}};
  const auto take = [&](const char* name, Result<ordered_json> result) {
    if (result) json[name] = std::move(result).value();
    if (!result) std::fprintf(stderr, "accuracy_bench: %s\n", result.error().message.c_str());
    return result.ok();
  };
  bool done = take("gesture5", bench_gestures(data));
  done = take("occupancy", bench_occupancy(data)) && done;
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << '\n';
  return done ? 0 : 1;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const char* set = std::getenv("HALTERE_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string data = set != nullptr ? set : "../shared/data";
  const std::string json_file = argc == 3 && std::string(argv[1]) == "--json" ? argv[2] : "";
  if (!std::filesystem::exists(data)) {
    std::printf("SKIPPED: no recordings in %s; set HALTERE_DATA\n", data.c_str());
    if (!json_file.empty()) std::ofstream(json_file) << "{\"skipped\": true}\n";
    return 0;
  }
  return haltere::bench::run(data, json_file);
}
