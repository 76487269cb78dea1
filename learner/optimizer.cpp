#include "learner/optimizer.hpp"

#include <algorithm>
#include <cassert>

namespace haltere::learner {

namespace {

/// beta1 and beta2; RMSprop is Adam without memory of the gradient itself.
struct Decays {
  double first;
  double second;
};

constexpr Decays decays_of(OptimizerKind kind) {
  return kind == OptimizerKind::rmsprop ? Decays{0.0, 0.99} : Decays{0.9, 0.999};
}

}  // namespace

Optimizer::Optimizer(const LearnSettings& settings, std::size_t parameters)
    : kind_(settings.optimizer),
      base_rate_(settings.rate),
      rate_(settings.rate),
      momentum_(settings.momentum),
      nesterov_(settings.nesterov),
      decay_(settings.weight_decay),
      plain_(kind_ == OptimizerKind::sgd && momentum_ == 0.0F && decay_ == 0.0F),
      loops_(&models::float_loops(arithmetic_of(settings))),
      first_(plain_ ? 0 : parameters, 0.0F),
      second_(kind_ == OptimizerKind::sgd ? 0 : parameters, 0.0F) {}

void Optimizer::begin(float gradient_scale) {
  step_ = {rate_, std::max(0.0F, 1.0F - rate_ * decay_), gradient_scale};
  if (kind_ == OptimizerKind::sgd) return;
  const Decays decays = decays_of(kind_);
  first_power_ *= decays.first;
  second_power_ *= decays.second;
  adam_.step = step_;
  adam_.step.rate = static_cast<float>(static_cast<double>(rate_) / (1.0 - first_power_));
  adam_.first_decay = static_cast<float>(decays.first);
  adam_.second_decay = static_cast<float>(decays.second);
  adam_.second_scale = static_cast<float>(1.0 / (1.0 - second_power_));
}

void Optimizer::apply(std::size_t first, std::span<float> parameters,
                      std::span<const float> gradient) {
  assert(parameters.size() == gradient.size());
  const std::size_t count = parameters.size();
  switch (kind_) {
    case OptimizerKind::sgd:
      if (first_.empty()) {
        loops_->sgd_step(parameters.data(), gradient.data(), count, step_);
      } else {
        loops_->momentum_step(parameters.data(), first_.data() + first, gradient.data(), count,
                              {step_, momentum_, nesterov_});
      }
      return;
    case OptimizerKind::adam:
    case OptimizerKind::rmsprop:
      loops_->adam_step(parameters.data(), {first_.data() + first, second_.data() + first},
                        gradient.data(), count, adam_);
      return;
  }
}

void Optimizer::widen_from(const Optimizer& narrow, const models::Network& narrow_net,
                           const models::Network& wide_net) {
  rate_ = narrow.rate_;
  first_power_ = narrow.first_power_;
  second_power_ = narrow.second_power_;
  if (!first_.empty()) models::copy_widened(narrow_net, narrow.first_, wide_net, first_);
  if (!second_.empty()) models::copy_widened(narrow_net, narrow.second_, wide_net, second_);
}

void Optimizer::exchange(Archive& archive) {
  archive.exchange(first_power_);
  archive.exchange(second_power_);
  archive.exchange(std::span(first_));
  archive.exchange(std::span(second_));
}

}  // namespace haltere::learner
