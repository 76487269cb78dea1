#include <vector>

#include "bench/accuracy_report.hpp"
#include "bench/gesture_windows.hpp"
#include "bench/handed_over.hpp"
#include "learner/candidate.hpp"
#include "models/random.hpp"

namespace haltere::bench {
namespace {

constexpr std::size_t folds = 5;

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
  const std::size_t half = order.size() / 2;
  double hits = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const learner::Target target{windows.labels[order[i]], 0.0F};
    const learner::Prediction prediction = model.observe(windows.row(order[i]), target);
    if (i >= half && prediction.label == target.label) hits += 1.0;
  }
  return hits / static_cast<double>(order.size() - half);
}

Result<bool> test_fold(learner::OnlineModel& model, const GestureWindows& windows, std::size_t fold,
                       const std::vector<Scores*>& into) {
  Result<models::Int8Model> int8 = handed_over(model, "gesture", windows.recipe);
  if (!int8) return int8.error();
  learner::Confusion as_float(windows.settings.labels.size());
  learner::Confusion as_int8(windows.settings.labels.size());
  for (std::size_t i = fold; i < windows.labels.size(); i += folds) {
    const auto truth = static_cast<std::size_t>(windows.labels[i]);
    as_float.add(truth, static_cast<std::size_t>(model.predict_steady(windows.row(i)).label));
    as_int8.add(truth,
                static_cast<std::size_t>(learner::predict_int8(*int8, windows.row(i)).label));
  }
  for (Scores* scores : into) scores->add(as_float, as_int8);
  return true;
}

/// Figures of all folds and seeds in one order.
struct GestureScores {
  Runs prequential;
  Scores first_fold;
  Scores all_folds;
};

Status run_fold(GestureScores& scores, const GestureWindows& windows, std::size_t fold,
                std::uint64_t seed, bool shuffled) {
  learner::ModelSettings settings = windows.settings;
  settings.learn.seed = seed;
  Result<learner::OnlineModel> model = learner::OnlineModel::create(settings, windows.inputs);
  if (!model) return model.error();
  const auto order = training_order(windows.labels.size(), fold, shuffled);
  scores.prequential.add(learn_in_order(*model, windows, order));
  std::vector<Scores*> into{&scores.all_folds};
  if (fold == 0) into.push_back(&scores.first_fold);
  const Result<bool> tested = test_fold(*model, windows, fold, into);
  if (!tested) return tested.error();
  return {};
}

Result<ordered_json> measure_gestures(const GestureWindows& windows, bool shuffled) {
  GestureScores scores;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed)
    for (std::size_t fold = 0; fold < folds; ++fold)
      if (const Status run = run_fold(scores, windows, fold, seed, shuffled); !run)
        return run.error();
  std::printf("gesture5, one pass, recordings %s\n", shuffled ? "shuffled" : "in file order");
  print_share("prequential, second half", scores.prequential);
  print_scores("held out, rec % 5 = 0", scores.first_fold);
  print_scores("held out, five-fold", scores.all_folds);
  return ordered_json{{"prequential_second_half", scores.prequential.json()},
                      {"held_out", scores.first_fold.json()},
                      {"five_fold", scores.all_folds.json()}};
}

}  // namespace

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
  return ordered_json{{"gesture5", std::move(json)}};
}

}  // namespace haltere::bench
