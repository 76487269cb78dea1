#include "bench/accuracy_report.hpp"
#include "bench/recordings.hpp"

namespace haltere::bench {
namespace {

Result<learner::OnlineModel> create_model(const Recording& recording, std::uint64_t seed) {
  learner::ModelSettings settings;
  settings.task = recording.labels.empty() ? learner::Task::regress : learner::Task::classify;
  settings.labels = recording.labels;
  settings.learn.seed = seed;
  return learner::OnlineModel::create(settings, recording.inputs);
}

Result<ordered_json> classify(const char* title, const Result<Recording>& recording) {
  if (!recording) return recording.error();
  Runs accuracy;
  Runs kappa;
  Runs macro_f1;
  Runs no_change;
  Runs majority;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    Result<learner::OnlineModel> model = create_model(*recording, seed);
    if (!model) return model.error();
    for (std::size_t i = 0; i < recording->count(); ++i)
      model->observe(recording->row(i), recording->targets[i]);
    const learner::ClassMetrics& metrics = model->class_metrics();
    accuracy.add(metrics.all().accuracy());
    kappa.add(metrics.all().kappa());
    macro_f1.add(metrics.all().macro_f1());
    no_change.add(metrics.no_change_accuracy());
    majority.add(metrics.majority_accuracy());
  }
  std::printf("%s\n", title);
  print_share("prequential", accuracy);
  print_figure("kappa", kappa);
  print_figure("macro F1", macro_f1);
  print_share("as last time", no_change);
  print_share("commonest so far", majority);
  return ordered_json{
      {"prequential", accuracy.json()},
      {"kappa", kappa.json()},
      {"macro_f1", macro_f1.json()},
      {"baselines", {{"no_change", no_change.mean()}, {"majority", majority.mean()}}}};
}

/// Errors count from the second quarter on, as the recording's README asks.
Result<ordered_json> regress(const char* title, const Result<Recording>& recording) {
  if (!recording) return recording.error();
  Runs mae;
  Runs r2;
  Runs no_change;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    Result<learner::OnlineModel> model = create_model(*recording, seed);
    if (!model) return model.error();
    learner::ErrorSums errors;
    learner::ErrorSums last_value;
    for (std::size_t i = 0; i < recording->count(); ++i) {
      const learner::Prediction prediction =
          model->observe(recording->row(i), recording->targets[i]);
      if (i < recording->count() / 4) continue;
      const auto truth = static_cast<double>(recording->targets[i].value);
      errors.add(truth, static_cast<double>(prediction.value));
      last_value.add(truth, static_cast<double>(recording->targets[i - 1].value));
    }
    mae.add(errors.mae());
    r2.add(errors.r2());
    no_change.add(last_value.mae());
  }
  std::printf("%s\n", title);
  print_figure("prequential MAE", mae);
  print_figure("R2", r2);
  print_figure("as last time, MAE", no_change);
  return ordered_json{{"prequential", {{"mae", mae.json()}, {"r2", r2.json()}}},
                      {"baselines", {{"no_change_mae", no_change.mean()}}}};
}

}  // namespace

Result<ordered_json> bench_streams(const std::string& data) {
  ordered_json json;
  const auto take = [&](const char* name, Result<ordered_json> result) -> Status {
    if (!result) return result.error();
    json[name] = std::move(result).value();
    return {};
  };
  Status done = take(
      "gas_drift", classify("gas_drift, batches in order, shuffled inside", read_gas_drift(data)));
  if (done.ok()) done = take("elec2", classify("elec2, in time order", read_elec2(data)));
  if (done.ok())
    done = take("occupancy", classify("occupancy, all in time order", read_occupancy(data)));
  if (done.ok())
    done = take("air_quality", regress("air_quality, carbon monoxide in mg/m3, last 75 %",
                                       read_air_quality(data)));
  if (!done) return done.error();
  return json;
}

}  // namespace haltere::bench
