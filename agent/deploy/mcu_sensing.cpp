// What a microcontroller does with a sensor of its own.
#include <algorithm>

#include "agent/deploy/mcu_link.hpp"

namespace haltere::agent {

Result<link::WatchReply> McuLink::watch(const link::WatchRequest& request) {
  return ask_for<link::WatchReply>(link::MessageType::watch, request);
}

Result<link::SensorReply> McuLink::sensor() {
  return ask_for<link::SensorReply>(link::MessageType::sensor, EmptyRequest{});
}

Result<McuStatistics> McuLink::statistics() {
  auto reply = ask_for<link::StatisticsReply>(link::MessageType::statistics, EmptyRequest{});
  if (!reply) return reply.error();
  McuStatistics statistics;
  statistics.counts = *reply;
  link::ByteReader reader(reply->histogram, std::size_t{4} * reply->counts);
  for (int i = 0; i < reply->counts; ++i) statistics.histogram.push_back(reader.u32());
  statistics.counts.histogram = nullptr;
  for (;;) {
    auto more = read_drift(statistics);
    if (!more) return more.error();
    if (!*more) return statistics;
  }
}

// The next inputs' drift; false when there are none.
Result<bool> McuLink::read_drift(McuStatistics& statistics) {
  const link::DriftRequest request{static_cast<std::uint16_t>(statistics.drift.size())};
  auto reply = ask_for<link::DriftReply>(link::MessageType::drift, request);
  if (!reply) return reply.error();
  if (reply->first != request.first) return nonsense();
  statistics.drift_windows = reply->windows;
  link::ByteReader reader(reply->values, 8 * reply->count);
  for (std::size_t i = 0; i < reply->count; ++i) {
    link::InputDrift drift;
    drift.mean = reader.f32();
    drift.deviation = reader.f32();
    statistics.drift.push_back(drift);
  }
  return reply->count > 0 && statistics.drift.size() < reply->inputs;
}

Result<bool> McuLink::listen(std::chrono::milliseconds longest) {
  const auto deadline = channel_.now() + longest;
  for (;;) {
    auto frame = channel_.receive_or_notice(deadline);
    if (!frame) return frame.error();
    if (!frame->has_value()) return true;
    if (is_boot_notice(**frame)) return false;
    ++channel_.traffic().ignored_frames;
  }
}

}  // namespace haltere::agent
