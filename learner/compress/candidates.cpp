#include "learner/compress/candidates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "learner/compress/prune.hpp"
#include "models/quantizer.hpp"
#include "models/quantizer_ranges.hpp"

namespace haltere::learner {
namespace {

constexpr std::size_t tuning_steps = 3000;
constexpr std::size_t recovery_steps = 2000;
constexpr std::size_t student_steps = 5000;
constexpr std::size_t aware_steps = 1500;
constexpr float tuning_rate = 0.002F;
constexpr float fresh_rate = 0.008F;
constexpr float aware_rate = 0.001F;

/// Weights that make a layer big: in 4 bits it is at least 128 bytes smaller.
constexpr std::size_t big_layer = 256;

/// Share of the teacher's answer in what a student learns, the rest is the truth.
constexpr float teacher_share = 0.5F;
constexpr std::size_t teacher_factor = 2;
constexpr std::size_t least_teacher = 32;
constexpr std::size_t most_teacher = 128;

models::Activation last_of(const models::Network& network) {
  return network.layer(network.layer_count() - 1).activation;
}

/// A fresh net like `like` with hidden layers of `widths`.
Result<models::Network> fresh(const models::Network& like, std::span<const std::size_t> widths,
                              std::uint64_t seed) {
  std::vector<models::LayerShape> shapes;
  for (std::size_t l = 0; l < widths.size(); ++l)
    shapes.push_back({widths[l], like.layer(l).activation});
  shapes.push_back({like.outputs(), last_of(like)});
  return models::Network::create(like.inputs(), shapes, seed);
}

/// Shares with the square root of their odds: a temperature of 2 (Hinton et al. 2015).
void soften_shares(std::span<float> shares) {
  float sum = 0.0F;
  for (float& share : shares) {
    share = std::sqrt(share);
    sum += share;
  }
  for (float& share : shares) share /= sum;
}

std::vector<models::Quantization> hidden_grids(const models::Network& network,
                                               const models::Bundle& bundle) {
  std::vector<models::Quantization> grids;
  for (std::size_t l = 0; l + 1 < bundle.layers.size(); ++l)
    grids.push_back(
        models::output_of(network.layer(l).activation,
                          {bundle.layers[l].output_scale, bundle.layers[l].output_zero_point}));
  return grids;
}

/// The last steps to int8 weights.
FitSettings to_int8() { return {.steps = aware_steps, .rate = aware_rate}; }

/// To int4 ones as much is to be recovered from as from pruning, and then the same again.
FitSettings to_int4() {
  return {.steps = recovery_steps + aware_steps, .rate = tuning_rate, .int4_from = big_layer};
}

}  // namespace

bool has_big_layer(const models::Network& network) {
  for (std::size_t l = 0; l < network.layer_count(); ++l)
    if (network.layer(l).weights.size() >= big_layer) return true;
  return false;
}

std::vector<std::size_t> hidden_widths(const models::Network& network) {
  std::vector<std::size_t> widths;
  for (std::size_t l = 0; l + 1 < network.layer_count(); ++l)
    widths.push_back(network.layer(l).outputs);
  return widths;
}

std::vector<std::vector<std::size_t>> narrower(std::span<const std::size_t> widths) {
  constexpr std::array<std::size_t, 6> sixteenths{12, 8, 6, 4, 3, 2};
  std::vector<std::vector<std::size_t>> all;
  for (const std::size_t share : sixteenths) {
    std::vector<std::size_t> narrow;
    for (const std::size_t width : widths)
      narrow.push_back(std::min(width, std::max<std::size_t>(2, width * share / 16)));
    const bool is_new =
        !std::ranges::equal(narrow, widths) && (all.empty() || all.back() != narrow);
    if (is_new) all.push_back(std::move(narrow));
  }
  return all;
}

Compressor::Compressor(CompressSource source) : source_(std::move(source)) {
  fit(source_.network, source_.rows,
      {.steps = tuning_steps, .rate = tuning_rate, .seed = source_.seed});
}

Result<models::Bundle> Compressor::quantized(const models::Network& network,
                                             models::Calibration calibration) const {
  calibration.rows = source_.raw;
  calibration.mean = source_.mean;
  calibration.std = source_.std;
  // What is abnormal must not be clipped.
  if (source_.draft.task == kernels::Task::anomaly) calibration.range = models::RangeRule::min_max;
  return models::quantize(network, calibration, source_.draft);
}

Result<Candidate> Compressor::rounded(bool per_channel) const {
  models::Calibration calibration;
  calibration.per_channel = per_channel;
  calibration.correct_bias = true;
  Result<models::Bundle> bundle = quantized(network(), calibration);
  if (!bundle) return bundle.error();
  return Candidate{per_channel ? "ptq" : "ptq, a scale per layer", hidden_widths(network()),
                   std::move(bundle).value()};
}

Result<Candidate> Compressor::rounded_int4() const {
  models::Calibration calibration;
  calibration.correct_bias = true;
  calibration.int4_from = big_layer;
  Result<models::Bundle> bundle = quantized(network(), calibration);
  if (!bundle) return bundle.error();
  return Candidate{"ptq, int4", hidden_widths(network()), std::move(bundle).value()};
}

/// `network` after its last steps, as `settings` says, which see its weights and activations
/// rounded.
Result<Candidate> Compressor::finished(std::string method, models::Network network,
                                       const FitRows& rows, FitSettings settings) const {
  models::Calibration calibration;
  calibration.int4_from = settings.int4_from;
  const Result<models::Bundle> before = quantized(network, calibration);
  if (!before) return before.error();
  settings.seed = source_.seed + 1;
  settings.grids = hidden_grids(network, *before);
  if (settings.grids.empty())
    settings.grids.push_back({before->layers[0].output_scale, before->layers[0].output_zero_point});
  fit(network, rows, settings);
  Result<models::Bundle> bundle = quantized(network, calibration);
  if (!bundle) return bundle.error();
  return Candidate{std::move(method), hidden_widths(network), std::move(bundle).value()};
}

Result<Candidate> Compressor::aware() const {
  return finished("qat", network(), rows(), to_int8());
}

Result<Candidate> Compressor::aware_int4() const {
  return finished("qat, int4", network(), rows(), to_int4());
}

Result<Candidate> Compressor::pruned(std::span<const std::size_t> widths) {
  Result<models::Network> smaller = prune(pruned_network(), widths, rows());
  if (!smaller) return smaller.error();
  fit(*smaller, rows(), {.steps = recovery_steps, .rate = tuning_rate, .seed = source_.seed});
  pruned_ = std::move(smaller).value();
  return finished("pruned", *pruned_, rows(), to_int8());
}

Result<Candidate> Compressor::pruned_int4() const {
  return finished("pruned, int4", pruned_network(), rows(), to_int4());
}

/// Trains the teacher, wider than the source's net, on first use.
const FitRows& Compressor::softened() {
  if (softened_) return *softened_;
  std::vector<std::size_t> widths = hidden_widths(network());
  for (std::size_t& width : widths)
    width = std::clamp(teacher_factor * width, least_teacher, most_teacher);
  softened_ = rows();
  Result<models::Network> teacher = fresh(network(), widths, source_.seed);
  if (!teacher) return *softened_;
  fit(*teacher, rows(), {.steps = student_steps, .rate = fresh_rate, .seed = source_.seed});
  std::vector<float> taught = answers(*teacher, rows());
  const std::size_t outputs = network().outputs();
  const bool shares = last_of(network()) == models::Activation::softmax;
  for (std::size_t at = 0; shares && at < taught.size(); at += outputs)
    soften_shares(std::span(taught).subspan(at, outputs));
  for (std::size_t i = 0; i < taught.size(); ++i)
    softened_->targets[i] =
        (1.0F - teacher_share) * softened_->targets[i] + teacher_share * taught[i];
  return *softened_;
}

Result<Candidate> Compressor::distilled(std::span<const std::size_t> widths) {
  const FitRows& soft = softened();
  Result<models::Network> student = fresh(network(), widths, source_.seed + 2);
  if (!student) return student.error();
  fit(*student, soft, {.steps = student_steps, .rate = fresh_rate, .seed = source_.seed});
  return finished("distilled", std::move(student).value(), soft, to_int8());
}

}  // namespace haltere::learner
