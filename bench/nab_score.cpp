#include "bench/nab_score.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::bench {

namespace {

constexpr double false_alarm_weight = 0.11;

struct Window {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::vector<Window> windows_of(const NabFile& file) {
  std::vector<Window> windows;
  for (std::size_t i = 0; i < file.in_window.size(); ++i) {
    if (file.in_window[i] == 0) continue;
    if (i == 0 || file.in_window[i - 1] == 0) windows.push_back({i, i});
    windows.back().last = i;
  }
  return windows;
}

/// The benchmark's scaled sigmoid: 1 early in a window, 0 at its end, -1 long after it.
double sigmoid(double position) {
  return position > 3.0 ? -1.0 : 2.0 / (1.0 + std::exp(5.0 * position)) - 1.0;
}

std::vector<std::size_t> alarms_of(const NabFile& file, float threshold, std::size_t refractory) {
  std::vector<std::size_t> alarms;
  for (std::size_t i = nab_probation(file.scores.size()); i < file.scores.size(); ++i)
    if (file.scores[i] > threshold && (alarms.empty() || i > alarms.back() + refractory))
      alarms.push_back(i);
  return alarms;
}

/// The first alarm inside, by how early it is; -1 without any.
double score_window(const Window& window, std::span<const std::size_t> alarms) {
  const auto first = std::ranges::lower_bound(alarms, window.first);
  if (first == alarms.end() || *first > window.last) return -1.0;
  const double position = -static_cast<double>(window.last - *first + 1) /
                          static_cast<double>(window.last - window.first + 1);
  return sigmoid(position) / sigmoid(-1.0);
}

/// An alarm outside every window, by how soon after one it came.
double score_false_alarm(std::span<const Window> windows, std::size_t alarm) {
  const Window* before = nullptr;
  for (const Window& window : windows)
    if (window.last < alarm) before = &window;
  if (before == nullptr) return -false_alarm_weight;
  const double position =
      static_cast<double>(alarm - before->last) / static_cast<double>(before->last - before->first);
  return false_alarm_weight * sigmoid(position);
}

}  // namespace

std::size_t nab_probation(std::size_t rows) { return std::min<std::size_t>(rows * 15 / 100, 750); }

double nab_score(std::span<const NabFile> files, float threshold, std::size_t refractory_rows) {
  double raw = 0.0;
  double count = 0.0;
  for (const NabFile& file : files) {
    const std::vector<Window> windows = windows_of(file);
    const std::vector<std::size_t> alarms = alarms_of(file, threshold, refractory_rows);
    count += static_cast<double>(windows.size());
    for (const Window& window : windows) raw += score_window(window, alarms);
    for (const std::size_t alarm : alarms)
      if (file.in_window[alarm] == 0) raw += score_false_alarm(windows, alarm);
  }
  return 100.0 * (raw + count) / (2.0 * count);
}

}  // namespace haltere::bench
