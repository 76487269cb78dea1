#include "mcu/link/messages.hpp"

namespace haltere {
namespace link {
namespace {

constexpr size_t device_id_bytes = 16;  // reserved in begin

template <size_t count>
void read(ByteReader& reader, uint8_t (&bytes)[count]) {
  for (uint8_t& byte : bytes) byte = reader.u8();
}

// Every field was there and nothing is left over.
bool complete(const ByteReader& reader) { return !reader.underflow() && reader.remaining() == 0; }

// The counters in the order they travel: one list for both directions.
constexpr uint32_t StatusReply::*status_fields[] = {
    &StatusReply::inferences,   &StatusReply::infer_errors,    &StatusReply::frames,
    &StatusReply::crc_errors,   &StatusReply::cobs_errors,     &StatusReply::oversize_frames,
    &StatusReply::short_frames, &StatusReply::overruns,        &StatusReply::refused_requests,
    &StatusReply::commits,      &StatusReply::refused_bundles, &StatusReply::switches,
    &StatusReply::rollbacks,    &StatusReply::boot_fallbacks,
};

}  // namespace

void encode(const HelloRequest& message, ByteWriter& writer) {
  writer.u8(message.protocol);
  writer.raw(message.nonce, sizeof message.nonce);
}

void encode(const HelloReply& message, ByteWriter& writer) {
  writer.u8(message.protocol);
  writer.u8(static_cast<uint8_t>(message.core));
  writer.u8(static_cast<uint8_t>(message.reset_reason));
  writer.u8(message.bundle_format);
  writer.u16(message.max_content_bytes);
  writer.u8(message.window_frames);
  writer.u8(message.active_slot);
  writer.u32(message.firmware_version);
  writer.u32(message.packings);
  writer.u32(message.ram_bytes);
  writer.u32(message.slot_bytes);
  writer.u32(message.boots);
  writer.u32(message.model_version);
  writer.u64(message.model_hash);
  writer.u64(message.previous_hash);
  writer.raw(message.device, sizeof message.device);
  writer.zeros(4);
  writer.u32(message.session);
  writer.u32(message.model_counter);
  writer.u8(message.state);
  writer.zeros(7);
}

void encode(const BeginRequest& message, ByteWriter& writer) {
  writer.u32(message.length_bytes);
  writer.u64(message.hash);
  writer.zeros(device_id_bytes);
}

void encode(const BeginReply& message, ByteWriter& writer) { writer.u32(message.next_offset); }

void encode(const DataRequest& message, ByteWriter& writer) {
  writer.u32(message.offset);
  writer.raw(message.bytes, message.count);
}

void encode(const DataReply& message, ByteWriter& writer) {
  writer.u32(message.next_offset);
  writer.u8(message.flags);
}

void encode(const HashRequest& message, ByteWriter& writer) { writer.u64(message.hash); }

void encode(const CommitReply& message, ByteWriter& writer) { writer.u8(message.slot); }

void encode(const ActivateReply& message, ByteWriter& writer) {
  writer.u8(message.slot);
  writer.u32(message.model_version);
}

void encode(const RollbackReply& message, ByteWriter& writer) {
  writer.u8(message.slot);
  writer.u32(message.model_version);
  writer.u64(message.model_hash);
}

void encode(const InferReply& message, ByteWriter& writer) {
  writer.u32(message.model_version);
  writer.u64(message.model_hash);
  writer.u16(static_cast<uint16_t>(message.verdict));
  writer.raw(message.outputs, message.output_count);
}

void encode(const StatusReply& message, ByteWriter& writer) {
  for (const auto field : status_fields) writer.u32(message.*field);
}

void encode(const BenchRequest& message, ByteWriter& writer) {
  writer.u32(message.count);
  if (message.what != BenchSubject::inference) writer.u8(static_cast<uint8_t>(message.what));
}

void encode(const BenchReply& message, ByteWriter& writer) {
  writer.u32(message.count);
  writer.u64(message.ticks);
  writer.u32(message.tick_hz);
}

void encode(const ProveRequest& message, ByteWriter& writer) {
  writer.u64(message.hash);
  writer.u8(message.count);
}

void encode(const EnrollRequest& message, ByteWriter& writer) {
  writer.raw(message.device, sizeof message.device);
  writer.raw(message.key, sizeof message.key);
}

void encode(const ProveReply& message, ByteWriter& writer) { writer.u8(message.inferences_left); }

void encode(const BootNotice& message, ByteWriter& writer) { writer.u32(message.boots); }

void encode(const ErrorReply& message, ByteWriter& writer) {
  writer.u8(message.request);
  writer.u8(static_cast<uint8_t>(message.code));
  writer.u32(message.detail);
}

bool decode(const uint8_t* payload, size_t size, HelloRequest& message) {
  ByteReader reader(payload, size);
  message.protocol = reader.u8();
  read(reader, message.nonce);
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, HelloReply& message) {
  ByteReader reader(payload, size);
  message.protocol = reader.u8();
  message.core = static_cast<Core>(reader.u8());
  message.reset_reason = static_cast<ResetReason>(reader.u8());
  message.bundle_format = reader.u8();
  message.max_content_bytes = reader.u16();
  message.window_frames = reader.u8();
  message.active_slot = reader.u8();
  message.firmware_version = reader.u32();
  message.packings = reader.u32();
  message.ram_bytes = reader.u32();
  message.slot_bytes = reader.u32();
  message.boots = reader.u32();
  message.model_version = reader.u32();
  message.model_hash = reader.u64();
  message.previous_hash = reader.u64();
  read(reader, message.device);
  reader.skip(4);
  message.session = reader.u32();
  message.model_counter = reader.u32();
  message.state = reader.u8();
  reader.skip(7);
  return !reader.underflow();
}

bool decode(const uint8_t* payload, size_t size, BeginRequest& message) {
  ByteReader reader(payload, size);
  message.length_bytes = reader.u32();
  message.hash = reader.u64();
  reader.skip(device_id_bytes);
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, BeginReply& message) {
  ByteReader reader(payload, size);
  message.next_offset = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, DataRequest& message) {
  ByteReader reader(payload, size);
  message.offset = reader.u32();
  message.bytes = reader.rest();
  message.count = reader.remaining();
  return !reader.underflow() && message.count > 0;
}

bool decode(const uint8_t* payload, size_t size, DataReply& message) {
  ByteReader reader(payload, size);
  message.next_offset = reader.u32();
  message.flags = reader.u8();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, HashRequest& message) {
  ByteReader reader(payload, size);
  message.hash = reader.u64();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, CommitReply& message) {
  ByteReader reader(payload, size);
  message.slot = reader.u8();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, ActivateReply& message) {
  ByteReader reader(payload, size);
  message.slot = reader.u8();
  message.model_version = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, RollbackReply& message) {
  ByteReader reader(payload, size);
  message.slot = reader.u8();
  message.model_version = reader.u32();
  message.model_hash = reader.u64();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, InferReply& message) {
  ByteReader reader(payload, size);
  message.model_version = reader.u32();
  message.model_hash = reader.u64();
  message.verdict = static_cast<int16_t>(reader.u16());
  message.outputs = reader.rest();
  message.output_count = reader.remaining();
  return !reader.underflow();
}

bool decode(const uint8_t* payload, size_t size, StatusReply& message) {
  ByteReader reader(payload, size);
  for (const auto field : status_fields) message.*field = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, BenchRequest& message) {
  ByteReader reader(payload, size);
  message.count = reader.u32();
  message.what = BenchSubject::inference;
  if (size <= 4) return complete(reader);
  const uint8_t what = reader.u8();
  message.what = static_cast<BenchSubject>(what);
  return complete(reader) && what >= static_cast<uint8_t>(BenchSubject::load) &&
         what <= static_cast<uint8_t>(BenchSubject::study);
}

bool decode(const uint8_t* payload, size_t size, BenchReply& message) {
  ByteReader reader(payload, size);
  message.count = reader.u32();
  message.ticks = reader.u64();
  message.tick_hz = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, ProveRequest& message) {
  ByteReader reader(payload, size);
  message.hash = reader.u64();
  message.count = reader.u8();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, EnrollRequest& message) {
  ByteReader reader(payload, size);
  read(reader, message.device);
  read(reader, message.key);
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, ProveReply& message) {
  ByteReader reader(payload, size);
  message.inferences_left = reader.u8();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, BootNotice& message) {
  ByteReader reader(payload, size);
  message.boots = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, ErrorReply& message) {
  ByteReader reader(payload, size);
  message.request = reader.u8();
  message.code = static_cast<ErrorCode>(reader.u8());
  message.detail = reader.u32();
  return complete(reader);
}

}  // namespace link
}  // namespace haltere
