// Time of one training step and of one inference, of ours and of the peers that were there at build
// time, beside what the machine can do at most. `--json FILE` writes
// {<net>: {train1_ns, train32_ns, infer1_ns, vs_fann, vs_dlib, of_fma_peak, ...}, machine: {...}}.
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/contest.hpp"
#include "bench/learner_peers.hpp"
#include "bench/machine_limits.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "learner/trainer.hpp"
#include "models/float_loops.hpp"

namespace haltere::bench {
namespace {

using learner::LossKind;
using learner::OptimizerKind;
using models::Activation;

constexpr std::size_t data_rows = 256;
constexpr std::size_t rounds = 60;

/// The trainer under test with its data.
struct Ours {
  Ours(const Net& net, learner::LearnSettings settings)
      : data(make_data(net)),
        net_(net),
        trainer(make_network(net),
                {net.classify ? LossKind::cross_entropy : LossKind::squared, 0.0F}, settings,
                batch_rows) {}

  static models::Network make_network(const Net& net) {
    std::vector<models::LayerShape> layers;
    for (std::size_t l = 1; l < net.widths.size(); ++l) {
      const bool last = l + 1 == net.widths.size();
      const Activation at_the_end = net.classify ? Activation::softmax : Activation::linear;
      layers.push_back({net.widths[l], last ? at_the_end : Activation::relu});
    }
    return models::Network::create(net.widths.front(), layers, 1).value();
  }

  void train(std::size_t rows) {
    const std::size_t first = next(rows);
    const std::size_t outputs = net_.widths.back();
    trainer.step(std::span(data.x).subspan(first * net_.widths.front(), rows * net_.widths.front()),
                 {std::span(data.labels).subspan(first, rows),
                  std::span(data.y).subspan(first * outputs, rows * outputs)},
                 rows);
  }

  void infer() {
    const std::size_t first = next(1);
    const auto outputs = trainer.forward(
        std::span(data.x).subspan(first * net_.widths.front(), net_.widths.front()));
    keep(outputs[0]);
  }

 private:
  std::size_t next(std::size_t rows) {
    at_ = at_ + rows > data_rows ? 0 : at_;
    const std::size_t first = at_;
    at_ = (at_ + rows) % data_rows;
    return first;
  }

  Data data;
  Net net_;
  learner::Trainer trainer;
  std::size_t at_ = 0;
};

learner::LearnSettings settings_of(OptimizerKind kind, bool deterministic) {
  learner::LearnSettings chosen;
  chosen.optimizer = kind;
  chosen.rate = 1e-4F;
  chosen.momentum = 0.0F;
  chosen.weight_decay = 0.0F;
  chosen.clip_norm =
      1e6F;  // the peers do not clip: a step that is clipped goes over the weights twice
  chosen.deterministic = deterministic;
  return chosen;
}

void add(std::vector<Contender>& to, std::vector<Contender> some) {
  for (Contender& one : some) to.push_back(std::move(one));
}

std::vector<Contender> ours(const Net& net, const std::string& prefix,
                            const learner::LearnSettings& settings) {
  const auto tested = std::make_shared<Ours>(net, settings);
  const auto train = [tested](std::size_t rows) {
    return [tested, rows](std::size_t calls) {
      for (std::size_t i = 0; i < calls; ++i) tested->train(rows);
    };
  };
  return {{prefix + "train1", train(1)},
          {prefix + "train32", train(batch_rows), static_cast<double>(batch_rows)},
          {prefix + "infer1", [tested](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) tested->infer();
           }}};
}

/// Floating-point operations of a row's step: forward, gradient and, but for the first layer, the
/// slopes of the inputs, two for each weight.
double operations(const Net& net) {
  double sum = 0.0;
  for (std::size_t l = 1; l < net.widths.size(); ++l) {
    const auto weights = static_cast<double>(net.widths[l - 1] * net.widths[l]);
    sum += (l == 1 ? 4.0 : 6.0) * weights;
  }
  return sum;
}

double get(const nlohmann::ordered_json& result, const std::string& key) {
  return result.value(key, 0.0);
}

void set_ratio(nlohmann::ordered_json& result, const char* key, const char* slow,
               const char* fast) {
  if (get(result, slow) > 0.0) result[key] = get(result, slow) / get(result, fast);
}

nlohmann::ordered_json measure(const Net& net, double peak_gflops) {
  std::vector<Contender> contenders;
  add(contenders, ours(net, "", settings_of(OptimizerKind::sgd, false)));
  add(contenders, ours(net, "adam_", settings_of(OptimizerKind::adam, false)));
  add(contenders, ours(net, "deterministic_", settings_of(OptimizerKind::sgd, true)));
  add(contenders, fann_contenders(net));
  add(contenders, dlib_contenders(net));
  compete(contenders, rounds);
  nlohmann::ordered_json result;
  for (const Contender& contender : contenders) result[contender.key + "_ns"] = contender.best_ns;
  set_ratio(result, "vs_fann", "fann_train1_ns", "train1_ns");
  set_ratio(result, "vs_dlib", "dlib_train32_ns", "train32_ns");
  set_ratio(result, "infer_vs_fann", "fann_infer1_ns", "infer1_ns");
  set_ratio(result, "infer_vs_dlib", "dlib_infer1_ns", "infer1_ns");
  set_ratio(result, "adam_vs_sgd", "adam_train32_ns", "train32_ns");
  set_ratio(result, "adam_vs_sgd_train1", "adam_train1_ns", "train1_ns");
  result["of_fma_peak"] = operations(net) / get(result, "train32_ns") / peak_gflops;
  return result;
}

void print_row(const char* who, const nlohmann::ordered_json& result, const std::string& prefix) {
  if (!result.contains(prefix + "train1_ns")) return;
  std::printf("  %-22s", who);
  for (const char* key : {"train1_ns", "train32_ns", "infer1_ns"}) {
    const double ns = get(result, prefix + key);
    if (ns > 0.0) {
      std::printf(" %12.0f", ns);
    } else {
      std::printf(" %12s", "-");
    }
  }
  std::printf("\n");
}

void print_net(const Net& net, const nlohmann::ordered_json& result) {
  std::printf("%s, ns per row\n", net.name);
  std::printf("  %-22s %12s %12s %12s\n", "", "train 1", "train 32", "infer 1");
  print_row("haltere sgd", result, "");
  print_row("  same, deterministic", result, "deterministic_");
  print_row("haltere adam", result, "adam_");
  print_row("FANN", result, "fann_");
  print_row("dlib", result, "dlib_");
  std::printf("  train 1 %.1f x FANN, train 32 %.1f x dlib, infer 1 %.1f x dlib\n",
              get(result, "vs_fann"), get(result, "vs_dlib"), get(result, "infer_vs_dlib"));
  std::printf("  train 32 %.0f %% of the FMA peak; adam / sgd %.2f (train 1: %.2f)\n",
              100.0 * get(result, "of_fma_peak"), get(result, "adam_vs_sgd"),
              get(result, "adam_vs_sgd_train1"));
}

nlohmann::ordered_json measure_machine() {
  std::vector<Contender> limits = machine_limits();
  compete(limits, rounds);
  nlohmann::ordered_json result;
  for (const Contender& limit : limits)
    result[limit.key + (limit.key == "fma" ? "_gflops" : "_gb_per_s")] = 1.0 / limit.best_ns;
  for (const auto& [key, value] : result.items())
    std::printf("%-24s %8.1f\n", key.c_str(), value.get<double>());
  return result;
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  using namespace haltere::bench;
  nlohmann::ordered_json results;
  std::printf("float loops: %s\n",
              haltere::models::float_loops(haltere::models::Arithmetic::fused).name);
  const nlohmann::ordered_json machine = measure_machine();
  for (const Net& net : nets()) {
    results[net.key] = measure(net, machine["fma_gflops"]);
    print_net(net, results[net.key]);
  }
  results["machine"] = machine;
  const std::string json = options.json();
  if (!json.empty()) std::ofstream(json) << results.dump(2) << '\n';
  return 0;
}
