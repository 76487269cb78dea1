#include "fusion/window.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>

#include "fusion/window_check.hpp"
#include "models/kernels/feature_name.hpp"
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
  const WindowExtent extent = window_extent(settings, row.rate_hz);
  const kernels::RecipeContents contents{
      .rate_hz = static_cast<float>(row.rate_hz),
      .window_samples = static_cast<std::uint16_t>(extent.samples),
      .step_samples = static_cast<std::uint16_t>(extent.step),
      .channels = channels.data(),
      .channel_count = static_cast<std::uint16_t>(channels.size()),
      .features = settings.features.data(),
      .feature_count = static_cast<std::uint8_t>(settings.features.size())};
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
  window->due_ = samples;
  return window;
}

bool Window::update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) {
  assert(row.size() == view_.channel_count);
  const std::size_t samples = view_.window_samples;
  if (starts_segment) due_ = samples;
  times_[next_] = time_ns;
  float* slot = rows_.data() + next_;
  for (const float value : row) {
    slot[0] = value;
    slot[samples] = value;
    slot += 2 * samples;
  }
  next_ = next_ + 1 == samples ? 0 : next_ + 1;
  if (--due_ > 0) return false;
  due_ = view_.step_samples;
  kernels::evaluate_recipe(view_, rows_.data() + next_, 2 * samples, features_.data(),
                           scratch_.data());
  return true;
}

sensors::TimeNs Window::first_time_ns() const { return times_[next_]; }

sensors::TimeNs Window::last_time_ns() const {
  return times_[(next_ == 0 ? times_.size() : next_) - 1];
}

sensors::Layout Window::layout() const {
  sensors::Layout layout;
  layout.rate_hz = static_cast<double>(view_.rate_hz) / view_.step_samples;
  std::array<char, kernels::input_name_bytes> name{};
  for (std::uint16_t i = 0; i < view_.inputs; ++i) {
    kernels::input_name(view_, i, name.data());
    layout.channels.push_back({name.data()});
  }
  return layout;
}

}  // namespace haltere::fusion
