// What of a model goes into a checkpoint, and in which order.

#include <utility>

#include "learner/online_model_state.hpp"

namespace haltere::learner {

void exchange_identity(Archive& archive, const std::string& identity) {
  std::uint64_t size = identity.size();
  archive.exchange(size);
  if (size != identity.size()) return archive.fail();
  for (const char letter : identity) {
    auto byte = static_cast<std::uint8_t>(letter);
    archive.exchange(byte);
    if (byte != static_cast<std::uint8_t>(letter)) archive.fail();
  }
}

namespace {

void exchange_labels(Archive& archive, std::vector<std::string>& labels) {
  std::uint64_t count = labels.size();
  archive.exchange(count);
  if (count > max_labels) archive.fail();
  if (archive.failed()) return;
  labels.resize(static_cast<std::size_t>(count));
  for (std::string& label : labels) {
    std::vector<std::uint8_t> bytes(label.begin(), label.end());
    archive.exchange(bytes);
    label.assign(bytes.begin(), bytes.end());
  }
}

}  // namespace

void exchange_layers(Archive& archive, std::vector<std::size_t>& layers) {
  std::uint64_t count = layers.size();
  archive.exchange(count);
  if (count > models::max_layers) archive.fail();
  if (archive.failed()) return;
  layers.resize(static_cast<std::size_t>(count));
  for (std::size_t& units : layers) {
    std::uint64_t wide = units;
    archive.exchange(wide);
    if (wide > models::max_units) archive.fail();
    units = static_cast<std::size_t>(wide);
  }
}

void exchange_shape(Archive& archive, ModelSettings& settings) {
  exchange_labels(archive, settings.labels);
  if (settings.auto_layers) exchange_layers(archive, settings.layers);
  if (settings.learn.auto_rate) archive.exchange(settings.learn.rate);
}

std::vector<std::uint8_t> OnlineModel::State::archived() const {
  Archive archive;
  const_cast<State*>(this)->exchange(archive);  // writing, it changes nothing
  return archive.bytes();
}

void OnlineModel::State::exchange(Archive& archive) {
  exchange_identity(archive, identity);
  ModelSettings shape = settings;
  exchange_shape(archive, shape);
  if (shape.labels != settings.labels || shape.layers != settings.layers) return archive.fail();
  batch.exchange(archive);
  trainer.exchange(archive);
  replay.exchange(archive);
  archive.exchange(random);
  if (teacher) teacher->exchange(archive);
  followers.exchange(archive);
  if (settings.learn.roll_back) last_good.exchange(archive);
  shadow.exchange(archive);
  familiarity.exchange(archive);
  archive.exchange(may_guess);
  archive.exchange(unlearned);
  if (judge) judge->exchange(archive);
  archive.exchange(abnormal_rows);
  class_metrics.exchange(archive);
  for (RegressionMetrics& metrics : regression_metrics) metrics.exchange(archive);
  for (IntervalMetrics& metrics : interval_metrics) metrics.exchange(archive);
  margin.exchange(archive);
  archive.exchange(counters.predicted);
  archive.exchange(counters.learned);
  archive.exchange(counters.rejected);
  archive.exchange(counters.refused);
  archive.exchange(counters.guarded);
  archive.exchange(counters.clipped);
  archive.exchange(counters.skipped_steps);
  archive.exchange(counters.rolled_back);
  archive.exchange(counters.replaced);
  archive.exchange(counters.guessed);
  archive.exchange(counters.unknown);
  archive.exchange(rate_surplus);
  archive.exchange(rate_damping);
  archive.exchange(round_loss);
  archive.exchange(round_rows);
  archive.exchange(rows_at_rate);
  drift.exchange(archive);
}

}  // namespace haltere::learner
