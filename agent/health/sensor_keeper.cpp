#include "agent/health/sensor_keeper.hpp"

#include <spdlog/spdlog.h>

#include <limits>

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr int failures_before_reopening = 5;
constexpr TimeNs never_ns = std::numeric_limits<TimeNs>::max();

TimeNs to_ns(std::chrono::nanoseconds duration) { return duration.count(); }

}  // namespace

SensorKeeper::SensorKeeper(std::string id, std::uint16_t index, Open open, bool maps_clock)
    : id_(std::move(id)), index_(index), open_(std::move(open)) {
  if (maps_clock) clock_.emplace();
}

SensorKeeper::Next SensorKeeper::next() const {
  if (sensor_ == nullptr) return {.fd = -1, .due_ns = due_ns_};
  const sensors::Wake wake = sensor_->wake();
  const bool timed = wake.period.count() > 0 || failures_in_a_row_ > 0;
  // After a failure the line may stay readable for ever: wait for the time instead of spinning.
  return {.fd = failures_in_a_row_ > 0 ? -1 : wake.fd, .due_ns = timed ? due_ns_ : never_ns};
}

void SensorKeeper::service(TimeNs now_ns, bool fd_ready, std::vector<sensors::Sample>& samples) {
  if (!fd_ready && now_ns < next().due_ns) return;
  if (sensor_ == nullptr) {
    open(now_ns);
  } else {
    read(now_ns, samples);
  }
  publish();
}

void SensorKeeper::open(TimeNs now_ns) {
  auto opened = open_();
  if (!opened) return fail(now_ns, opened.error());
  sensor_ = std::move(opened).value();
  due_ns_ = now_ns;
  starts_segment_ = was_open_;
  if (was_open_) {
    const std::scoped_lock lock(mutex_);
    ++health_.reopened;
  }
  was_open_ = true;
}

void SensorKeeper::read(TimeNs now_ns, std::vector<sensors::Sample>& samples) {
  const std::size_t before = samples.size();
  const Status status = sensor_->read(now_ns, samples);
  for (std::size_t i = before; i < samples.size(); ++i) samples[i].sensor = index_;
  if (samples.size() > before) {
    samples[before].starts_segment = samples[before].starts_segment || starts_segment_;
    starts_segment_ = false;
  }
  if (clock_) map_clock(now_ns, std::span(samples).subspan(before));
  if (!status) return fail(now_ns, status.error());
  failures_in_a_row_ = 0;
  due_ns_ = now_ns + to_ns(sensor_->wake().period);
  // A device that opens but never says anything is not well yet.
  if (samples.size() == before) return;
  backoff_.reset();
  report({});
}

void SensorKeeper::map_clock(TimeNs now_ns, std::span<sensors::Sample> samples) {
  for (sensors::Sample& sample : samples) {
    const std::uint64_t restarts = clock_->restarts();
    sample.time_ns = clock_->stamp(sample.time_ns, now_ns);
    sample.starts_segment = sample.starts_segment || clock_->restarts() > restarts;
  }
}

void SensorKeeper::fail(TimeNs now_ns, const Error& error) {
  ++failures_in_a_row_;
  report(error.message);
  const bool gone = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::not_found;
  if (gone || failures_in_a_row_ >= failures_before_reopening) close();
  const bool retry_soon = sensor_ != nullptr;
  due_ns_ = now_ns + to_ns(retry_soon ? Backoff::first : backoff_.next(error.kind));
}

void SensorKeeper::close() {
  if (sensor_ == nullptr) return;
  const sensors::SensorCounters& counters = sensor_->counters();
  past_.samples += counters.samples;
  past_.rejected += counters.rejected;
  past_.lost += counters.lost;
  sensor_.reset();
  failures_in_a_row_ = 0;
}

void SensorKeeper::report(const std::string& problem) {
  if (problem == problem_) return;
  if (problem.empty()) {
    spdlog::info("sensor '{}' is back", id_);
  } else {
    spdlog::warn("sensor '{}': {}; trying again", id_, problem);
  }
  problem_ = problem;
}

void SensorKeeper::publish() {
  const std::scoped_lock lock(mutex_);
  health_.counters = past_;
  health_.connected = sensor_ != nullptr && problem_.empty();
  if (!problem_.empty()) health_.last_fault = problem_;
  if (sensor_ == nullptr) return;
  const sensors::SensorCounters& counters = sensor_->counters();
  health_.counters.samples += counters.samples;
  health_.counters.rejected += counters.rejected;
  health_.counters.lost += counters.lost;
  if (!sensor_->last_rejection().empty()) health_.last_fault = sensor_->last_rejection();
}

SensorHealth SensorKeeper::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

}  // namespace haltere::agent
