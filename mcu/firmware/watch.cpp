#include "mcu/firmware/watch.hpp"

#include <string.h>

#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t most_drift_windows = 65536;

uint16_t counts_of(const kernels::BundleView& view) {
  switch (view.task) {
    case kernels::Task::classify: return static_cast<uint16_t>(view.label_count + 1);
    case kernels::Task::anomaly: return 3;
    case kernels::Task::regress: break;
  }
  return 2;
}

/// Floats of the samples that are features' to see at once: a channel's, or all for vectors.
uint32_t sample_floats(const kernels::RecipeView& recipe) {
  const uint32_t channels = kernels::has_vector_features(recipe) ? recipe.channel_count : 1U;
  return channels * recipe.window_samples;
}

/// Number of the sensor's channel that a recipe calls `name`; sensor.channels when it has none.
uint8_t find_channel(const char* name, const Sensor& sensor) {
  uint8_t i = 0;
  while (i < sensor.channels && strncmp(name, sensor.channel[i].name, kernels::name_bytes) != 0) {
    ++i;
  }
  return i;
}

/// Cuts the region into arrays; nothing is written.
class Carver {
 public:
  explicit Carver(uint8_t* region) : region_(region) {}

  template <typename T>
  T* take(size_t count) {
    T* array = static_cast<T*>(static_cast<void*>(region_ + used_));
    used_ += count * sizeof(T);
    return array;
  }
  size_t used() const { return used_; }

 private:
  uint8_t* region_;
  size_t used_ = 0;
};

}  // namespace

uint32_t Watch::region_bytes(const kernels::BundleView& view) {
  const kernels::RecipeView& recipe = view.recipe;
  const uint32_t words = uint32_t{3} * view.inputs + counts_of(view) + sample_floats(recipe) +
                         static_cast<uint32_t>(kernels::recipe_scratch_floats(recipe));
  const uint32_t ring = uint32_t{recipe.window_samples} * recipe.channel_count;
  return (4 * words + 2 * ring + recipe.channel_count + 7) / 8 * 8;
}

bool Watch::has_channels(const kernels::BundleView& view, const Sensor& sensor) {
  for (uint16_t i = 0; i < view.recipe.channel_count; ++i) {
    if (find_channel(kernels::recipe_channel_name(view.recipe, i), sensor) == sensor.channels) {
      return false;
    }
  }
  return view.recipe.channel_count > 0;
}

void Watch::start(const kernels::BundleView& view, const Sensor& sensor, uint8_t* region) {
  const Debounce kept = debounce_;
  *this = Watch();
  debounce_ = kept;
  debounce_.clear();
  view_ = view;
  on_ = true;
  window_samples_ = view.recipe.window_samples;
  counts_ = counts_of(view);
  memset(region, 0, region_bytes(view));
  Carver carver(region);
  sums_ = carver.take<int32_t>(view.inputs);
  squares_ = carver.take<uint32_t>(view.inputs);
  histogram_ = carver.take<uint32_t>(counts_);
  features_ = carver.take<float>(view.inputs);
  samples_ = carver.take<float>(sample_floats(view.recipe));
  scratch_ = carver.take<float>(kernels::recipe_scratch_floats(view.recipe));
  ring_ = carver.take<int16_t>(size_t{window_samples_} * view.recipe.channel_count);
  sensor_channel_ = carver.take<uint8_t>(view.recipe.channel_count);
  for (uint16_t i = 0; i < view.recipe.channel_count; ++i) {
    sensor_channel_[i] = find_channel(kernels::recipe_channel_name(view.recipe, i), sensor);
  }
  forget();
}

bool Watch::add(const int16_t* sample) {
  const uint16_t channels = view_.recipe.channel_count;
  int16_t* row = ring_ + size_t{next_} * channels;
  for (uint16_t i = 0; i < channels; ++i) row[i] = sample[sensor_channel_[i]];
  next_ = next_ + 1 == window_samples_ ? uint16_t{0} : static_cast<uint16_t>(next_ + 1);
  if (--due_ > 0) return false;
  due_ = view_.recipe.step_samples;
  return true;
}

// Channel by channel, so that one of them is there as floats at a time, unless vectors need all.
const float* Watch::features(const Sensor& sensor) {
  const kernels::RecipeView& recipe = view_.recipe;
  kernels::RecipeView one = recipe;
  one.channel_count = 1;
  const uint16_t channels = recipe.channel_count;
  const bool all = kernels::has_vector_features(recipe);
  for (uint16_t c = 0; c < channels; ++c) {
    float* samples = samples_ + (all ? size_t{c} * window_samples_ : 0);
    copy_channel(c, sensor, samples);
    kernels::evaluate_channels(one, samples, window_samples_,
                               features_ + size_t{c} * recipe.per_channel, scratch_);
  }
  if (all) {
    kernels::evaluate_vectors(recipe, samples_, window_samples_,
                              features_ + size_t{channels} * recipe.per_channel, scratch_);
  }
  return features_;
}

void Watch::copy_channel(uint16_t channel, const Sensor& sensor, float* samples) const {
  const float scale = sensor.channel[sensor_channel_[channel]].scale;
  uint16_t at = next_;
  for (uint16_t i = 0; i < window_samples_; ++i) {
    samples[i] =
        scale * static_cast<float>(ring_[size_t{at} * view_.recipe.channel_count + channel]);
    at = at + 1 == window_samples_ ? uint16_t{0} : static_cast<uint16_t>(at + 1);
  }
}

bool Watch::count(const kernels::Verdict& verdict, const int8_t* inputs) {
  ++windows_;
  const bool known = verdict.label >= 0 && verdict.label < counts_ - 1;
  ++histogram_[known ? verdict.label : counts_ - 1];
  score_sum_ += verdict.score;
  count_inputs(inputs);
  const bool changed = debounce_.take(verdict.label);
  if (changed) ++changes_;
  return changed;
}

void Watch::count_inputs(const int8_t* inputs) {
  if (drift_windows_ == most_drift_windows) {
    drift_windows_ /= 2;
    for (uint16_t i = 0; i < view_.inputs; ++i) {
      sums_[i] /= 2;
      squares_[i] /= 2;
    }
  }
  ++drift_windows_;
  for (uint16_t i = 0; i < view_.inputs; ++i) {
    const int32_t q = int32_t{inputs[i]} - view_.input_zero_point;
    sums_[i] += q;
    squares_[i] += static_cast<uint32_t>(q * q);
    if (inputs[i] == INT8_MIN || inputs[i] == INT8_MAX) ++saturated_;
  }
}

float Watch::score(int32_t score) const {
  if (view_.task != kernels::Task::classify) return static_cast<float>(score);
  return view_.output_scale * static_cast<float>(score - view_.output_zero_point);
}

float Watch::mean_score() const {
  if (windows_ == 0) return 0.0f;
  const float mean = static_cast<float>(score_sum_) / static_cast<float>(windows_);
  if (view_.task != kernels::Task::classify) return mean;
  return view_.output_scale * (mean - static_cast<float>(view_.output_zero_point));
}

link::InputDrift Watch::drift(uint16_t index) const {
  link::InputDrift drift;
  if (drift_windows_ == 0 || index >= view_.inputs) return drift;
  const auto n = static_cast<float>(drift_windows_);
  const float mean = static_cast<float>(sums_[index]) / n;
  const float square = static_cast<float>(squares_[index]) / n;
  const float variance = square > mean * mean ? square - mean * mean : 0.0f;
  drift.mean = view_.input_scale * mean;
  drift.deviation = view_.input_scale * kernels::square_root_f32(variance);
  return drift;
}

}  // namespace firmware
}  // namespace haltere
