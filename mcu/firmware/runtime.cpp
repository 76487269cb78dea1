#include "mcu/firmware/runtime.hpp"

#include "models/kernels/layer_kinds.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

Runtime::Runtime(const Platform& platform, const Memory& memory, const Storage& storage,
                 const link::ByteSink& out)
    : platform_(platform),
      memory_(memory),
      slots_(storage),
      out_(out),
      decoder_(memory.received, memory.content_bytes),
      model_(),
      sensing_(platform_, memory_),
      vault_(storage) {}

void Runtime::boot() {
  vault_.open();
  decoder_.allow_sealed(vault_.enrolled());
  may_begin_session_ = vault_.enrolled() && vault_.count_boot();
  load_newest();
  announce();
}

void Runtime::announce() {
  const uint8_t end_marker = 0;
  out_.write(out_.context, &end_marker, 1);
  link::ByteWriter payload(memory_.reply + link::header_bytes, 4);
  link::BootNotice notice;
  notice.boots = vault_.enrolled() ? vault_.boots() : platform_.boots;
  encode(notice, payload);
  link::Frame frame;
  frame.type = static_cast<uint8_t>(MessageType::booted);
  frame.payload_bytes = payload.size();
  link::send_frame(frame, memory_.reply, out_);
}

// A model that a start found on trial had its chance: true when the one before runs instead.
bool Runtime::end_trial() {
  const int newest = slots_.newest(no_slot);
  if (newest == no_slot || !slots_.record(newest).on_trial()) return false;
  const int before = slots_.newest(newest);
  kernels::BundleView view;
  if (before == no_slot || verify(before).error != ErrorCode::none ||
      load(before, view).error != ErrorCode::none) {
    return false;
  }
  ++counters_.boot_fallbacks;
  slots_.retire(newest);
  make_active(before, view);
  return true;
}

void Runtime::load_newest() {
  if (end_trial()) return;
  for (int tried = 0; tried < slot_count; ++tried) {
    const int slot = slots_.newest(no_slot);
    if (slot == no_slot) return;
    kernels::BundleView view;
    if (load(slot, view).error == ErrorCode::none) return make_active(slot, view);
    ++counters_.boot_fallbacks;
    slots_.retire(slot);
  }
}

void Runtime::take(uint8_t byte) {
  if (decoder_.take(byte)) answer(decoder_.frame());
}

void Runtime::answer(const link::Frame& request) {
  sealed_ = vault_.enrolled() && (request.flags & link::sealed_flag) != 0;
  if (sealed_ && !open_sealed(request)) return;
  const size_t room = memory_.content_bytes - link::header_bytes -
                      (sealed_ ? link::frame_tag_bytes : link::crc_bytes);
  link::ByteWriter reply(memory_.reply + link::header_bytes, room);
  silent_ = false;
  Outcome outcome = permit(request);
  if (outcome.error == ErrorCode::none) outcome = dispatch(request, reply);
  if (outcome.error == ErrorCode::none) {
    if (!silent_) send(static_cast<uint8_t>(request.type | link::reply_bit), reply);
    // What was sealed under the key before ends with its answer.
    if (request.type == static_cast<uint8_t>(MessageType::enroll)) session_.end();
    return;
  }
  ++counters_.refused_requests;
  link::ByteWriter refusal(memory_.reply + link::header_bytes, room);
  link::ErrorReply error;
  error.request = request.type;
  error.code = outcome.error;
  error.detail = outcome.detail;
  encode(error, refusal);
  send(static_cast<uint8_t>(MessageType::error), refusal);
}

void Runtime::send(uint8_t type, const link::ByteWriter& reply) {
  link::Frame frame;
  frame.type = type;
  frame.sequence = decoder_.frame().sequence;
  frame.payload_bytes = reply.size();
  if (sealed_) {
    session_.send(frame, frame_number_, link::Direction::to_board, memory_.reply, out_);
  } else {
    link::send_frame(frame, memory_.reply, out_);
  }
}

Runtime::Outcome Runtime::dispatch(const link::Frame& request, link::ByteWriter& reply) {
  switch (static_cast<MessageType>(request.type)) {
    case MessageType::hello: return on_hello(request, reply);
    case MessageType::begin: return on_begin(request, reply);
    case MessageType::data: return on_data(request, reply);
    case MessageType::commit: return on_commit(request, reply);
    case MessageType::activate: return on_activate(request, reply);
    case MessageType::rollback: return on_rollback(request, reply);
    case MessageType::status: return on_status(request, reply);
    case MessageType::enroll: return on_enroll(request);
    case MessageType::infer:
    case MessageType::extract:
    case MessageType::prove:
    case MessageType::study:
    case MessageType::label:
    case MessageType::teach:
    case MessageType::pull:
    case MessageType::bench: return dispatch_model(request, reply);
    case MessageType::watch:
    case MessageType::sensor:
    case MessageType::statistics:
    case MessageType::drift: return dispatch_sensing(request, reply);
    case MessageType::reset:
      if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
      reset_requested_ = true;
      return {};
    case MessageType::booted:
    case MessageType::samples:
    case MessageType::changed:
    case MessageType::error: break;
  }
  return {ErrorCode::unsupported, 0};
}

// Requests that need a model.
Runtime::Outcome Runtime::dispatch_model(const link::Frame& request, link::ByteWriter& reply) {
  if (active_ == no_slot) return {ErrorCode::no_model, 0};
  const auto type = static_cast<MessageType>(request.type);
  if (type == MessageType::infer) return on_infer(request, reply);
  if (type == MessageType::extract) return on_extract(request, reply);
  if (type == MessageType::prove) return on_prove(request, reply);
  if (type == MessageType::bench) return on_bench(request, reply);
  return dispatch_study(request, reply);
}

Runtime::Outcome Runtime::on_hello(const link::Frame& request, link::ByteWriter& reply) {
  link::HelloRequest hello;
  if (!decode(request.payload, request.payload_bytes, hello)) return {ErrorCode::malformed, 0};
  if (hello.protocol != link::protocol_version) {
    return {ErrorCode::unsupported, link::protocol_version};
  }
  link::HelloReply answer;
  answer.core = platform_.core;
  answer.reset_reason = platform_.reset_reason;
  answer.bundle_format = static_cast<uint8_t>(kernels::bundle_format_version);
  answer.max_content_bytes = static_cast<uint16_t>(memory_.content_bytes);
  answer.window_frames = memory_.window_frames;
  answer.firmware_version = firmware_version;
  answer.packings = kernels::layer_packings;
  answer.ram_bytes = static_cast<uint32_t>(memory_.arena_bytes);
  answer.slot_bytes = slots_.capacity_bytes();
  answer.boots = vault_.enrolled() ? vault_.boots() : platform_.boots;
  if (active_ != no_slot) {
    answer.active_slot = static_cast<uint8_t>(active_);
    answer.model_version = model_.version;
    answer.model_hash = active_hash_;
    const int previous = slots_.newest(active_);
    if (previous != no_slot) answer.previous_hash = slots_.record(previous).hash;
  }
  if (vault_.enrolled()) count_session(hello.nonce);
  describe_trust(answer);
  encode(answer, reply);
  end_reports();
  begin_session(hello, reply);
  return {};
}

Runtime::Outcome Runtime::on_status(const link::Frame& request, link::ByteWriter& reply) {
  if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
  const link::FrameCounters& frames = decoder_.counters();
  counters_.frames = frames.frames;
  counters_.crc_errors = frames.crc_errors;
  counters_.cobs_errors = frames.cobs_errors;
  counters_.oversize_frames = frames.oversize_frames;
  counters_.short_frames = frames.short_frames;
  counters_.overruns = platform_.overruns(platform_.context);
  encode(counters_, reply);
  return {};
}

}  // namespace firmware
}  // namespace haltere
