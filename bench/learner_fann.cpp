// FANN, the same nets: linear-piece hidden units and squared error, its nearest to relu.
#include "bench/learner_peers.hpp"

#ifdef HALTERE_BENCH_FANN
#include <fann.h>

namespace haltere::bench {

PeerTimes measure_fann(const Net& net) {
  std::vector<unsigned> widths;
  for (const std::size_t width : net.widths) widths.push_back(static_cast<unsigned>(width));
  fann* network = fann_create_standard_array(static_cast<unsigned>(widths.size()), widths.data());
  fann_set_activation_function_hidden(network, FANN_LINEAR_PIECE);
  fann_set_activation_function_output(network, FANN_LINEAR);
  fann_set_training_algorithm(network, FANN_TRAIN_INCREMENTAL);
  fann_set_learning_rate(network, 1e-4F);
  Data data = make_data(net);
  std::size_t at = 0;
  const auto next = [&] { return at = (at + 1) % 256; };
  PeerTimes times;
  times.train1_ns = nanoseconds([&] {
    const std::size_t row = next();
    fann_train(network, data.x.data() + row * net.widths.front(),
               data.y.data() + row * net.widths.back());
  });
  times.infer1_ns =
      nanoseconds([&] { keep(fann_run(network, data.x.data() + next() * net.widths.front())[0]); });
  fann_destroy(network);
  return times;
}

}  // namespace haltere::bench
#else
haltere::bench::PeerTimes haltere::bench::measure_fann(const Net& /*net*/) { return {}; }
#endif
