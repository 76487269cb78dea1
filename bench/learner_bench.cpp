// Time of one training step and of one inference, of ours and of the peers that were there at build
// time. One line per net; `--json FILE` writes {<net>: {train1_ns, train32_ns, infer1_ns, ...}}.
#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/learner_peers.hpp"
#include "learner/trainer.hpp"
#include "models/float_loops.hpp"
#include "models/random.hpp"

namespace haltere::bench {
namespace {

using learner::LossKind;
using learner::OptimizerKind;
using models::Activation;

constexpr std::size_t batch = 32;
constexpr std::size_t data_rows = 256;

/// The trainer under test with its data.
struct Ours {
  Ours(const Net& net, OptimizerKind kind)
      : data(make_data(net)),
        net_(net),
        trainer(make_network(net),
                {net.classify ? LossKind::cross_entropy : LossKind::squared, 0.0F}, settings(kind),
                batch) {}

  static learner::LearnSettings settings(OptimizerKind kind) {
    learner::LearnSettings chosen;
    chosen.optimizer = kind;
    chosen.rate = 1e-4F;
    chosen.momentum = 0.0F;
    chosen.weight_decay = 0.0F;
    return chosen;
  }

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

nlohmann::ordered_json measure(const Net& net) {
  nlohmann::ordered_json result;
  Ours sgd(net, OptimizerKind::sgd);
  result["train1_ns"] = nanoseconds([&] { sgd.train(1); });
  result["train32_ns"] = nanoseconds([&] { sgd.train(batch); }) / static_cast<double>(batch);
  result["infer1_ns"] = nanoseconds([&] { sgd.infer(); });
  Ours adam(net, OptimizerKind::adam);
  result["adam_train1_ns"] = nanoseconds([&] { adam.train(1); });
  result["adam_train32_ns"] = nanoseconds([&] { adam.train(batch); }) / static_cast<double>(batch);
  const auto compare = [&](const char* peer, const PeerTimes& times) {
    if (times.train1_ns <= 0.0) return;
    const std::string name(peer);
    result[name + "_train1_ns"] = times.train1_ns;
    result[name + "_infer1_ns"] = times.infer1_ns;
    if (times.train32_ns > 0.0) result[name + "_train32_ns"] = times.train32_ns;
    result["vs_" + name] = times.train1_ns / result["train1_ns"].get<double>();
  };
  compare("fann", measure_fann(net));
  compare("dlib", measure_dlib(net));
  return result;
}

double get(const nlohmann::ordered_json& result, const char* key) { return result.value(key, 0.0); }

void print_row(const char* who, const nlohmann::ordered_json& result,
               const std::array<const char*, 3>& keys) {
  std::printf("  %-12s", who);
  for (const char* key : keys) {
    const double ns = get(result, key);
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
  std::printf("  %-12s %12s %12s %12s\n", "", "train 1", "train 32", "infer 1");
  print_row("haltere sgd", result, {"train1_ns", "train32_ns", "infer1_ns"});
  print_row("haltere adam", result, {"adam_train1_ns", "adam_train32_ns", ""});
  if (result.contains("vs_fann"))
    print_row("FANN", result, {"fann_train1_ns", "", "fann_infer1_ns"});
  if (result.contains("vs_dlib"))
    print_row("dlib", result, {"dlib_train1_ns", "dlib_train32_ns", "dlib_infer1_ns"});
}

}  // namespace
}  // namespace haltere::bench

int main(int argc, char** argv) {
  using namespace haltere::bench;
  nlohmann::ordered_json results;
  std::printf("float loops: %s\n", haltere::models::float_loops().name);
  for (const Net& net : nets()) {
    results[net.key] = measure(net);
    print_net(net, results[net.key]);
  }
  if (argc == 3 && std::string(argv[1]) == "--json")
    std::ofstream(argv[2]) << results.dump(2) << '\n';
  return 0;
}
