#pragma once

#include <stdint.h>

#include "mcu/link/study.hpp"
#include "models/kernels/head_f32.hpp"

namespace haltere {
namespace firmware {

/// What the active model learns here: a head on its last layer, and the last one that was about as
/// good as the best, to which it returns when it got worse. All its memory is a region of the
/// arena, of a size known before.
class Study {
 public:
  static constexpr float usual_rate = 0.5f;

  /// Bytes of the region that `view` needs, a multiple of 8.
  static uint32_t region_bytes(const kernels::BundleView& view);

  /// Begins with a head that changes nothing. `region` [region_bytes], 8-aligned.
  void start(const kernels::BundleView& view, uint8_t* region, float rate);
  void stop() { on_ = false; }
  bool on() const { return on_; }

  /// Judges the inputs that stand in `scratch`, as run_layers would, and `outputs` likewise;
  /// `unknown_below` an int8 of softmax's scale.
  kernels::Verdict judge(const kernels::BundleView& view, int8_t* scratch, int8_t* outputs);

  /// Learns that the window judged last is of class `label`, which the model has.
  void learn(uint16_t label);

  void describe(link::StudyReply& reply) const;

  /// Number `index` of the kept ones, delta [outputs][inputs + 1].
  uint16_t weights() const { return weights_; }
  float kept(uint16_t index) const { return kept_[index]; }
  uint32_t kept_step() const { return kept_step_; }
  uint32_t steps() const { return steps_; }

 private:
  void count_error(float error);
  void keep();
  void go_back();

  bool on_ = false;
  kernels::HeadF32 head_ = {};
  float* kept_ = nullptr;
  uint16_t weights_ = 0;
  float rate_ = 0.0f;
  uint32_t steps_ = 0;
  uint32_t kept_step_ = 0;
  uint32_t returns_ = 0;
  uint32_t averaged_ = 0;  // steps that error_ is of, at most error_steps
  float error_ = 1.0f;
  float best_error_ = 1.0f;  // since it went back last
  float kept_error_ = 1.0f;
};

}  // namespace firmware
}  // namespace haltere
