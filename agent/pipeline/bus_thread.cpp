#include "agent/pipeline/bus_thread.hpp"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr TimeNs ns_per_s = 1'000'000'000;
constexpr TimeNs longest_wait_ns = 60 * ns_per_s;

}  // namespace

TimeNs monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<TimeNs>(now.tv_sec) * ns_per_s + now.tv_nsec;
}

BusThread::BusThread(std::vector<std::unique_ptr<SensorKeeper>> keepers, std::size_t queue_samples,
                     const sensors::Doorbell& pipeline)
    : keepers_(std::move(keepers)),
      ready_(keepers_.size(), 0),
      queue_(queue_samples),
      pipeline_(pipeline) {}

BusThread::~BusThread() { stop(); }

void BusThread::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void BusThread::stop() {
  thread_.request_stop();
  stop_bell_.ring();
  if (thread_.joinable()) thread_.join();
}

void BusThread::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    service();
    wait();
  }
}

void BusThread::wait() {
  std::vector<pollfd> waits;
  TimeNs due_ns = monotonic_ns() + longest_wait_ns;
  for (const auto& keeper : keepers_) {
    const SensorKeeper::Next next = keeper->next();
    waits.push_back({next.fd, POLLIN, 0});  // poll passes over -1
    due_ns = std::min(due_ns, next.due_ns);
  }
  waits.push_back({stop_bell_.fd(), POLLIN, 0});
  const TimeNs left_ns = std::max<TimeNs>(due_ns - monotonic_ns(), 0);
  const timespec timeout{.tv_sec = static_cast<time_t>(left_ns / ns_per_s),
                         .tv_nsec = static_cast<long>(left_ns % ns_per_s)};
  ppoll(waits.data(), waits.size(), &timeout, nullptr);
  for (std::size_t i = 0; i < keepers_.size(); ++i) ready_[i] = waits[i].revents != 0 ? 1 : 0;
}

void BusThread::service() {
  samples_.clear();
  for (std::size_t i = 0; i < keepers_.size(); ++i) {
    keepers_[i]->service(monotonic_ns(), ready_[i] != 0, samples_);
    ready_[i] = 0;
  }
  if (samples_.empty()) return;
  for (const sensors::Sample& sample : samples_) queue_.push(sample);
  pipeline_.ring();
}

}  // namespace haltere::agent
