#include "agent/deploy/mcu_link.hpp"

#include <algorithm>
#include <utility>

#include "agent/deploy/mcu_text.hpp"

namespace haltere::agent {
std::chrono::milliseconds LinkPatience::of_attempt(int attempt) const {
  auto patience = reply_timeout;
  for (int i = 0; i < attempt && patience < longest_timeout; ++i) patience *= 2;
  return std::min(patience, longest_timeout);
}

bool is_reply_to(link::MessageType type, const link::Frame& frame) {
  return frame.type == (static_cast<std::uint8_t>(type) | link::reply_bit);
}

bool is_boot_notice(const link::Frame& frame) {
  link::BootNotice notice;
  return frame.type == static_cast<std::uint8_t>(link::MessageType::booted) &&
         decode(frame.payload, frame.payload_bytes, notice);
}

link::ErrorReply refusal_of(link::MessageType type, const link::Frame& frame) {
  link::ErrorReply error;
  const bool good = frame.type == static_cast<std::uint8_t>(link::MessageType::error) &&
                    decode(frame.payload, frame.payload_bytes, error) &&
                    error.request == static_cast<std::uint8_t>(type);
  return good ? error : link::ErrorReply{};
}

McuLink::McuLink(std::unique_ptr<sensors::SerialPort> port, std::string name, LinkPatience patience,
                 std::stop_token stop, LinkTime time)
    : channel_(std::move(port), std::move(name), std::move(stop), std::move(time)),
      patience_(patience) {}

Error McuLink::refusal(const link::ErrorReply& error) const {
  return Error{ErrorKind::refused, "mcu '" + channel_.name() + "' refuses: " + describe(error)};
}

Error McuLink::nonsense() const {
  return Error{ErrorKind::corrupt, "mcu '" + channel_.name() + "' gave an answer of a wrong form"};
}

Error McuLink::silence() const {
  return Error{ErrorKind::timeout, "mcu '" + channel_.name() +
                                       "' does not answer; is Haltere's firmware on it, and the "
                                       "baud rate right?"};
}

// The answer to request `sequence` of `type`; nothing when the frame is another.
std::optional<McuLink::Answer> McuLink::answer_in(const link::Frame& frame, link::MessageType type,
                                                  std::uint16_t sequence) {
  if (frame.sequence != sequence || frame.flags != 0) return std::nullopt;
  if (is_reply_to(type, frame)) return Answer{frame, {}};
  const link::ErrorReply error = refusal_of(type, frame);
  if (error.code == link::ErrorCode::none) return std::nullopt;
  return Answer{frame, error};
}

Result<McuLink::Answer> McuLink::await_answer(link::MessageType type, std::uint16_t sequence,
                                              Clock::time_point deadline) {
  for (;;) {
    auto frame = channel_.receive(deadline);
    if (!frame) return frame.error();
    if (!frame->has_value()) return silence();
    const link::Frame& reply = **frame;
    // What was asked before the start is lost; a hello may have come after it.
    if (is_boot_notice(reply) && type != link::MessageType::hello) return silence();
    if (auto answer = answer_in(reply, type, sequence)) return *answer;
    ++channel_.traffic().ignored_frames;
  }
}

/// After a request that nobody answered, before it is said again.
Status McuLink::recover() {
  // Half a request may have got there: end it, or it would swallow the next one.
  if (auto ended = channel_.send_end_marker(); !ended) return ended.error();
  // It may have been reset, and the session with it.
  if (!channel_.in_session()) return {};
  if (auto there = hello(); !there) return there.error();
  return {};
}

Result<McuLink::Answer> McuLink::exchange(link::MessageType type,
                                          std::span<const std::uint8_t> payload) {
  const std::uint16_t sequence = ++sequence_;
  for (int attempt = 0; attempt < patience_.attempts; ++attempt) {
    if (attempt > 0) ++channel_.traffic().repeated_requests;
    auto sent = channel_.send(type, sequence, payload);
    if (!sent) return sent.error();
    auto answer = await_answer(type, *sent, channel_.now() + patience_.of_attempt(attempt));
    if (answer || answer.error().kind != ErrorKind::timeout) return answer;
    if (const Status ready = recover(); !ready) return ready.error();
  }
  return silence();
}

Result<McuInfo> McuLink::hello() {
  if (auto sent = channel_.send_end_marker(); !sent) return sent.error();
  channel_.end_session();
  link::HelloRequest request;
  if (keys_) fill_random(request.nonce);
  auto answer = ask(link::MessageType::hello, request);
  if (!answer) return answer.error();
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  McuInfo info;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, info) ||
      info.max_content_bytes < link::min_content_bytes || info.window_frames == 0) {
    return nonsense();
  }
  info_ = info;
  if (auto joined = join(request.nonce, answer->frame); !joined) return joined.error();
  return info_;
}

Result<McuLink::Answer> McuLink::ask_with_values(link::MessageType type,
                                                 std::span<const float> values) {
  std::vector<std::uint8_t> payload(4 * values.size());
  if (link::header_bytes + payload.size() + trailer_bytes() > info_.max_content_bytes) {
    return Error{ErrorKind::invalid, std::to_string(values.size()) +
                                         " values do not fit a frame of mcu '" + channel_.name() +
                                         "', which holds " +
                                         std::to_string(info_.max_content_bytes) + " bytes"};
  }
  link::ByteWriter writer(payload.data(), payload.size());
  for (const float value : values) writer.f32(value);
  auto answer = exchange(type, payload);
  if (answer && answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  return answer;
}

Result<Inference> McuLink::infer(std::span<const float> features) {
  auto answer = ask_with_values(link::MessageType::infer, features);
  if (!answer) return answer.error();
  link::InferReply reply;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, reply)) return nonsense();
  Inference inference;
  inference.model_version = reply.model_version;
  inference.model_hash = reply.model_hash;
  inference.verdict = reply.verdict;
  inference.outputs.resize(reply.output_count);
  std::transform(reply.outputs, reply.outputs + reply.output_count, inference.outputs.begin(),
                 [](std::uint8_t byte) { return static_cast<std::int8_t>(byte); });
  return inference;
}

Result<std::vector<float>> McuLink::extract(std::span<const float> window) {
  auto answer = ask_with_values(link::MessageType::extract, window);
  if (!answer) return answer.error();
  if (answer->frame.payload_bytes % 4 != 0) return nonsense();
  std::vector<float> features(answer->frame.payload_bytes / 4);
  link::ByteReader reader(answer->frame.payload, answer->frame.payload_bytes);
  for (float& feature : features) feature = reader.f32();
  return features;
}

Result<link::StatusReply> McuLink::status() {
  return ask_for<link::StatusReply>(link::MessageType::status, EmptyRequest{});
}

Result<ActiveModel> McuLink::rollback() {
  auto reply = ask_for<link::RollbackReply>(link::MessageType::rollback,
                                            link::HashRequest{info_.model_hash});
  if (!reply) return reply.error();
  info_.active_slot = reply->slot;
  info_.model_version = reply->model_version;
  info_.model_hash = reply->model_hash;
  info_.previous_hash = 0;
  return ActiveModel{reply->slot, reply->model_version, reply->model_hash};
}

Result<link::BenchReply> McuLink::bench(std::uint32_t count, std::chrono::milliseconds limit,
                                        link::BenchSubject what) {
  // Asked once: a repeated request would run everything again.
  const LinkPatience usual = std::exchange(patience_, {limit, limit, 1});
  auto reply = ask_for<link::BenchReply>(link::MessageType::bench, link::BenchRequest{count, what});
  patience_ = usual;
  return reply;
}

Status McuLink::reset() {
  auto answer = ask(link::MessageType::reset, EmptyRequest{});
  if (!answer) return answer.error();
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  return {};
}

}  // namespace haltere::agent
