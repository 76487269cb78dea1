// What the device does with a sensor of its own, and what it says of that.
#include "mcu/firmware/runtime.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

bool Runtime::sense() {
  const uint8_t became = sensing_.take();
  if ((became & Sensing::frame_due) != 0) send_samples();
  if ((became & Sensing::window_due) != 0) judge_window();
  return became != 0;
}

void Runtime::judge_window() {
  Watch& watch = sensing_.watch();
  const float* features = watch.features(sensing_.sensor());
  kernels::quantize_inputs(model_, static_cast<const uint8_t*>(static_cast<const void*>(features)),
                           scratch());
  const kernels::Verdict verdict = judge_and_learn();
  ++counters_.inferences;
  count_healthy();
  const int16_t before = watch.debounce().decision();
  if (!watch.count(verdict, kernels::bundle_inputs(model_, scratch()))) return;
  decided_at_ = sensing_.next_sample() - 1;
  set_wake_line(true);
  if (reports_) report_change(before, watch.score(verdict.score));
}

void Runtime::report_change(int16_t before, float score) {
  link::ChangeNotice notice;
  notice.decision = sensing_.watch().debounce().decision();
  notice.before = before;
  notice.sample = decided_at_;
  notice.windows = sensing_.watch().windows();
  notice.model_version = model_.version;
  notice.score = score;
  link::ByteWriter payload = unasked_payload();
  encode(notice, payload);
  send_unasked(MessageType::changed, payload);
}

void Runtime::send_samples() {
  link::ByteWriter payload = unasked_payload();
  sensing_.write_frame(payload);
  send_unasked(MessageType::samples, payload);
}

link::ByteWriter Runtime::unasked_payload() const {
  const size_t room = memory_.content_bytes - link::header_bytes - link::frame_tag_bytes;
  return {memory_.reply + link::header_bytes, room};
}

// Of an enrolled device only its board may know; without a session nobody is there.
void Runtime::send_unasked(MessageType type, const link::ByteWriter& payload) {
  if (payload.overflow() || (vault_.enrolled() && !session_.active())) return;
  link::Frame frame;
  frame.type = static_cast<uint8_t>(type);
  frame.sequence = static_cast<uint16_t>(++unasked_number_);
  frame.payload_bytes = payload.size();
  if (vault_.enrolled()) {
    session_.send(frame, unasked_number_, link::Direction::unasked, memory_.reply, out_);
  } else {
    link::send_frame(frame, memory_.reply, out_);
  }
}

void Runtime::set_wake_line(bool raised) {
  wake_line_ = raised;
  if (platform_.wake != nullptr) platform_.wake(platform_.context, raised);
}

// A board that says hello wants nothing that another one asked for.
void Runtime::end_reports() {
  reports_ = false;
  sensing_.stream(0, 0.0f);
  unasked_number_ = 0;
}

Runtime::Outcome Runtime::dispatch_sensing(const link::Frame& request, link::ByteWriter& reply) {
  switch (static_cast<MessageType>(request.type)) {
    case MessageType::watch: return on_watch(request, reply);
    case MessageType::sensor: return on_sensor(request, reply);
    case MessageType::statistics: return on_statistics(request, reply);
    case MessageType::drift: return on_drift(request, reply);
    default: return {ErrorCode::unsupported, 0};
  }
}

Runtime::Outcome Runtime::on_watch(const link::Frame& request, link::ByteWriter& reply) {
  link::WatchRequest watch;
  if (!decode(request.payload, request.payload_bytes, watch)) return {ErrorCode::malformed, 0};
  if (watch.samples > 0 || sensing_.streaming()) {
    if (sensing_.sensor().channels == 0) return {ErrorCode::no_sensor, 0};
    if (!sensing_.stream(watch.samples, watch.rate_hz)) {
      return {ErrorCode::out_of_range, static_cast<uint32_t>(sensing_.sensor().most_hz)};
    }
  }
  reports_ = watch.report;
  if (watch.votes > 0) sensing_.watch().debounce().set(watch.votes, watch.of);
  link::WatchReply answer;
  sensing_.describe(answer);
  if (wake_line_) answer.state |= link::watch_wake_line;
  set_wake_line(false);
  encode(answer, reply);
  return {};
}

Runtime::Outcome Runtime::on_sensor(const link::Frame& request, link::ByteWriter& reply) const {
  if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
  const Sensor& sensor = sensing_.sensor();
  reply.u8(sensor.channels);
  reply.f32(sensor.most_hz);
  for (uint8_t i = 0; i < sensor.channels; ++i) {
    link::SensorChannelText text;
    for (size_t n = 0; n + 1 < sizeof text.name && sensor.channel[i].name[n] != '\0'; ++n) {
      text.name[n] = static_cast<uint8_t>(sensor.channel[i].name[n]);
    }
    reply.raw(text.name, sizeof text.name);
    reply.f32(sensor.channel[i].scale);
  }
  return {};
}

Runtime::Outcome Runtime::on_statistics(const link::Frame& request, link::ByteWriter& reply) {
  if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
  link::StatisticsReply answer;
  if (active_ != no_slot) {
    answer.model_version = model_.version;
    answer.model_hash = active_hash_;
  }
  sensing_.describe(answer);
  answer.since = decided_at_;
  encode(answer, reply);
  if (reply.overflow()) return {ErrorCode::too_big, answer.counts};
  set_wake_line(false);
  return {};
}

Runtime::Outcome Runtime::on_drift(const link::Frame& request, link::ByteWriter& reply) const {
  link::DriftRequest drift;
  if (!decode(request.payload, request.payload_bytes, drift)) return {ErrorCode::malformed, 0};
  const Watch& watch = sensing_.watch();
  const uint16_t inputs = watch.on() ? model_.inputs : uint16_t{0};
  reply.u32(watch.drift_windows());
  reply.u16(inputs);
  reply.u16(drift.first);
  constexpr size_t most = (link::min_content_bytes - link::header_bytes - link::frame_tag_bytes -
                           link::drift_header_bytes) /
                          8;
  for (size_t i = 0; i < most && drift.first + i < inputs; ++i) {
    const link::InputDrift value = watch.drift(static_cast<uint16_t>(drift.first + i));
    reply.f32(value.mean);
    reply.f32(value.deviation);
  }
  return {};
}

}  // namespace firmware
}  // namespace haltere
