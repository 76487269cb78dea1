#include "mcu/link/study.hpp"

namespace haltere {
namespace link {
namespace {

constexpr size_t float_bytes = 4;

bool complete(const ByteReader& reader) { return !reader.underflow() && reader.remaining() == 0; }

}  // namespace

void encode(const StudyRequest& message, ByteWriter& writer) {
  writer.u8(message.on ? 1 : 0);
  writer.f32(message.rate);
}

void encode(const LabelRequest& message, ByteWriter& writer) {
  writer.u16(static_cast<uint16_t>(message.label));
  writer.u32(message.until);
}

void encode(const TeachRequest& message, ByteWriter& writer) {
  writer.u32(message.step);
  writer.u16(message.label);
  writer.raw(message.features, float_bytes * message.count);
}

void encode(const StudyReply& message, ByteWriter& writer) {
  writer.u8(message.on ? 1 : 0);
  writer.u8(0);
  writer.u16(message.weights);
  writer.u32(message.steps);
  writer.u32(message.kept_step);
  writer.u32(message.returns);
  writer.f32(message.error);
  writer.f32(message.kept_error);
  writer.u32(message.ram_bytes);
  writer.u32(message.next_sample);
}

void encode(const PullRequest& message, ByteWriter& writer) { writer.u16(message.first); }

void encode(const PullReply& message, ByteWriter& writer) {
  writer.u32(message.kept_step);
  writer.u16(message.weights);
  writer.u16(message.first);
  writer.raw(message.values, float_bytes * message.count);
}

bool decode(const uint8_t* payload, size_t size, StudyRequest& message) {
  ByteReader reader(payload, size);
  const uint8_t on = reader.u8();
  message.on = on != 0;
  message.rate = reader.f32();
  return complete(reader) && on <= 1;
}

bool decode(const uint8_t* payload, size_t size, LabelRequest& message) {
  ByteReader reader(payload, size);
  message.label = static_cast<int16_t>(reader.u16());
  message.until = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, TeachRequest& message) {
  ByteReader reader(payload, size);
  message.step = reader.u32();
  message.label = reader.u16();
  message.features = reader.rest();
  message.count = reader.remaining() / float_bytes;
  return !reader.underflow() && reader.remaining() % float_bytes == 0;
}

bool decode(const uint8_t* payload, size_t size, StudyReply& message) {
  ByteReader reader(payload, size);
  message.on = reader.u8() != 0;
  reader.skip(1);
  message.weights = reader.u16();
  message.steps = reader.u32();
  message.kept_step = reader.u32();
  message.returns = reader.u32();
  message.error = reader.f32();
  message.kept_error = reader.f32();
  message.ram_bytes = reader.u32();
  message.next_sample = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, PullRequest& message) {
  ByteReader reader(payload, size);
  message.first = reader.u16();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, PullReply& message) {
  ByteReader reader(payload, size);
  message.kept_step = reader.u32();
  message.weights = reader.u16();
  message.first = reader.u16();
  message.values = reader.rest();
  message.count = reader.remaining() / float_bytes;
  return !reader.underflow() && reader.remaining() % float_bytes == 0 &&
         uint32_t{message.first} + message.count <= message.weights;
}

}  // namespace link
}  // namespace haltere
