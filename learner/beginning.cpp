#include "learner/beginning.hpp"

#include <algorithm>
#include <utility>

#include "learner/online_model.hpp"
#include "learner/online_model_state.hpp"
#include "models/dequantizer.hpp"

namespace haltere::learner {
namespace {

/// How outputs of a model are named in a bundle.
std::string cut(const std::string& name) { return name.substr(0, kernels::name_bytes); }

bool same_task(Task task, kernels::Task other) {
  switch (task) {
    case Task::classify: return other == kernels::Task::classify;
    case Task::regress: return other == kernels::Task::regress;
    case Task::anomaly: return other == kernels::Task::anomaly;
  }
  return false;
}

/// For each output of a model of `settings` that has `outputs`: which of `from` it is, or
/// from.outputs().
std::vector<std::size_t> match_outputs(const ModelSettings& settings, std::size_t outputs,
                                       const Beginning& from) {
  const std::size_t others = from.network.outputs();
  std::vector<std::size_t> places(outputs, others);
  if (!same_task(settings.task, from.task)) return places;
  if (settings.task == Task::classify) {
    for (std::size_t o = 0; o < outputs; ++o)
      places[o] = static_cast<std::size_t>(std::ranges::find(from.names, cut(settings.labels[o])) -
                                           from.names.begin());
  } else if (outputs == others) {
    for (std::size_t o = 0; o < outputs; ++o) places[o] = o;
  }
  return places;
}

void copy_layer(const models::Network& from, std::size_t layer, models::Network& to) {
  const models::DenseLayer source = from.layer(layer);
  float* at = to.parameters().data() + to.parameter_offset(layer);
  at = std::ranges::copy(source.weights, at).out;
  std::ranges::copy(source.layer_bias, at);
}

/// Copies the weights of the outputs that `places` found; returns how many.
std::size_t copy_outputs(const models::Network& from, const std::vector<std::size_t>& places,
                         models::Network& to) {
  const std::size_t last = to.layer_count() - 1;
  const models::DenseLayer source = from.layer(last);
  const models::DenseLayer own = to.layer(last);
  float* weights = to.parameters().data() + to.parameter_offset(last);
  float* own_bias = weights + own.inputs * own.outputs;
  std::size_t copied = 0;
  for (std::size_t o = 0; o < places.size(); ++o) {
    const std::size_t place = places[o];
    if (place >= source.outputs) continue;
    for (std::size_t i = 0; i < own.inputs; ++i)
      weights[i * own.outputs + o] = source.weights[i * source.outputs + place];
    own_bias[o] = source.layer_bias[place];
    ++copied;
  }
  return copied;
}

/// Whether all but the last layers are alike.
bool fits(const models::Network& from, const models::Network& to) {
  if (from.inputs() != to.inputs() || from.layer_count() != to.layer_count()) return false;
  for (std::size_t l = 0; l + 1 < to.layer_count(); ++l)
    if (from.layer(l).outputs != to.layer(l).outputs ||
        from.layer(l).activation != to.layer(l).activation)
      return false;
  return true;
}

}  // namespace

Result<Beginning> beginning_of(const models::Bundle& bundle) {
  Result<models::Network> network = models::dequantize(bundle);
  if (!network) return network.error();
  Beginning beginning{.network = std::move(network).value(),
                      .mean = bundle.mean,
                      .deviation = {},
                      .task = bundle.task,
                      .names = bundle.labels,
                      .target_mean = {},
                      .target_deviation = {}};
  for (const float gain : bundle.gain)
    beginning.deviation.push_back(1.0F / (gain * bundle.input_scale));
  for (const models::OutputScale& output : bundle.output_scales) {
    beginning.target_mean.push_back(output.offset);
    beginning.target_deviation.push_back(output.scale / bundle.output_scale);
  }
  return beginning;
}

Status OnlineModel::begin_from(const Beginning& beginning) {
  State& state = *state_;
  models::Network& network = state.trainer.network();
  if (!rivals_.empty())
    return Error{ErrorKind::invalid, "a model that goes on from another has its layers and rate"};
  if (!fits(beginning.network, network))
    return Error{ErrorKind::invalid,
                 "the model to go on from has other inputs, hidden layers or activations"};
  taken_over_.hidden_layers = network.layer_count() - 1;
  for (std::size_t l = 0; l + 1 < network.layer_count(); ++l)
    copy_layer(beginning.network, l, network);
  taken_over_.outputs = copy_outputs(
      beginning.network, match_outputs(state.settings, network.outputs(), beginning), network);
  state.batch.begin_with(beginning, taken_over_.outputs > 0);
  state.followers.begin_with(network);
  state.last_good.renew(state.batch, state.trainer);
  return {};
}

}  // namespace haltere::learner
