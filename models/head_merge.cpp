#include "models/head_merge.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/dequantizer.hpp"
#include "models/quantizer.hpp"
#include "models/quantizer_ranges.hpp"

namespace haltere::models {
namespace {

constexpr double largest_weight = 127.0;
constexpr double largest_bias = 1 << 30;

/// The last layer in floats: weights [outputs][inputs + 1], the bias last; and what it takes.
struct LastLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  Quantization input;
  std::vector<double> weights;

  [[nodiscard]] std::span<const double> row(std::size_t o) const {
    return std::span(weights).subspan(o * (inputs + 1), inputs + 1);
  }
};

LastLayer last_layer_of(const Bundle& base, const Network& network) {
  const BundleLayer& last = base.layers.back();
  LastLayer layer{.inputs = last.inputs, .outputs = last.outputs, .input = {}, .weights = {}};
  layer.input = {base.input_scale, base.input_zero_point};
  if (base.layers.size() > 1) {
    const std::size_t before = base.layers.size() - 2;
    const BundleLayer& feeding = base.layers[before];
    layer.input = output_of(network.layer(before).activation,
                            {feeding.output_scale, feeding.output_zero_point});
  }
  const DenseLayer dense = network.layer(base.layers.size() - 1);
  for (std::size_t o = 0; o < last.outputs; ++o) {
    for (std::size_t i = 0; i < last.inputs; ++i) {
      layer.weights.push_back(static_cast<double>(dense.weights[i * last.outputs + o]));
    }
    layer.weights.push_back(static_cast<double>(dense.layer_bias[o]));
  }
  return layer;
}

/// How large a row's sum can get for inputs within ±1.
double reach(std::span<const double> row) {
  double sum = 0.0;
  for (const double weight : row) sum += std::abs(weight);
  return sum;
}

/// How much wider the sums become at most, row by row.
double widening(const LastLayer& before, const LastLayer& after) {
  double widest_before = 1e-9;
  double widest_after = 0.0;
  for (std::size_t o = 0; o < before.outputs; ++o) {
    widest_before = std::max(widest_before, reach(before.row(o)));
    widest_after = std::max(widest_after, reach(after.row(o)));
  }
  return std::max(1.0, widest_after / widest_before);
}

/// False: int8 and its factor cannot hold the row.
bool write_row(const LastLayer& layer, std::size_t o, BundleLayer& out) {
  const auto row = layer.row(o);
  const auto weights = row.first(layer.inputs);
  double largest = 1e-12;
  for (const double weight : weights) largest = std::max(largest, std::abs(weight));
  const double scale = largest / largest_weight;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = static_cast<std::int8_t>(std::lround(weights[i] / scale));
    out.weights[o * layer.inputs + i] = weight;
    sum += weight;
  }
  const double sum_scale = scale * static_cast<double>(layer.input.scale);
  const double bias = row.back() / sum_scale - static_cast<double>(sum * layer.input.zero_point);
  const FixedMultiplier factor =
      fixed_multiplier(sum_scale / static_cast<double>(out.output_scale));
  if (!(std::abs(bias) < largest_bias)) return false;
  out.layer_bias[o] = static_cast<std::int32_t>(std::lround(bias));
  out.multipliers[o] = factor.multiplier;
  out.shifts[o] = static_cast<std::int8_t>(factor.shift);
  return true;
}

void widen(BundleLayer& layer, double factor) {
  layer.output_scale = static_cast<float>(static_cast<double>(layer.output_scale) * factor);
  const double steps = std::min(static_cast<double>(layer.output_scale) * 67108864.0, 1073741823.0);
  const FixedMultiplier scaling = fixed_multiplier(steps);
  layer.softmax = {scaling.multiplier, static_cast<std::int8_t>(scaling.shift)};
}

}  // namespace

Result<Bundle> merge_head(const Bundle& base, std::span<const float> delta) {
  auto network = dequantize(base);
  if (!network) return network.error();
  const BundleLayer& last = base.layers.back();
  if (base.task != kernels::Task::classify || last.activation != kernels::Activation::softmax)
    return Error{ErrorKind::invalid, "only a classifier's softmax layer can be learned on"};
  if (delta.size() != last.outputs * (last.inputs + 1))
    return Error{ErrorKind::invalid,
                 std::to_string(delta.size()) + " numbers do not fit a layer of " +
                     std::to_string(last.outputs) + " x " + std::to_string(last.inputs)};
  const LastLayer before = last_layer_of(base, *network);
  LastLayer after = before;
  for (std::size_t i = 0; i < delta.size(); ++i) after.weights[i] += static_cast<double>(delta[i]);
  auto base_bytes = encode(base);
  if (!base_bytes) return base_bytes.error();
  Bundle merged = base;
  merged.provenance.parent = kernels::bundle_identity(open(*base_bytes).value());
  ++merged.provenance.version;
  merged.layers.back().packing = kernels::WeightPacking::plain;
  widen(merged.layers.back(), widening(before, after));
  for (std::size_t o = 0; o < after.outputs; ++o) {
    if (!write_row(after, o, merged.layers.back()))
      return Error{ErrorKind::invalid, "what was learned does not fit int8"};
  }
  return merged;
}

}  // namespace haltere::models
