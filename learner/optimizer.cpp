#include "learner/optimizer.hpp"

#include <cassert>

#include "models/float_loops.hpp"

namespace haltere::learner {

namespace {

constexpr double first_decay = 0.9;
constexpr double second_decay = 0.999;

}  // namespace

Optimizer::Optimizer(const LearnSettings& settings, std::size_t parameters)
    : kind_(settings.optimizer),
      base_rate_(settings.rate),
      rate_(settings.rate),
      momentum_(settings.momentum),
      decay_(settings.weight_decay),
      plain_(kind_ == OptimizerKind::sgd && momentum_ == 0.0F && decay_ == 0.0F),
      first_(plain_ ? 0 : parameters, 0.0F),
      second_(kind_ == OptimizerKind::adam ? parameters : 0, 0.0F) {}

void Optimizer::step(std::span<float> parameters, std::span<const float> gradient) {
  assert(parameters.size() == gradient.size());
  const models::FloatLoops& loops = models::float_loops();
  if (decay_ > 0.0F) loops.scale(parameters.data(), parameters.size(), 1.0F - rate_ * decay_);
  switch (kind_) {
    case OptimizerKind::sgd:
      if (plain_) {
        loops.add_scaled(parameters.data(), gradient.data(), parameters.size(), -rate_);
      } else {
        loops.momentum_step(parameters.data(), first_.data(), gradient.data(), parameters.size(),
                            {rate_, momentum_});
      }
      return;
    case OptimizerKind::adam: break;
  }
  first_power_ *= first_decay;
  second_power_ *= second_decay;
  models::AdamFactors factors;
  factors.rate = static_cast<float>(static_cast<double>(rate_) / (1.0 - first_power_));
  factors.first_decay = static_cast<float>(first_decay);
  factors.second_decay = static_cast<float>(second_decay);
  factors.second_scale = static_cast<float>(1.0 / (1.0 - second_power_));
  loops.adam_step(parameters.data(), {first_.data(), second_.data()}, gradient.data(),
                  parameters.size(), factors);
}

void Optimizer::exchange(Archive& archive) {
  archive.exchange(first_power_);
  archive.exchange(second_power_);
  archive.exchange(std::span(first_));
  archive.exchange(std::span(second_));
}

}  // namespace haltere::learner
