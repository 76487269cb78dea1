// dlib, the same nets. Its nets are types, so each is spelt out here.
#include "bench/learner_peers.hpp"

#ifdef HALTERE_BENCH_DLIB
#include <memory>
#include <string_view>
#include <utility>

#include <dlib/dnn.h>

namespace haltere::bench {
namespace {

using Row = dlib::matrix<float, 0, 1>;

template <unsigned long units, typename Below>
using Hidden = dlib::relu<dlib::fc<units, Below>>;

using Input = dlib::input<Row>;
using NetA = dlib::loss_multiclass_log<dlib::fc<6, Hidden<16, Hidden<32, Input>>>>;
using NetB = dlib::loss_multiclass_log<dlib::fc<4, Hidden<32, Hidden<64, Input>>>>;
template <typename Below>
using Four = Hidden<128, Hidden<128, Hidden<128, Hidden<128, Below>>>>;
using NetC = dlib::loss_mean_squared_multioutput<dlib::fc<640, Four<Hidden<8, Four<Input>>>>>;

template <typename Network, typename Truth>
struct Dlib {
  Dlib(std::vector<Row> given_rows, std::vector<Truth> given_truths)
      : rows(std::move(given_rows)), truths(std::move(given_truths)) {}

  void train(std::size_t count) {
    at = at + count > rows.size() ? 0 : at;
    const auto first = static_cast<std::ptrdiff_t>(at);
    const auto last = static_cast<std::ptrdiff_t>(at + count);
    network.to_tensor(rows.begin() + first, rows.begin() + last, x);
    network.compute_parameter_gradients(x, truths.begin() + first);
    network.update_parameters(solvers, 1e-4);
    at = (at + count) % rows.size();
  }
  void infer() {
    at = (at + 1) % rows.size();
    const auto first = static_cast<std::ptrdiff_t>(at);
    network.to_tensor(rows.begin() + first, rows.begin() + first + 1, x);
    keep(network.subnet().forward(x).host()[0]);
  }

 private:
  std::vector<Row> rows;
  std::vector<Truth> truths;
  Network network;
  std::vector<dlib::sgd> solvers{Network::num_computational_layers, dlib::sgd(0.0F, 0.0F)};
  dlib::resizable_tensor x;
  std::size_t at = 0;
};

template <typename Network, typename Truth>
std::vector<Contender> contenders_of(std::vector<Row> rows, std::vector<Truth> truths) {
  const auto dlib = std::make_shared<Dlib<Network, Truth>>(std::move(rows), std::move(truths));
  return {{"dlib_train1",
           [dlib](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) dlib->train(1);
           }},
          {"dlib_train32",
           [dlib](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) dlib->train(batch_rows);
           },
           static_cast<double>(batch_rows)},
          {"dlib_infer1", [dlib](std::size_t calls) {
             for (std::size_t i = 0; i < calls; ++i) dlib->infer();
           }}};
}

std::vector<Row> rows_of(const std::vector<float>& values, std::size_t width) {
  std::vector<Row> rows;
  for (std::size_t first = 0; first < values.size(); first += width) {
    Row row(static_cast<long>(width));
    for (std::size_t i = 0; i < width; ++i) row(static_cast<long>(i)) = values[first + i];
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<Contender> dlib_contenders(const Net& net) {
  const Data data = make_data(net);
  std::vector<Row> rows = rows_of(data.x, net.widths.front());
  const std::vector<unsigned long> labels(data.labels.begin(), data.labels.end());
  const std::string_view key = net.key;
  if (key == "a") return contenders_of<NetA>(std::move(rows), labels);
  if (key == "b") return contenders_of<NetB>(std::move(rows), labels);
  return contenders_of<NetC>(std::move(rows), rows_of(data.y, net.widths.back()));
}

}  // namespace haltere::bench
#else
std::vector<haltere::bench::Contender> haltere::bench::dlib_contenders(const Net& /*net*/) {
  return {};
}
#endif
