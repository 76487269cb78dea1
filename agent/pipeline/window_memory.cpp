#include "agent/pipeline/window_memory.hpp"

#include <algorithm>

namespace haltere::agent {
namespace {

constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

bool overlap(const WantedLabel& a, const WantedLabel& b) {
  return a.from_ns <= b.until_ns && b.from_ns <= a.until_ns;
}

}  // namespace

WindowMemory::WindowMemory(std::size_t inputs, std::size_t most)
    : inputs_(inputs),
      capacity_(std::min(most, std::max<std::size_t>(most_bytes / (inputs * sizeof(float)), 1))),
      features_(capacity_ * inputs, 0.0F) {
  windows_.reserve(capacity_);
}

void WindowMemory::push(const KeptWindow& window, std::span<const float> features) {
  if (capacity_ == 0) return;
  std::size_t at = windows_.size();
  if (at < capacity_) {
    windows_.push_back(window);
  } else {
    at = oldest_;
    oldest_ = (oldest_ + 1) % capacity_;
    windows_[at] = window;
  }
  std::ranges::copy(features, features_.begin() + static_cast<std::ptrdiff_t>(at * inputs_));
}

void WindowMemory::visit(sensors::TimeNs from_ns, sensors::TimeNs until_ns,
                         const Visitor& visitor) {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const std::size_t at = (oldest_ + i) % windows_.size();
    KeptWindow& window = windows_[at];
    if (window.from_ns >= from_ns && window.until_ns <= until_ns) visitor(window, features(at));
  }
}

std::vector<WantedLabel> WindowMemory::wanted(const learner::OnlineModel& model,
                                              std::size_t most) const {
  std::vector<WantedLabel> candidates;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].number != 0) continue;
    const learner::Prediction now = model.ask(features(i));
    if (!now.valid) continue;
    candidates.push_back(
        {windows_[i].from_ns, windows_[i].until_ns, now.label, now.confidence, now.unknown});
  }
  std::ranges::stable_sort(candidates, [](const WantedLabel& a, const WantedLabel& b) {
    return a.unknown != b.unknown ? a.unknown : a.confidence < b.confidence;
  });
  std::vector<WantedLabel> wanted;
  for (const WantedLabel& candidate : candidates) {
    if (wanted.size() == most) break;
    const bool told = std::ranges::any_of(
        wanted, [&](const WantedLabel& other) { return overlap(candidate, other); });
    if (!told) wanted.push_back(candidate);
  }
  return wanted;
}

}  // namespace haltere::agent
