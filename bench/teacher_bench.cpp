// What a teacher on the board gives a small student: prequential accuracy of the student alone and
// of the same one with a teacher, on the recordings in $HALTERE_DATA (default ../shared/data), once
// with every label and once with one in ten, the other rows being seen without. `--first SHARE`
// takes only that part of each recording, to choose by. `--json FILE` writes the same figures.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <string_view>

#include "bench/accuracy_report.hpp"
#include "bench/gesture_windows.hpp"
#include "bench/options.hpp"
#include "bench/recordings.hpp"
#include "models/random.hpp"
#include "tests/environment.hpp"

namespace haltere::bench {
namespace {

/// One way to learn a recording.
struct Way {
  std::vector<std::size_t> student;
  std::vector<std::size_t> teacher;  ///< empty = none
  std::size_t label_every = 1;
};

struct Outcome {
  double student = 0.0;  ///< share of the second half answered rightly, before learning
  double teacher = 0.0;  ///< of the rows with a label
};

/// Gestures in a random order, as they are not made in the file's.
Result<Recording> read_gestures(const std::string& data) {
  const Result<GestureWindows> windows =
      read_gesture_windows("config/gesture.yaml", data + "/gesture5/gestures.csv");
  if (!windows) return windows.error();
  Recording recording;
  recording.inputs = windows->inputs;
  recording.labels = windows->settings.labels;
  std::vector<std::size_t> order(windows->labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  models::Random random(1);
  for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i + 1)]);
  for (const std::size_t index : order) {
    if (windows->labels[index] < 0) continue;
    const auto row = windows->row(index);
    recording.features.insert(recording.features.end(), row.begin(), row.end());
    recording.targets.push_back({.label = windows->labels[index]});
  }
  return recording;
}

Result<Outcome> learn(const Recording& recording, const Way& way, double first,
                      std::uint64_t seed) {
  learner::ModelSettings settings;
  settings.labels = recording.labels;
  settings.layers = way.student;
  settings.learn.seed = seed;
  settings.learn.teacher = way.teacher;
  Result<learner::OnlineModel> model = learner::OnlineModel::create(settings, recording.inputs);
  if (!model) return model.error();
  models::Random random(seed);  // which rows have a label
  const auto count = static_cast<std::size_t>(first * static_cast<double>(recording.count()));
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const learner::Target& target = recording.targets[i];
    const bool hit = model->ask(recording.row(i)).label == target.label;
    right += hit && i >= count / 2 ? 1U : 0U;
    if (random.below(way.label_every) == 0) {
      model->learn(recording.row(i), target);
    } else {
      model->learn_unlabelled(recording.row(i));
    }
  }
  Outcome outcome;
  outcome.student = static_cast<double>(right) / static_cast<double>(count - count / 2);
  if (const auto figures = model->teacher()) outcome.teacher = figures->teacher;
  return outcome;
}

Result<ordered_json> compare(const Recording& recording, const Way& taught, double first) {
  Way alone = taught;
  alone.teacher.clear();
  Runs without;
  Runs with;
  Runs teacher;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    const Result<Outcome> one = learn(recording, alone, first, seed);
    if (!one) return one.error();
    const Result<Outcome> other = learn(recording, taught, first, seed);
    if (!other) return other.error();
    without.add(one->student);
    with.add(other->student);
    teacher.add(other->teacher);
  }
  const std::string what = std::to_string(taught.student.front()) + " units, 1 label in " +
                           std::to_string(taught.label_every);
  std::printf("  %-24s alone %6.2f %% +- %.2f, taught %6.2f %% +- %.2f; teacher %6.2f %%\n",
              what.c_str(), 100.0 * without.mean(), 100.0 * without.spread(), 100.0 * with.mean(),
              100.0 * with.spread(), 100.0 * teacher.mean());
  return ordered_json{{"units", taught.student.front()},
                      {"label_every", taught.label_every},
                      {"alone", without.json()},
                      {"taught", with.json()},
                      {"teacher", teacher.json()}};
}

Result<ordered_json> bench_recording(const char* name, const Result<Recording>& recording,
                                     double first) {
  if (!recording) return recording.error();
  std::printf("%s\n", name);
  ordered_json all = ordered_json::array();
  for (const std::size_t units : {std::size_t{4}, std::size_t{16}})
    for (const std::size_t label_every : {std::size_t{1}, std::size_t{10}}) {
      Result<ordered_json> one = compare(*recording, {{units}, {64, 64}, label_every}, first);
      if (!one) return one.error();
      all.push_back(std::move(one).value());
    }
  return all;
}

int run(const std::string& data, double first, const std::string& json_file) {
  ordered_json json;
  const auto take = [&](const char* name, const Result<Recording>& recording) {
    Result<ordered_json> result = bench_recording(name, recording, first);
    if (result) {
      json[name] = std::move(result).value();
    } else {
      std::fprintf(stderr, "teacher_bench: %s\n", result.error().message.c_str());
    }
    return result.ok();
  };
  bool done = take("gesture5", read_gestures(data));
  done = take("gas_drift", read_gas_drift(data)) && done;
  done = take("elec2", read_elec2(data)) && done;
  done = take("occupancy", read_occupancy(data)) && done;
  if (!json_file.empty()) std::ofstream(json_file) << json.dump(2) << '\n';
  return done ? 0 : 1;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv, {"--first"});
  const std::string json = options.json();
  const double first = std::strtod(options.text("--first", "1").c_str(), nullptr);
  const std::string data = haltere::recordings_folder();
  if (!std::filesystem::exists(data)) {
    std::printf("SKIPPED: no recordings in %s; set HALTERE_DATA\n", data.c_str());
    if (!json.empty()) std::ofstream(json) << "{\"skipped\": true}\n";
    return 0;
  }
  return haltere::bench::run(data, first, json);
}
