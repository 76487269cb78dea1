#include "learner/last_good.hpp"

#include <algorithm>
#include <cmath>

#include "learner/answer_loss.hpp"

namespace haltere::learner {

namespace {

/// Losses fade to a third over as many rows.
constexpr double rows_of_judgement = 128.0;
constexpr std::uint64_t rows_before_judgement = 64;

/// Worse than the generation by this factor and this much per row on top is divergence: far beyond
/// what noise or a step too far cost.
constexpr double worse_factor = 1.5;
constexpr double worse_by = 0.1;
/// Within this factor of the generation a net is good enough to become the next one.
constexpr double as_good_factor = 1.1;
}  // namespace

LastGood::LastGood(Task task, const Batch& batch, const Trainer& trainer)
    : task_(task), batch_(batch), trainer_(trainer) {}

void LastGood::start_over() {
  rows_ = 0;
  loss_ = good_loss_ = weight_ = 0.0;
}

LastGood::Verdict LastGood::judge(std::span<const float> answer, const Example& example,
                                  const Batch& batch, const Trainer& trainer) {
  const bool finite = std::ranges::all_of(answer, [](float value) { return std::isfinite(value); });
  if (!finite) return Verdict::diverged;
  batch_.place(0, example);
  const double share = 1.0 - 1.0 / rows_of_judgement;
  loss_ = loss_ * share + answer_loss(task_, answer, example, batch, batch_);
  good_loss_ = good_loss_ * share +
               answer_loss(task_, trainer_.forward(batch_.rows(), 1), example, batch_, batch_);
  weight_ = weight_ * share + 1.0;
  ++rows_;
  return rows_ < rows_before_judgement ? Verdict::undecided : decide(batch, trainer);
}

LastGood::Verdict LastGood::decide(const Batch& batch, const Trainer& trainer) {
  // Reconstructions have no truth to be judged by: both nets may be right about a row that is new.
  const bool judged = task_ != Task::anomaly;
  if (judged && loss_ > worse_factor * good_loss_ + worse_by * weight_) return Verdict::diverged;
  if (rows_ < rows_between_generations || loss_ > as_good_factor * good_loss_)
    return Verdict::undecided;
  renew(batch, trainer);
  return Verdict::renewed;
}

void LastGood::renew(const Batch& batch, const Trainer& trainer) {
  batch_ = batch;
  trainer_ = trainer;
  start_over();
}

void LastGood::roll_back(Batch& batch, Trainer& trainer) {
  batch = batch_;
  trainer = trainer_;
  start_over();
}

void LastGood::exchange(Archive& archive) {
  batch_.exchange(archive);
  trainer_.exchange(archive);
  archive.exchange(rows_);
  archive.exchange(loss_);
  archive.exchange(good_loss_);
  archive.exchange(weight_);
}

}  // namespace haltere::learner
