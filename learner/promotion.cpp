#include "learner/promotion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace haltere::learner {

namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace

void ClassHits::add(std::size_t truth, bool hit) {
  ++given[truth];
  right[truth] += hit ? 1U : 0U;
}

double ClassHits::accuracy() const {
  return share(std::accumulate(right.begin(), right.end(), std::uint64_t{0}),
               std::accumulate(given.begin(), given.end(), std::uint64_t{0}));
}

double ClassHits::recall(std::size_t truth) const { return share(right[truth], given[truth]); }

void ClassHits::exchange(Archive& archive) {
  archive.exchange(std::span<std::uint32_t>(given));
  archive.exchange(std::span<std::uint32_t>(right));
}

Promotion::Promotion(HandOver settings, CandidateInfo info)
    : settings_(settings), info_(std::move(info)), next_version_(info_.version) {
  settings_.after = std::max<std::size_t>(1, settings_.after);
}

Result<Promotion::Entrant> Promotion::enter(std::vector<std::uint8_t> bytes) {
  Result<models::Bundle> bundle = models::decode(bytes);
  if (!bundle) return bundle.error();
  Result<models::Int8Model> model = models::Int8Model::create(std::move(bytes));
  if (!model) return model.error();
  return Entrant{std::move(model).value(), std::move(bundle).value(), {}, {}};
}

Status Promotion::adopt(std::vector<std::uint8_t> bundle) {
  Result<Entrant> entrant = enter(std::move(bundle));
  if (!entrant) return entrant.error();
  next_version_ = std::max(next_version_, entrant->bundle.provenance.version + 1);
  deployed_.emplace(std::move(entrant).value());
  candidate_.reset();
  seen_ = 0;
  return {};
}

const models::Int8Model* Promotion::deployed() const {
  return deployed_ ? &deployed_->model : nullptr;
}

/// regress: each target's error; of several in their deviations, so that none outweighs the others.
void Promotion::judge_values(const OnlineModel& model, Entrant& entrant,
                             const Prediction& prediction, const Target& target) {
  const std::size_t targets = model.settings().targets;
  for (std::size_t t = 0; t < targets; ++t) {
    const double unit = targets > 1 ? static_cast<double>(model.target_deviation()[t]) : 1.0;
    entrant.errors.add(static_cast<double>(value_at(target, t)) / unit,
                       static_cast<double>(value_at(prediction, t)) / unit);
  }
}

void Promotion::judge(const OnlineModel& model, Entrant& entrant, std::span<const float> row,
                      const Target& target) {
  const Prediction prediction = predict_int8(entrant.model, row);
  if (!prediction.valid) return;
  switch (entrant.bundle.task) {
    case kernels::Task::classify:
      entrant.answers.add(static_cast<std::size_t>(target.label), prediction.label == target.label);
      return;
    case kernels::Task::regress: judge_values(model, entrant, prediction, target); return;
    case kernels::Task::anomaly:
      entrant.errors.add(0.0, static_cast<double>(prediction.value));
      return;
  }
}

/// Whether the candidate beat the deployed model by the margin, at the cost of no class.
bool Promotion::is_better() const {
  if (candidate_->bundle.task == kernels::Task::classify) {
    const ClassHits& ours = candidate_->answers;
    const ClassHits& theirs = deployed_->answers;
    for (std::size_t truth = 0; truth < max_labels; ++truth)
      if (ours.recall(truth) < theirs.recall(truth) - worst_class_loss) return false;
    return ours.accuracy() >= theirs.accuracy() + settings_.if_better_by;
  }
  return candidate_->errors.mae() <= deployed_->errors.mae() * (1.0 - settings_.if_better_by);
}

/// Makes the candidate the deployed model, with its result in the provenance.
Result<std::vector<std::uint8_t>> Promotion::promote() {
  Entrant winner = std::move(*candidate_);
  candidate_.reset();
  const bool classify = winner.bundle.task == kernels::Task::classify;
  winner.bundle.provenance.held_back_score =
      static_cast<float>(classify ? winner.answers.accuracy() : winner.errors.mae());
  Result<std::vector<std::uint8_t>> bytes = models::encode(winner.bundle);
  if (!bytes) return bytes.error();
  Result<Entrant> entrant = enter(*bytes);
  if (!entrant) return entrant.error();
  deployed_.emplace(std::move(entrant).value());
  ++promoted_;
  return bytes;
}

Status Promotion::nominate(const OnlineModel& model, std::int64_t time_ns) {
  CandidateInfo info = info_;
  info.version = next_version_;
  info.parent = deployed_ ? deployed_->model.identity() : 0;
  info.created_ns = time_ns;
  Result<models::Bundle> bundle = make_candidate(model, info);
  if (!bundle) return bundle.error();
  Result<std::vector<std::uint8_t>> bytes = models::encode(*bundle);
  if (!bytes) return bytes.error();
  Result<Entrant> entrant = enter(std::move(bytes).value());
  if (!entrant) return entrant.error();
  candidate_.emplace(std::move(entrant).value());
  ++next_version_;
  return {};
}

/// Ends the contest that is over, if there is one, and begins the next.
Result<std::optional<std::vector<std::uint8_t>>> Promotion::end_contest(const OnlineModel& model,
                                                                        std::int64_t time_ns) {
  std::optional<std::vector<std::uint8_t>> winner;
  if (candidate_ && is_better()) {
    Result<std::vector<std::uint8_t>> bytes = promote();
    if (!bytes) return bytes.error();
    winner = std::move(bytes).value();
  } else if (candidate_) {
    ++discarded_;
  }
  if (const Status nominated = nominate(model, time_ns); !nominated) return nominated.error();
  if (!deployed_) {
    Result<std::vector<std::uint8_t>> bytes = promote();
    if (!bytes) return bytes.error();
    winner = std::move(bytes).value();
  }
  if (deployed_) {
    deployed_->answers = {};
    deployed_->errors = {};
  }
  return winner;
}

Result<std::optional<std::vector<std::uint8_t>>> Promotion::observe(const OnlineModel& model,
                                                                    std::span<const float> row,
                                                                    const Target& target,
                                                                    std::int64_t time_ns) {
  if (!model.is_learnable(row, target)) return std::optional<std::vector<std::uint8_t>>{};
  if (candidate_) {
    judge(model, *candidate_, row, target);
    judge(model, *deployed_, row, target);
  }
  ++seen_;
  if (seen_ < settings_.after) return std::optional<std::vector<std::uint8_t>>{};
  seen_ = 0;
  return end_contest(model, time_ns);
}

void Promotion::exchange(Archive& archive, std::optional<Entrant>& entrant) {
  bool present = entrant.has_value();
  archive.exchange(present);
  if (!present || archive.failed()) return;
  std::vector<std::uint8_t> bytes;
  if (!archive.reading())
    bytes.assign(entrant->model.bytes().begin(), entrant->model.bytes().end());
  archive.exchange(bytes);
  if (archive.failed()) return;
  if (archive.reading()) {
    Result<Entrant> read = enter(std::move(bytes));
    if (!read) return archive.fail();
    entrant.emplace(std::move(read).value());
  }
  entrant->answers.exchange(archive);
  entrant->errors.exchange(archive);
}

void Promotion::exchange(Archive& archive) {
  exchange(archive, deployed_);
  exchange(archive, candidate_);
  archive.exchange(seen_);
  archive.exchange(promoted_);
  archive.exchange(discarded_);
  archive.exchange(next_version_);
  if (candidate_ && !deployed_) archive.fail();
}

std::vector<std::uint8_t> Promotion::save() const {
  Archive archive;
  const_cast<Promotion*>(this)->exchange(archive);  // writing, it changes nothing
  return wrap_checkpoint(archive.bytes());
}

Status Promotion::restore(std::span<const std::uint8_t> bytes) {
  const Result<std::span<const std::uint8_t>> payload = unwrap_checkpoint(bytes);
  if (!payload) return payload.error();
  Archive archive(*payload);
  Promotion restored(settings_, info_);
  restored.exchange(archive);
  if (!archive.exhausted())
    return Error{ErrorKind::corrupt, "the checkpoint's content is not complete"};
  *this = std::move(restored);
  return {};
}

}  // namespace haltere::learner
