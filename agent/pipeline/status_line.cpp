#include "agent/pipeline/status_line.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cstdio>

namespace haltere::agent {
namespace {

constexpr std::chrono::milliseconds terminal_period{500};
constexpr std::chrono::seconds plain_period{5};

std::string model_text(const StatusFigures::Model& model) {
  std::string text =
      fmt::format(" | {}: {} windows, {} learned", model.id, model.windows, model.learned);
  if (model.accuracy) text += fmt::format(", accuracy {:.1f} %", 100.0 * *model.accuracy);
  if (!model.teacher.empty()) text += ", teacher " + model.teacher;
  return text;
}

std::string mcu_text(const StatusFigures::Mcu& mcu) {
  std::string text = " | " + mcu.id + ": ";
  if (!mcu.connected) return text + "not connected";
  text += mcu.model_version == 0 ? "no model" : "model v" + std::to_string(mcu.model_version);
  if (mcu.agreement) text += fmt::format(", agreement {:.1f} %", 100.0 * *mcu.agreement);
  return text;
}

}  // namespace

std::string status_text(const StatusFigures& figures, double rate_hz) {
  std::string text = fmt::format("{:.0f} samples/s", rate_hz);
  for (const std::string& sensor : figures.silent) text += " | " + sensor + ": no data";
  for (const StatusFigures::Model& model : figures.models) text += model_text(model);
  for (const StatusFigures::Mcu& mcu : figures.mcus) text += mcu_text(mcu);
  return text + fmt::format(" | {} dropped", figures.dropped);
}

StatusLine::StatusLine() : terminal_(isatty(STDERR_FILENO) == 1), next_(Clock::now()) {
  shown_ = next_;
  next_ += terminal_ ? Clock::duration(terminal_period) : Clock::duration(plain_period);
}

void StatusLine::show(const StatusFigures& figures, Clock::time_point now) {
  const std::chrono::duration<double> passed = now - shown_;
  const double rate_hz =
      passed.count() > 0.0 ? static_cast<double>(figures.samples - shown_samples_) / passed.count()
                           : 0.0;
  const std::string text = status_text(figures, rate_hz);
  // On a terminal the cursor goes back to the start: a log line then overwrites the status.
  std::fputs((terminal_ ? "\x1b[K" + text + "\r" : text + "\n").c_str(), stderr);
  shown_ = now;
  shown_samples_ = figures.samples;
  next_ = now + (terminal_ ? Clock::duration(terminal_period) : Clock::duration(plain_period));
}

void StatusLine::end() const {
  if (terminal_) std::fputs("\n", stderr);
}

}  // namespace haltere::agent
