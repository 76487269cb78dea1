// FANN, the same nets: linear-piece hidden units and squared error, its nearest to relu.
#include "bench/learner_peers.hpp"

#ifdef HALTERE_BENCH_FANN
#include <memory>

#include <fann.h>

namespace haltere::bench {
namespace {

struct Fann {
  explicit Fann(const Net& net)
      : data(make_data(net)), net_(net), network_(make_network(net), fann_destroy) {
    fann_set_activation_function_hidden(network_.get(), FANN_LINEAR_PIECE);
    fann_set_activation_function_output(network_.get(), FANN_LINEAR);
    fann_set_training_algorithm(network_.get(), FANN_TRAIN_INCREMENTAL);
    fann_set_learning_rate(network_.get(), 1e-4F);
  }

  static fann* make_network(const Net& net) {
    std::vector<unsigned> widths;
    for (const std::size_t width : net.widths) widths.push_back(static_cast<unsigned>(width));
    return fann_create_standard_array(static_cast<unsigned>(widths.size()), widths.data());
  }

  float* next() {
    at_ = (at_ + 1) % 256;
    return data.x.data() + at_ * net_.widths.front();
  }
  void train() {
    float* x = next();
    fann_train(network_.get(), x, data.y.data() + at_ * net_.widths.back());
  }
  void infer() { keep(fann_run(network_.get(), next())[0]); }

 private:
  Data data;
  Net net_;
  std::unique_ptr<fann, decltype(&fann_destroy)> network_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Contender> fann_contenders(const Net& net) {
  const auto fann = std::make_shared<Fann>(net);
  return {{"fann_train1",
           [fann](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) fann->train();
           }},
          {"fann_infer1", [fann](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) fann->infer();
           }}};
}

}  // namespace haltere::bench
#else
std::vector<haltere::bench::Contender> haltere::bench::fann_contenders(const Net& /*net*/) {
  return {};
}
#endif
