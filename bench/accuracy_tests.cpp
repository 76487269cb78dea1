#include <algorithm>
#include <limits>

#include "agent/learn/learn_run.hpp"
#include "bench/accuracy_report.hpp"
#include "bench/handed_over.hpp"
#include "bench/recordings.hpp"
#include "learner/candidate.hpp"
#include "models/random.hpp"
#include "models/recipe.hpp"

namespace haltere::bench {
namespace {

Result<ordered_json> bench_occupancy(const std::string& data) {
  std::vector<Scores> tests(2);
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    agent::LearnRequest request;
    request.table = data + "/occupancy/train.csv";
    request.tests = {data + "/occupancy/test1_door_closed.csv",
                     data + "/occupancy/test2_door_open.csv"};
    request.target = "occupied";
    request.model_id = "occupancy";
    request.model.learn.seed = seed;
    const Result<agent::LearnResult> result = agent::run_learn(request);
    if (!result) return result.error();
    for (std::size_t t = 0; t < tests.size(); ++t)
      tests[t].add(result->tests[t].as_float.answers, result->tests[t].as_int8.answers);
  }
  std::printf("occupancy, one pass over train.csv\n");
  print_scores("test 1, door closed", tests[0]);
  print_scores("test 2, door open", tests[1]);
  return ordered_json{{"test1", tests[0].json()}, {"test2", tests[1].json()}};
}

/// Which windows a protocol learns from and which it asks; the others it leaves alone.
struct Split {
  std::vector<std::size_t> learn;
  std::vector<std::size_t> ask;
};

/// Where each window stands in its recording, 0..1.
std::vector<double> places(const Recording& recording) {
  std::vector<double> places(recording.count());
  for (std::size_t first = 0; first < recording.count();) {
    std::size_t last = first;
    while (last < recording.count() && recording.groups[last] == recording.groups[first]) ++last;
    for (std::size_t i = first; i < last; ++i)
      places[i] = static_cast<double>(i - first) / static_cast<double>(last - first);
    first = last;
  }
  return places;
}

/// Loads 0 to 2, then load 3; the normal state, which load 0 alone has, by halves.
Split split_by_load(const Recording& recording, const std::vector<int>& loads) {
  const std::vector<double> place = places(recording);
  Split split;
  for (std::size_t i = 0; i < recording.count(); ++i) {
    const bool normal = recording.targets[i].label == 0;
    const bool learned =
        normal ? place[i] < 0.5 : loads[static_cast<std::size_t>(recording.groups[i])] < 3;
    (learned ? split.learn : split.ask).push_back(i);
  }
  return split;
}

/// The first 70 % of each recording, then the last 29 %: no sample is in both.
Split split_by_time(const Recording& recording) {
  const std::vector<double> place = places(recording);
  Split split;
  for (std::size_t i = 0; i < recording.count(); ++i) {
    if (place[i] < 0.70) split.learn.push_back(i);
    if (place[i] >= 0.71) split.ask.push_back(i);
  }
  return split;
}

/// Three rows of four, then the fourths.
Split split_by_turns(const Recording& recording) {
  Split split;
  for (std::size_t i = 0; i < recording.count(); ++i)
    (i % 4 == 3 ? split.ask : split.learn).push_back(i);
  return split;
}

void shuffle(std::vector<std::size_t>& order, std::uint64_t seed) {
  models::Random random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
}

/// Learns `order` in one pass and answers `ask`, in float and as it is handed over.
Status learn_and_ask(Scores& scores, const Recording& recording, std::uint64_t seed,
                     const std::vector<std::size_t>& order, const std::vector<std::size_t>& ask) {
  learner::ModelSettings settings;
  settings.labels = recording.labels;
  settings.learn.seed = seed;
  Result<learner::OnlineModel> model = learner::OnlineModel::create(settings, recording.inputs);
  if (!model) return model.error();
  for (const std::size_t i : order) model->learn(recording.row(i), recording.targets[i]);
  const std::vector<std::string> columns(recording.inputs, "x");
  Result<models::Int8Model> int8 = handed_over(*model, "held-out", *models::table_recipe(columns));
  if (!int8) return int8.error();
  learner::Confusion as_float(recording.labels.size());
  learner::Confusion as_int8(recording.labels.size());
  for (const std::size_t i : ask) {
    const auto truth = static_cast<std::size_t>(recording.targets[i].label);
    as_float.add(truth, static_cast<std::size_t>(model->predict_steady(recording.row(i)).label));
    as_int8.add(truth,
                static_cast<std::size_t>(learner::predict_int8(*int8, recording.row(i)).label));
  }
  scores.add(as_float, as_int8);
  return {};
}

/// All seeds, in the recordings' order or shuffled.
Result<Scores> scores_of(const Recording& recording, const Split& split, bool shuffled) {
  Scores scores;
  for (std::uint64_t seed = 1; seed <= accuracy_seeds; ++seed) {
    std::vector<std::size_t> order = split.learn;
    if (shuffled) shuffle(order, seed);
    const Status asked = learn_and_ask(scores, recording, seed, order, split.ask);
    if (!asked) return asked.error();
  }
  return scores;
}

/// Learns in the recordings' order, then shuffled.
Result<ordered_json> measure(const char* title, const Recording& recording, const Split& split) {
  ordered_json json;
  std::printf("%s\n", title);
  for (const bool shuffled : {false, true}) {
    const Result<Scores> scores = scores_of(recording, split, shuffled);
    if (!scores) return scores.error();
    print_scores(shuffled ? "held out, learned shuffled" : "held out, learned in order", *scores);
    json[shuffled ? "shuffled" : "in_order"] = scores->json();
  }
  return json;
}

}  // namespace

Result<ordered_json> bench_tests(const std::string& data) {
  Result<ordered_json> occupancy = bench_occupancy(data);
  if (!occupancy) return occupancy;
  const Result<Recording> gas = read_gas_drift(data);
  if (!gas) return gas.error();
  const Result<Recording> elec = read_elec2(data);
  if (!elec) return elec.error();
  const Result<Recording> cwru = read_cwru(data);
  if (!cwru) return cwru.error();
  const Result<std::vector<int>> loads = read_cwru_loads(data);
  if (!loads) return loads.error();
  ordered_json json{{"occupancy_tests", std::move(occupancy).value()}};
  const auto add = [&](const char* name, const char* title, const Recording& recording,
                       const Split& split) -> Status {
    Result<ordered_json> measured = measure(title, recording, split);
    if (!measured) return measured.error();
    json[name] = std::move(measured).value();
    return {};
  };
  Status done = add("gas_drift_fourths", "gas_drift, every fourth row", *gas, split_by_turns(*gas));
  if (done.ok())
    done = add("elec2_fourths", "elec2, every fourth row", *elec, split_by_turns(*elec));
  if (done.ok())
    done = add("cwru_drive_end_a", "cwru_drive_end A, loads 0-2, then 3", *cwru,
               split_by_load(*cwru, *loads));
  if (done.ok())
    done = add("cwru_drive_end_b", "cwru_drive_end B, first 70 %, then the last 29 %", *cwru,
               split_by_time(*cwru));
  if (!done) return done.error();
  return json;
}

}  // namespace haltere::bench
