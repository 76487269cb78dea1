#include "learner/anomaly_judge.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "learner/portable_math.hpp"

namespace haltere::learner {

namespace {

constexpr std::uint64_t refresh_every = 16;
constexpr float smallest_score = 1e-12F;
constexpr float largest_score = 1e30F;
constexpr double largest_log = 60.0;
constexpr double smallest_variance = 1e-6;
/// The blend of a row whose logarithms are all as in the mean.
constexpr float typical_score = 1.0F;

/// Share of each scorer in the blend: of the three, Mahalanobis distance is the one whose normal
/// scores scatter least; the others see what has no single centre.
constexpr std::array<double, 3> shares_in_blend{0.15, 0.7, 0.15};

/// Rows before the first score that says something: mean and covariance must be known roughly.
std::uint64_t settling_rows(std::size_t inputs) { return 32 + 2 * inputs; }

TailThreshold make_tail(const AnomalySettings& settings) {
  return TailThreshold({.false_alarm_rate = settings.false_alarm_rate,
                        .half_life = static_cast<double>(settings.memory)});
}

double log_of(float score) {
  return portable_log(static_cast<double>(std::clamp(score, smallest_score, largest_score)));
}

/// Adds to `shares` those of the parts that are above 0.
void add_shares(std::span<const float> parts, std::span<float> shares) {
  float sum = 0.0F;
  for (const float part : parts) sum += std::max(part, 0.0F);
  if (!(sum > 0.0F) || !std::isfinite(sum)) return;
  for (std::size_t i = 0; i < parts.size(); ++i) shares[i] += std::max(parts[i], 0.0F) / sum;
}

}  // namespace

std::string_view to_string(AnomalyScorer scorer) {
  switch (scorer) {
    case AnomalyScorer::reconstruction: return "reconstruction";
    case AnomalyScorer::mahalanobis: return "mahalanobis";
    case AnomalyScorer::prototype: return "prototype";
    case AnomalyScorer::blend: return "blend";
  }
  return "blend";
}

AnomalyJudge::AnomalyJudge(std::size_t inputs, AnomalySettings settings)
    : settings_(settings),
      mahalanobis_(inputs, {.memory = settings.memory}),
      prototypes_(inputs, settings.prototypes),
      tails_{make_tail(settings), make_tail(settings), make_tail(settings), make_tail(settings)},
      judged_from_(settings.learn_normal),
      deviations_(inputs, 1.0F),
      parts_(inputs, 0.0F) {}

float AnomalyJudge::blend(std::span<const float> scores) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < scales_.size(); ++i)
    sum += shares_in_blend[i] * (log_of(scores[i]) - scales_[i].mean) /
           std::sqrt(std::max(scales_[i].variance, smallest_variance));
  return static_cast<float>(portable_exp(std::clamp(sum, -largest_log, largest_log)));
}

/// Whether the scales, by which the blend has its meaning, are of enough rows.
bool AnomalyJudge::knows_scales() const {
  return learned_ >= settling_rows(deviations_.size()) + refresh_every;
}

/// Takes a normal row's scores into the scales of their logarithms.
void AnomalyJudge::scale(std::span<const float> scores) {
  scaled_ = std::min(scaled_ + 1.0, static_cast<double>(settings_.memory));
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    LogScale& scale = scales_[i];
    const double offset = log_of(scores[i]) - scale.mean;
    scale.mean += offset / scaled_;
    scale.variance += (offset * offset * (scaled_ - 1.0) / scaled_ - scale.variance) / scaled_;
  }
}

AnomalyScores AnomalyJudge::score(std::span<const float> row, float reconstruction) {
  AnomalyScores scores;
  scores.values[0] = reconstruction;
  scores.values[1] = mahalanobis_.score(row);
  scores.values[2] = prototypes_.score(row, deviations_);
  // Before its first refresh no scorer has a scale; a blend of them can be anything.
  scores.values[3] = learned_ >= refresh_every ? blend(scores.values) : typical_score;
  for (std::size_t i = 0; i < tails_.size(); ++i)
    scores.abnormal[i] = scores.values[i] > tails_[i].threshold();
  return scores;
}

bool AnomalyJudge::is_learnable(const AnomalyScores& scores) const {
  return learned_ < judged_from_ || !scores.is_abnormal(AnomalyScorer::blend);
}

void AnomalyJudge::refresh_deviations() {
  for (std::size_t i = 0; i < deviations_.size(); ++i)
    deviations_[i] = static_cast<float>(mahalanobis_.deviation(i));
}

void AnomalyJudge::learn(std::span<const float> row, const AnomalyScores& scores) {
  assert(row.size() == deviations_.size());
  const std::uint64_t settling = settling_rows(row.size());
  if (learned_ >= settling) {
    for (std::size_t i = 0; i < scales_.size(); ++i) tails_[i].add(scores.values[i]);
    scale(scores.values);
  }
  if (knows_scales()) tails_[3].add(blend(scores.values));
  ++learned_;
  mahalanobis_.update(row);
  if (learned_ % refresh_every == 0) refresh_deviations();
  if (learned_ >= refresh_every) prototypes_.update(row, deviations_);
}

void AnomalyJudge::explain(std::span<const float> row, std::span<const float> reconstruction,
                           std::span<float> shares) {
  std::ranges::fill(shares, 0.0F);
  add_shares(reconstruction, shares);
  mahalanobis_.contributions(row, parts_);
  add_shares(parts_, shares);
  prototypes_.contributions(row, deviations_, parts_);
  add_shares(parts_, shares);
  float sum = 0.0F;
  for (const float share : shares) sum += share;
  if (sum > 0.0F)
    for (float& share : shares) share /= sum;
}

void AnomalyJudge::exchange(Archive& archive) {
  mahalanobis_.exchange(archive);
  prototypes_.exchange(archive);
  for (TailThreshold& tail : tails_) tail.exchange(archive);
  for (LogScale& scale : scales_) {
    archive.exchange(scale.mean);
    archive.exchange(scale.variance);
  }
  archive.exchange(scaled_);
  archive.exchange(learned_);
  archive.exchange(judged_from_);
  archive.exchange(std::span(deviations_));
}

}  // namespace haltere::learner
