#include "learner/compress/prune.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "models/floats.hpp"

namespace haltere::learner {
namespace {

/// Of each unit of one layer, over all rows.
struct UnitFacts {
  std::vector<double> mean;
  std::vector<double> saliency;
};

/// Mean and deviation of every hidden unit's activation.
std::vector<UnitFacts> measure(const models::Network& network, const FitRows& rows) {
  const std::size_t hidden = network.layer_count() - 1;
  std::vector<UnitFacts> facts(hidden);
  std::vector<std::vector<double>> squares(hidden);
  for (std::size_t l = 0; l < hidden; ++l) {
    facts[l].mean.assign(network.layer(l).outputs, 0.0);
    squares[l] = facts[l].mean;
  }
  models::Floats workspace(network.workspace_size(), 0.0F);
  const double share = 1.0 / static_cast<double>(rows.count());
  for (std::size_t r = 0; r < rows.count(); ++r) {
    network.forward(std::span(rows.x).subspan(r * rows.inputs, rows.inputs), workspace);
    for (std::size_t l = 0; l < hidden; ++l) {
      const std::span<const float> units = network.activations(workspace, l);
      for (std::size_t u = 0; u < units.size(); ++u) {
        const auto unit = static_cast<double>(units[u]);
        facts[l].mean[u] += share * unit;
        squares[l][u] += share * unit * unit;
      }
    }
  }
  for (std::size_t l = 0; l < hidden; ++l) {
    for (std::size_t u = 0; u < squares[l].size(); ++u)
      facts[l].saliency.push_back(
          std::sqrt(std::max(0.0, squares[l][u] - facts[l].mean[u] * facts[l].mean[u])));
  }
  return facts;
}

/// Norm of the weights that go out from unit `unit` into `above`.
double outgoing(const models::DenseLayer& above, std::size_t unit) {
  double sum = 0.0;
  for (const float weight : above.weights.subspan(unit * above.outputs, above.outputs))
    sum += static_cast<double>(weight) * static_cast<double>(weight);
  return std::sqrt(sum);
}

/// The `count` units of largest saliency, in their order.
std::vector<std::size_t> most_salient(const UnitFacts& facts, std::size_t count) {
  std::vector<std::size_t> units(facts.saliency.size());
  std::iota(units.begin(), units.end(), std::size_t{0});
  std::ranges::stable_sort(
      units, [&](std::size_t a, std::size_t b) { return facts.saliency[a] > facts.saliency[b]; });
  units.resize(std::min(count, units.size()));
  std::ranges::sort(units);
  return units;
}

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> units(count);
  std::iota(units.begin(), units.end(), std::size_t{0});
  return units;
}

/// Copies what `kept_in` and `kept_out` leave of `layer` to `to`; `means` of its inputs stand in
/// for those that went.
void copy_layer(const models::DenseLayer& layer, std::span<const std::size_t> kept_in,
                std::span<const std::size_t> kept_out, std::span<const double> means, float* to) {
  for (const std::size_t i : kept_in)
    for (const std::size_t o : kept_out) *to++ = layer.weights[i * layer.outputs + o];
  std::vector<bool> is_kept(layer.inputs, false);
  for (const std::size_t i : kept_in) is_kept[i] = true;
  for (const std::size_t o : kept_out) {
    auto bias = static_cast<double>(layer.layer_bias[o]);
    for (std::size_t i = 0; i < layer.inputs; ++i)
      if (!is_kept[i]) bias += means[i] * static_cast<double>(layer.weights[i * layer.outputs + o]);
    *to++ = static_cast<float>(bias);
  }
}

}  // namespace

Result<models::Network> prune(const models::Network& network, std::span<const std::size_t> widths,
                              const FitRows& rows) {
  std::vector<UnitFacts> facts = measure(network, rows);
  std::vector<models::LayerShape> shapes;
  std::vector<std::vector<std::size_t>> kept{all_of(network.inputs())};
  for (std::size_t l = 0; l < facts.size(); ++l) {
    for (std::size_t u = 0; u < facts[l].saliency.size(); ++u)
      facts[l].saliency[u] *= outgoing(network.layer(l + 1), u);
    kept.push_back(most_salient(facts[l], widths[l]));
    shapes.push_back({kept.back().size(), network.layer(l).activation});
  }
  kept.push_back(all_of(network.outputs()));
  shapes.push_back({network.outputs(), network.layer(network.layer_count() - 1).activation});
  Result<models::Network> pruned = models::Network::create(network.inputs(), shapes, 1);
  if (!pruned) return pruned;
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    const std::span<const double> means = l == 0 ? std::span<const double>() : facts[l - 1].mean;
    copy_layer(network.layer(l), kept[l], kept[l + 1], means,
               pruned->parameters().data() + pruned->parameter_offset(l));
  }
  return pruned;
}

}  // namespace haltere::learner
