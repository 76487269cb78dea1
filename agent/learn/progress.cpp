#include "agent/learn/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace haltere::agent {
namespace {

using learner::OnlineModel;
using learner::Task;

constexpr std::chrono::milliseconds terminal_period{200};
constexpr std::chrono::seconds plain_period{10};
constexpr std::size_t calls_between_looks = 64;  // at the clock
constexpr std::size_t bar_length = 20;

std::string figure_text(const OnlineModel& model) {
  std::array<char, 64> text{};
  switch (model.settings().task) {
    case Task::classify:
      std::snprintf(text.data(), text.size(), "accuracy %.1f %%",
                    100.0 * model.class_metrics().all().accuracy());
      break;
    case Task::regress:
      std::snprintf(text.data(), text.size(), "MAE %.4g", model.regression_metrics().all().mae());
      break;
    case Task::anomaly: return std::to_string(model.abnormal_rows()) + " alarms";
  }
  return text.data();
}

}  // namespace

std::string progress_text(std::size_t done, std::size_t rows, double seconds,
                          const OnlineModel& model) {
  std::array<char, 96> text{};
  const double share = rows == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(rows);
  const double rate_hz = seconds > 0.0 ? static_cast<double>(done) / seconds : 0.0;
  std::snprintf(text.data(), text.size(), "%.0f %%, %zu of %zu rows, %.0f rows/s, ", 100.0 * share,
                done, rows, rate_hz);
  const auto filled =
      std::min(bar_length, static_cast<std::size_t>(share * static_cast<double>(bar_length)));
  return '[' + std::string(filled, '#') + std::string(bar_length - filled, '-') + "] " +
         text.data() + figure_text(model);
}

LearnProgress::LearnProgress(std::size_t rows, bool wanted)
    : rows_(rows), wanted_(wanted), terminal_(isatty(STDERR_FILENO) == 1), next_(started_) {
  next_ += terminal_ ? Clock::duration(terminal_period) : Clock::duration(plain_period);
}

void LearnProgress::show(std::size_t done, const OnlineModel& model) {
  if (!wanted_ || ++calls_ % calls_between_looks != 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(terminal_period) : Clock::duration(plain_period));
  const std::chrono::duration<double> passed = now - started_;
  const std::string text = progress_text(done, rows_, passed.count(), model);
  std::fputs((terminal_ ? "\r\x1b[K" + text : text + "\n").c_str(), stderr);
  shown_ = true;
}

void LearnProgress::end() const {
  if (shown_ && terminal_) std::fputs("\r\x1b[K", stderr);
}

}  // namespace haltere::agent
