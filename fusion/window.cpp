#include "fusion/window.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "fusion/window_check.hpp"
#include "fusion/window_features.hpp"
#include "models/kernels/feature_name.hpp"
#include "models/kernels/recipe_window.hpp"
#include "models/kernels/recipe_writer.hpp"

namespace haltere::fusion {
namespace {

/// The first name_bytes of `name`, not cutting a UTF-8 character in two.
kernels::RecipeChannel recipe_channel(const sensors::Channel& channel) {
  kernels::RecipeChannel out{};
  std::size_t size = std::min(channel.name.size(), kernels::name_bytes);
  const auto continues = [&](std::size_t i) {
    return i < channel.name.size() &&
           (static_cast<unsigned char>(channel.name[i]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues(size)) --size;
  std::copy_n(channel.name.begin(), size, std::begin(out.name));
  out.quantity = static_cast<std::uint8_t>(channel.quantity);
  return out;
}

std::vector<std::uint8_t> recipe_of(const WindowSettings& settings, const sensors::Layout& row) {
  std::vector<kernels::RecipeChannel> channels;
  channels.reserve(row.channels.size());
  for (const auto& channel : row.channels) channels.push_back(recipe_channel(channel));
  const bool of_vectors = std::ranges::any_of(
      settings.features, [](const auto& feature) { return kernels::is_of_vector(feature.kind); });
  const std::vector<std::uint8_t> vectors = vectors_of(row);
  for (std::size_t i = 0; of_vectors && i < channels.size(); ++i) channels[i].vector = vectors[i];
  const WindowExtent extent = window_extent(settings, row.rate_hz);
  const kernels::RecipeContents contents{
      .rate_hz = static_cast<float>(row.rate_hz),
      .window_samples = static_cast<std::uint16_t>(extent.samples),
      .step_samples = static_cast<std::uint16_t>(extent.step),
      .channels = channels.data(),
      .channel_count = static_cast<std::uint16_t>(channels.size()),
      .features = settings.features.data(),
      .feature_count = static_cast<std::uint8_t>(settings.features.size()),
      .taper = settings.taper};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Window>> Window::create(const WindowSettings& settings,
                                               const sensors::Layout& row) {
  if (const auto problem = check_window(settings, row))
    return Error{ErrorKind::invalid, problem->message};
  std::unique_ptr<Window> window(new Window);
  window->recipe_ = recipe_of(settings, row);
  kernels::RecipeView& view = window->view_;
  if (!kernels::open_recipe(window->recipe_.data(), window->recipe_.size(), view))
    return Error{ErrorKind::invalid,
                 "a channel of the window has no usable name: it must be UTF-8, not empty"};
  const std::size_t samples = view.window_samples;
  window->rows_.resize(2 * samples * view.channel_count);
  window->times_.resize(samples);
  window->features_.resize(view.inputs);
  window->scratch_.resize(kernels::recipe_scratch_floats(view));
  const bool of_order = std::ranges::any_of(
      settings.features, [](const auto& feature) { return kernels::needs_order(feature.kind); });
  if (of_order && settings.trigger.channels == 0 && WindowOrder::pays(samples, view.step_samples))
    window->order_.emplace(view.channel_count, samples, view.step_samples);
  if (settings.trigger.channels == 0 && WindowSums::pays(samples, view.step_samples))
    window->sums_.emplace(view);
  window->trigger_ = settings.trigger;
  window->trigger_.before_samples = samples_before(settings, row.rate_hz);
  window->since_event_ = view.step_samples;
  window->forget();
  return window;
}

/// What comes next has nothing to do with what was.
void Window::forget() {
  due_ = trigger_.channels > 0 ? 0 : view_.window_samples;
  known_ = 0;
  was_above_ = false;
  if (order_) order_->forget();
  if (sums_) sums_->forget();
}

void Window::keep(sensors::TimeNs time_ns, std::span<const float> values) {
  const std::size_t samples = view_.window_samples;
  times_[next_] = time_ns;
  float* slot = rows_.data() + next_;
  for (const float value : values) {
    slot[0] = value;
    slot[samples] = value;
    slot += 2 * samples;
  }
  next_ = next_ + 1 == samples ? 0 : next_ + 1;
  known_ = std::min(known_ + 1, samples);
}

/// Whether the trigger rises above its limit in this row. One that does so without pause is one
/// event.
bool Window::is_event(std::span<const float> trigger) {
  float square = 0.0F;
  for (const float value : trigger) square += value * value;
  const bool above = square > trigger_.above * trigger_.above;  // never of a missing value
  const bool rises = above && !was_above_;
  was_above_ = above;
  since_event_ = std::min<std::size_t>(since_event_ + 1, view_.step_samples);
  if (!rises || due_ > 0 || since_event_ < view_.step_samples) return false;
  since_event_ = 0;
  return known_ > trigger_.before_samples;
}

bool Window::is_due(std::span<const float> trigger) {
  if (trigger_.channels > 0 && is_event(trigger))
    due_ = view_.window_samples - trigger_.before_samples;
  if (due_ == 0 || --due_ > 0) return false;
  if (trigger_.channels == 0) due_ = view_.step_samples;
  return true;
}

bool Window::update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) {
  assert(row.size() == view_.channel_count + trigger_.channels);
  const auto values = row.first(view_.channel_count);
  const bool usable = std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
  if (starts_segment || !usable) forget();
  if (!usable) {
    ++unusable_rows_;
    return false;
  }
  keep(time_ns, values);
  if (!is_due(row.subspan(view_.channel_count))) return false;
  const float* samples = rows_.data() + next_;
  const std::size_t stride = 2 * std::size_t{view_.window_samples};
  const float* sorted = order_ ? order_->move(samples, stride) : nullptr;
  if (sums_) sums_->move(samples, stride);
  const kernels::WindowView window{samples, stride, sorted, sums_ ? sums_->panes() : nullptr,
                                   sums_ ? sums_->pairs() : nullptr};
  kernels::evaluate_window(view_, window, features_.data(), scratch_.data());
  return true;
}

std::span<const float> Window::samples(std::size_t channel) const {
  const std::size_t count = view_.window_samples;
  return std::span(rows_).subspan(2 * count * channel + next_, count);
}

sensors::TimeNs Window::first_time_ns() const { return times_[next_]; }

sensors::TimeNs Window::last_time_ns() const {
  return times_[(next_ == 0 ? times_.size() : next_) - 1];
}

sensors::Layout Window::layout() const {
  sensors::Layout layout;
  if (trigger_.channels == 0)
    layout.rate_hz = static_cast<double>(view_.rate_hz) / view_.step_samples;
  std::array<char, kernels::input_name_bytes> name{};
  for (std::uint16_t i = 0; i < view_.inputs; ++i) {
    kernels::input_name(view_, i, name.data());
    layout.channels.push_back({name.data()});
  }
  return layout;
}

}  // namespace haltere::fusion
