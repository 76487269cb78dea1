#include "models/kernels/head_f32.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {
namespace {

LayerView last_layer(const BundleView& view, LayerView& before) {
  before = read_layer(view.layers);
  LayerView layer = before;
  for (uint8_t i = 1; i < view.layer_count; ++i) {
    before = layer;
    layer = read_layer(layer.next);
  }
  return layer;
}

/// Scale and zero point of what `before` gives; results of tables are as the format says.
void set_input(const BundleView& view, const LayerView& before, HeadF32& head) {
  head.input_scale = before.output_scale;
  head.input_zero_point = before.dense.output_zero_point;
  if (view.layer_count == 1) {
    head.input_scale = view.input_scale;
    head.input_zero_point = view.input_zero_point;
  } else if (before.activation == Activation::tanh) {
    head.input_scale = 1.0f / 128.0f;
    head.input_zero_point = 0;
  } else if (before.activation == Activation::sigmoid) {
    head.input_scale = 1.0f / 256.0f;
    head.input_zero_point = INT8_MIN;
  }
}

/// exp(x) for x <= 0, within 3e-7 of itself: 2^k exp(f), |f| <= ln(2) / 2, by Taylor's series.
/// ln(2) in two parts, as Cody and Waite subtract it.
float exp_negative(float x) {
  if (!(x > -87.0f)) return 0.0f;
  const auto k = static_cast<int32_t>(x * 1.442695041f - 0.5f);
  const auto whole = static_cast<float>(k);
  const float f = x - whole * 0.693359375f + whole * 2.12194440e-4f;
  float power = 1.0f / 720.0f;
  power = power * f + 1.0f / 120.0f;
  power = power * f + 1.0f / 24.0f;
  power = power * f + 1.0f / 6.0f;
  power = power * f + 0.5f;
  power = power * f + 1.0f;
  power = power * f + 1.0f;
  return power * float_of(static_cast<uint32_t>(k + 127) << 23);
}

/// Logits to probabilities, in place; returns the largest.
uint16_t softmax(float* values, uint16_t count) {
  uint16_t best = 0;
  for (uint16_t o = 1; o < count; ++o) {
    if (values[o] > values[best]) best = o;
  }
  const float most = values[best];
  float sum = 0.0f;
  for (uint16_t o = 0; o < count; ++o) {
    values[o] = exp_negative(values[o] - most);
    sum += values[o];
  }
  const float share = 1.0f / sum;
  for (uint16_t o = 0; o < count; ++o) values[o] *= share;
  return best;
}

}  // namespace

bool can_have_head(const BundleView& view) {
  LayerView before;
  return view.task == Task::classify && last_layer(view, before).activation == Activation::softmax;
}

uint32_t head_weights(const BundleView& view) {
  LayerView before;
  const DenseS8 last = last_layer(view, before).dense;
  return (uint32_t{last.inputs} + 1U) * last.outputs;
}

uint32_t head_floats(const BundleView& view) {
  LayerView before;
  const DenseS8 last = last_layer(view, before).dense;
  return head_weights(view) + last.inputs + last.outputs;
}

HeadF32 make_head(const BundleView& view, float* floats) {
  LayerView before;
  const LayerView last = last_layer(view, before);
  HeadF32 head;
  head.inputs = last.dense.inputs;
  head.outputs = last.dense.outputs;
  head.logit_scale = last.output_scale;
  head.logit_zero_point = last.dense.output_zero_point;
  set_input(view, before, head);
  const uint32_t weights = head_weights(view);
  head.delta = floats;
  head.x = floats + weights;
  head.probabilities = head.x + head.inputs;
  for (uint32_t i = 0; i < weights; ++i) floats[i] = 0.0f;
  return head;
}

uint16_t judge_head(HeadF32& head, const int8_t* x, const int8_t* logits) {
  const uint16_t inputs = head.inputs;
  for (uint16_t i = 0; i < inputs; ++i) {
    head.x[i] = head.input_scale * static_cast<float>(x[i] - head.input_zero_point);
  }
  const float* delta = head.delta;
  for (uint16_t o = 0; o < head.outputs; ++o) {
    float sum = head.logit_scale * static_cast<float>(logits[o] - head.logit_zero_point);
    for (uint16_t i = 0; i < inputs; ++i) sum += *delta++ * head.x[i];
    head.probabilities[o] = sum + *delta++;
  }
  return softmax(head.probabilities, head.outputs);
}

float learn_head(HeadF32& head, uint16_t label, float rate) {
  float square = 1.0f;
  for (uint16_t i = 0; i < head.inputs; ++i) square += head.x[i] * head.x[i];
  const float step = rate / square;
  float* delta = head.delta;
  for (uint16_t o = 0; o < head.outputs; ++o) {
    const float target = o == label ? 1.0f : 0.0f;
    const float change = step * (target - head.probabilities[o]);
    for (uint16_t i = 0; i < head.inputs; ++i) *delta++ += change * head.x[i];
    *delta++ += change;
  }
  return 1.0f - head.probabilities[label];
}

}  // namespace kernels
}  // namespace haltere
