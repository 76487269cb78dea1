#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/model_settings.hpp"
#include "models/float_loops.hpp"
#include "models/floats.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// Turns gradients into steps: SGD with momentum (v = m v + g; w -= rate v; with `nesterov`
/// w -= rate (g + m v), Sutskever et al. 2013), Adam (Kingma and Ba 2015, beta 0.9 and 0.999) or
/// RMSprop (Tieleman and Hinton 2012, decay 0.99, its mean without bias as Adam's). Weight decay is
/// decoupled (w -= rate * decay * w): with it, Adam is AdamW (Loshchilov and Hutter 2019).
class Optimizer {
 public:
  Optimizer(const LearnSettings& settings, std::size_t parameters);

  /// True if a step on one row may skip forming the gradient: plain SGD without momentum and decay.
  [[nodiscard]] bool is_plain() const { return plain_; }
  [[nodiscard]] float rate() const { return rate_; }
  /// Steps are taken with `factor` times the settings' rate from now on.
  void scale_rate(float factor) { rate_ = base_rate_ * factor; }

  /// Begins a step along `gradient_scale` times the gradient that `apply` gets.
  void begin(float gradient_scale);

  /// The step begun, for a part of the parameters: those from `first` on, with their gradient.
  void apply(std::size_t first, std::span<float> parameters, std::span<const float> gradient);

  /// Goes on where `narrow` stands, that of a net with fewer outputs: see copy_widened.
  void widen_from(const Optimizer& narrow, const models::Network& narrow_net,
                  const models::Network& wide_net);

  void exchange(Archive& archive);

 private:
  OptimizerKind kind_;
  float base_rate_;  ///< the settings'
  float rate_;
  float momentum_;
  bool nesterov_;
  float decay_;
  bool plain_;
  const models::FloatLoops* loops_;
  models::StepFactors step_;   ///< of the step begun
  models::AdamFactors adam_;   ///< the same
  double first_power_ = 1.0;   ///< beta1^t
  double second_power_ = 1.0;  ///< beta2^t
  models::Floats first_;       ///< velocity, or Adam's first moment
  models::Floats second_;      ///< second moment of Adam and RMSprop
};

}  // namespace haltere::learner
