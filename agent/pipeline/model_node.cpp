#include "agent/pipeline/model_node.hpp"

#include <algorithm>
#include <cmath>

#include "learner/candidate.hpp"
#include "models/bundle.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

// Held-out windows are kept for the end; a run that never ends must not keep all.
constexpr std::size_t max_held_out = 20'000;

// Checkpoint: two blobs, each with its own CRC, each after its length (uint32, little-endian).
void append_blob(std::vector<std::uint8_t>& bytes, std::span<const std::uint8_t> blob) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(blob.size() >> shift));
  }
  bytes.insert(bytes.end(), blob.begin(), blob.end());
}

std::optional<std::span<const std::uint8_t>> take_blob(std::span<const std::uint8_t>& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{bytes[i]} << (8 * i);
  if (size > bytes.size() - 4) return std::nullopt;
  const auto blob = bytes.subspan(4, size);
  bytes = bytes.subspan(4 + size);
  return blob;
}

}  // namespace

ModelNode::ModelNode(const ModelSpec& spec, std::size_t index, learner::OnlineModel model,
                     learner::CandidateInfo info, std::size_t window_samples)
    : spec_(&spec),
      index_(index),
      model_(std::move(model)),
      info_(std::move(info)),
      promotion_(spec.hand_over, info_),
      labels_(window_samples, spec.settings.labels.size()),
      memory_(model_.inputs(),
              spec.settings.task == learner::Task::classify ? WindowMemory::capacity : 0) {}

Result<ModelNode> ModelNode::create(const ModelSpec& spec, std::size_t index,
                                    std::span<const std::uint8_t> recipe, LearnOptions options) {
  kernels::RecipeView view{};
  if (!kernels::open_recipe(recipe.data(), recipe.size(), view)) {
    return Error{ErrorKind::invalid, "model '" + spec.id + "': its window has no valid recipe"};
  }
  auto model = learner::OnlineModel::create(spec.settings, view.inputs);
  if (!model) return model.error();
  learner::CandidateInfo info;
  info.model_id = spec.id;
  info.recipe.assign(recipe.begin(), recipe.end());
  if (spec.settings.task == learner::Task::regress) info.target_name = spec.target_names;
  ModelNode node(spec, index, std::move(model).value(), std::move(info), view.window_samples);
  node.options_ = options;
  if (options.keep_budget && spec.budget)
    node.budget_.emplace(*spec.budget, spec.settings.learn.replay_steps);
  return node;
}

std::optional<std::size_t> ModelNode::find_label(std::string_view name) {
  const auto& labels = model_.settings().labels;
  const auto found = std::ranges::find(labels, name);
  if (found != labels.end()) return static_cast<std::size_t>(found - labels.begin());
  const bool fits = !name.empty() && name.size() <= sensors::max_label_bytes;
  if (!fits || !model_.add_label(std::string(name))) return std::nullopt;
  labels_.add_label();
  return model_.settings().labels.size() - 1;
}

int ModelNode::label_named(const sensors::LabelText& text) {
  if (text == last_text_) return last_label_;
  last_text_ = text;
  const auto label = find_label(sensors::to_string(text));
  last_label_ = label ? static_cast<int>(*label) : RowLabels::none;
  return last_label_;
}

int ModelNode::row_label(sensors::TimeNs time_ns, const sensors::LabelText& column) {
  if (time_ns >= span_.from_ns && time_ns < span_.until_ns) return span_.label;
  if (column[0] == '\0') return RowLabels::none;
  const int label = label_named(column);
  if (label == RowLabels::none) ++counters_.unknown_labels;
  return label;
}

void ModelNode::add_row(sensors::TimeNs time_ns, bool starts_segment,
                        const sensors::LabelText& column) {
  if (!has_rows_) {  // a label given before the first row starts with it
    span_.until_ns = time_ns + (span_.until_ns - span_.from_ns);
    span_.from_ns = time_ns;
    has_rows_ = true;
  }
  last_time_ns_ = time_ns;
  if (spec_->settings.task == learner::Task::classify) {
    const int label = row_label(time_ns, column);
    labels_.add(label, starts_segment, time_ns);
  }
}

void ModelNode::give_label(std::size_t label, std::chrono::nanoseconds span) {
  const sensors::TimeNs from_ns = has_rows_ ? last_time_ns_ + 1 : 0;
  span_ = {
      .label = static_cast<int>(label), .from_ns = from_ns, .until_ns = from_ns + span.count()};
}

std::optional<learner::Target> ModelNode::target_of_window(const learner::Target& newest) {
  switch (spec_->settings.task) {
    case learner::Task::anomaly: return learner::Target{};
    case learner::Task::regress:
      for (std::size_t t = 0; t < spec_->settings.targets; ++t)
        if (!std::isfinite(learner::value_at(newest, t))) return std::nullopt;
      ++counters_.labelled;
      return newest;
    case learner::Task::classify: break;
  }
  const int label = labels_.label();
  if (labels_.is_mixed()) ++counters_.mixed;
  if (label == RowLabels::none) return std::nullopt;
  ++counters_.labelled;
  return learner::Target{.label = label};
}

void ModelNode::on_window(std::span<const float> features, std::uint64_t segment,
                          const learner::Target& newest, bool gated, ModelObserver& observer) {
  ++counters_.windows;
  WindowEvent event{
      .model = index_,
      .time_ns = last_time_ns_,
      .features = features,
      .label = RowLabels::none,
      .held_out = options_.hold_out_every > 0 && segment % options_.hold_out_every == 0,
      .prediction = model_.predict(features)};
  if (gated) {
    ++counters_.gated;
    return observer.on_window(event);
  }
  const std::optional<learner::Target> truth = target_of_window(newest);
  if (truth) event.label = truth->label;
  if (truth && event.held_out) keep_held_out(features, *truth);
  const std::uint64_t before = model_.newest_row();
  if (truth && !event.held_out) learn(features, event.prediction, *truth, observer);
  if (!truth && !event.held_out && options_.learn)
    learn_in_budget([&] { model_.learn_unlabelled(features); });
  if (!event.held_out) keep(features, event, truth && model_.newest_row() != before);
  observer.on_window(event);
}

/// Keeps a window, for labels that come late.
void ModelNode::keep(std::span<const float> features, const WindowEvent& event, bool learned) {
  if (!event.prediction.valid) return;
  memory_.push({.from_ns = labels_.oldest_ns(),
                .until_ns = event.time_ns,
                .prediction = event.prediction,
                .label = event.label,
                .number = learned ? model_.newest_row() : 0,
                .scored = event.label != RowLabels::none},
               features);
}

std::size_t ModelNode::relabel(sensors::TimeNs from_ns, sensors::TimeNs until_ns,
                               std::optional<std::size_t> label) {
  std::size_t changed = 0;
  memory_.visit(from_ns, until_ns, [&](KeptWindow& window, std::span<const float> features) {
    changed += relabel(window, features, label) ? 1U : 0U;
  });
  return changed;
}

/// Takes a kept window's label back, if it has one, and learns it with the new one, if there is.
bool ModelNode::relabel(KeptWindow& window, std::span<const float> features,
                        std::optional<std::size_t> label) {
  const int wanted = label ? static_cast<int>(*label) : RowLabels::none;
  const int before = window.number != 0 ? window.label : RowLabels::none;
  if (wanted == before || !options_.learn) return false;
  if (window.number != 0) model_.withdraw(window.number);
  window.number = 0;
  window.label = wanted;
  if (!label) {
    ++counters_.withdrawn;
    return true;
  }
  const learner::Target target{.label = wanted, .value = 0.0F};
  if (!window.scored) {
    model_.score(window.prediction, target);
    history_.add(window.prediction.label == wanted);
    ++counters_.labelled;
  }
  window.scored = true;
  ++(before == RowLabels::none ? counters_.late : counters_.corrected);
  model_.learn(features, target);
  window.number = model_.newest_row();
  return true;
}

void ModelNode::learn(std::span<const float> features, const learner::Prediction& prediction,
                      const learner::Target& target, ModelObserver& observer) {
  model_.score(prediction, target);
  if (prediction.valid && target.label >= 0) history_.add(prediction.label == target.label);
  if (!options_.learn) return;
  promote(features, target, observer);
  learn_in_budget([&] { model_.learn(features, target); });
}

template <typename Learn>
void ModelNode::learn_in_budget(const Learn& learn) {
  if (!budget_) return learn();
  const auto start = TimeBudget::thread_time();
  learn();
  const auto steps = budget_->add(TimeBudget::thread_time() - start,
                                  std::chrono::steady_clock::now().time_since_epoch());
  if (steps) model_.set_replay_steps(*steps);
}

void ModelNode::promote(std::span<const float> features, const learner::Target& target,
                        ModelObserver& observer) {
  const auto promoted = promotion_.observe(model_, features, target, last_time_ns_);
  if (!promoted) {
    ++counters_.failed_candidates;
  } else if (*promoted) {
    observer.on_promotion(index_, **promoted);
  }
}

void ModelNode::keep_held_out(std::span<const float> features, const learner::Target& target) {
  ++counters_.held_out;
  if (target.label < 0 || held_out_labels_.size() == max_held_out) return;
  held_out_rows_.insert(held_out_rows_.end(), features.begin(), features.end());
  held_out_labels_.push_back(target.label);
}

Result<std::vector<std::uint8_t>> ModelNode::make_bundle() const {
  learner::CandidateInfo info = info_;
  info.created_ns = last_time_ns_;
  info.version = static_cast<std::uint32_t>(promotion_.promoted() + 1);
  if (promotion_.deployed() != nullptr) info.parent = promotion_.deployed()->identity();
  const auto bundle = learner::make_candidate(model_, info);
  if (!bundle) return bundle.error();
  return models::encode(*bundle);
}

std::optional<ModelNode::HeldOut> ModelNode::test_held_out() {
  auto bytes = make_bundle();
  if (held_out_labels_.empty() || !bytes) return std::nullopt;
  auto int8 = models::Int8Model::create(std::move(bytes).value());
  if (!int8) return std::nullopt;
  const std::size_t classes = model_.settings().labels.size();
  HeldOut result{learner::Confusion(classes), learner::Confusion(classes)};
  const std::size_t inputs = model_.inputs();
  for (std::size_t i = 0; i < held_out_labels_.size(); ++i) {
    const std::span<const float> row(held_out_rows_.data() + i * inputs, inputs);
    const auto truth = static_cast<std::size_t>(held_out_labels_[i]);
    const learner::Prediction from_float = model_.predict_steady(row);
    const learner::Prediction from_int8 = learner::predict_int8(*int8, row);
    if (!from_float.valid || from_int8.label < 0) continue;
    result.float_answers.add(truth, static_cast<std::size_t>(from_float.label));
    result.int8_answers.add(truth, static_cast<std::size_t>(from_int8.label));
  }
  return result;
}

std::vector<std::uint8_t> ModelNode::save() const {
  std::vector<std::uint8_t> bytes;
  append_blob(bytes, model_.save());
  append_blob(bytes, promotion_.save());
  return bytes;
}

Status ModelNode::restore(std::span<const std::uint8_t> bytes) {
  const auto model = take_blob(bytes);
  const auto promotion = model ? take_blob(bytes) : std::nullopt;
  if (!promotion || !bytes.empty()) {
    return Error{ErrorKind::corrupt, "its length is wrong"};
  }
  const std::vector<std::uint8_t> before = model_.save();
  if (Status restored = model_.restore(*model); !restored) return restored;
  if (Status restored = promotion_.restore(*promotion); !restored) {
    [[maybe_unused]] const Status undone = model_.restore(before);
    return restored;
  }
  for (std::size_t i = spec_->settings.labels.size(); i < model_.settings().labels.size(); ++i)
    labels_.add_label();
  return {};
}

}  // namespace haltere::agent
