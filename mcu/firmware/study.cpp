#include "mcu/firmware/study.hpp"

#include <string.h>

namespace haltere {
namespace firmware {
namespace {

// The error that weights are judged by fades over so many steps.
constexpr uint32_t error_steps = 16;
// About as good as the best: kept, because it has seen more. A copy every so many steps is enough.
constexpr float as_good = 0.05f;
constexpr uint32_t keep_every = 8;
// So much above the best there is no chance any more.
constexpr float much_worse = 0.15f;

}  // namespace

uint32_t Study::region_bytes(const kernels::BundleView& view) {
  const uint32_t floats = kernels::head_floats(view) + kernels::head_weights(view);
  return (4 * floats + 7) / 8 * 8;
}

void Study::start(const kernels::BundleView& view, uint8_t* region, float rate) {
  *this = Study();
  auto* floats = static_cast<float*>(static_cast<void*>(region));
  memset(region, 0, region_bytes(view));
  head_ = kernels::make_head(view, floats);
  kept_ = floats + kernels::head_floats(view);
  weights_ = static_cast<uint16_t>(kernels::head_weights(view));
  rate_ = rate > 0.0f ? rate : usual_rate;
  on_ = true;
}

kernels::Verdict Study::judge(const kernels::BundleView& view, int8_t* scratch, int8_t* outputs) {
  const int8_t* x = kernels::run_to_logits(view, scratch, outputs);
  const uint16_t best = kernels::judge_head(head_, x, outputs);
  // As softmax's int8: 1/256 a step from -128 on.
  const auto score = static_cast<int32_t>(head_.probabilities[best] * 256.0f) - 128;
  const int32_t limited = score > INT8_MAX ? INT8_MAX : score;
  const bool known = limited >= static_cast<int8_t>(*view.task_data);
  return {limited, known ? static_cast<int16_t>(best) : int16_t{-1}};
}

void Study::learn(uint16_t label) {
  const float error = kernels::learn_head(head_, label, rate_);
  ++steps_;
  count_error(error);
  if (averaged_ < error_steps) return;
  if (error_ < best_error_) best_error_ = error_;
  if (error_ > best_error_ + much_worse) {
    go_back();
  } else if (error_ <= best_error_ + as_good && steps_ % keep_every == 0) {
    keep();
  }
}

// The mean at first, then one that fades.
void Study::count_error(float error) {
  if (averaged_ < error_steps) ++averaged_;
  error_ += (error - error_) / static_cast<float>(averaged_);
}

void Study::keep() {
  memcpy(kept_, head_.delta, size_t{4} * weights_);
  kept_error_ = error_;
  kept_step_ = steps_;
}

// What they are judged by begins anew: the windows may have changed, too.
void Study::go_back() {
  memcpy(head_.delta, kept_, size_t{4} * weights_);
  ++returns_;
  averaged_ = 0;
  error_ = 1.0f;
  best_error_ = 1.0f;
}

void Study::describe(link::StudyReply& reply) const {
  reply.on = on_;
  reply.steps = steps_;
  reply.kept_step = kept_step_;
  reply.returns = returns_;
  reply.error = error_;
  reply.kept_error = kept_error_;
  reply.weights = on_ ? weights_ : uint16_t{0};
}

}  // namespace firmware
}  // namespace haltere
