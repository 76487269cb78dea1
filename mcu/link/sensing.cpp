#include "mcu/link/sensing.hpp"

namespace haltere {
namespace link {
namespace {

constexpr size_t float_bytes = 4;
constexpr size_t drift_bytes = 2 * float_bytes;

bool complete(const ByteReader& reader) { return !reader.underflow() && reader.remaining() == 0; }

}  // namespace

void encode(const WatchRequest& message, ByteWriter& writer) {
  writer.u8(message.report ? 1 : 0);
  writer.u32(message.samples);
  writer.f32(message.rate_hz);
  writer.u8(message.votes);
  writer.u8(message.of);
}

void encode(const WatchReply& message, ByteWriter& writer) {
  writer.u8(static_cast<uint8_t>(message.blocked));
  writer.u8(message.state);
  writer.u8(message.votes);
  writer.u8(message.of);
  writer.f32(message.rate_hz);
  writer.u32(message.next_sample);
  writer.u32(message.ram_bytes);
  writer.u32(message.missing_bytes);
}

void encode(const SensorReply& message, ByteWriter& writer) {
  writer.u8(message.channels);
  writer.f32(message.most_hz);
  for (uint8_t i = 0; i < message.channels && i < max_sensor_channels; ++i) {
    writer.raw(message.channel[i].name, channel_name_bytes);
    writer.f32(message.channel[i].scale);
  }
}

void encode(const StatisticsReply& message, ByteWriter& writer) {
  writer.u32(message.model_version);
  writer.u64(message.model_hash);
  writer.u32(message.samples);
  writer.u32(message.lost_samples);
  writer.u32(message.windows);
  writer.u32(message.changes);
  writer.u16(static_cast<uint16_t>(message.decision));
  writer.u16(message.counts);
  writer.u32(message.since);
  writer.f32(message.mean_score);
  writer.u32(message.saturated);
  writer.u32(0);
  writer.u64(message.asleep_ticks);
  writer.u64(message.ticks);
  writer.raw(message.histogram, float_bytes * message.counts);
}

void encode(const DriftRequest& message, ByteWriter& writer) { writer.u16(message.first); }

void encode(const DriftReply& message, ByteWriter& writer) {
  writer.u32(message.windows);
  writer.u16(message.inputs);
  writer.u16(message.first);
  writer.raw(message.values, drift_bytes * message.count);
}

void encode(const SamplesNotice& message, ByteWriter& writer) {
  writer.u32(message.first);
  writer.u8(message.channels);
  writer.raw(message.values, size_t{2} * message.channels * message.count);
}

void encode(const ChangeNotice& message, ByteWriter& writer) {
  writer.u16(static_cast<uint16_t>(message.decision));
  writer.u16(static_cast<uint16_t>(message.before));
  writer.u32(message.sample);
  writer.u32(message.windows);
  writer.u32(message.model_version);
  writer.f32(message.score);
}

bool decode(const uint8_t* payload, size_t size, WatchRequest& message) {
  ByteReader reader(payload, size);
  const uint8_t report = reader.u8();
  message.report = report != 0;
  message.samples = reader.u32();
  message.rate_hz = reader.f32();
  message.votes = reader.u8();
  message.of = reader.u8();
  return complete(reader) && report <= 1 && message.votes <= message.of && message.of <= most_votes;
}

bool decode(const uint8_t* payload, size_t size, WatchReply& message) {
  ByteReader reader(payload, size);
  message.blocked = static_cast<Blocked>(reader.u8());
  message.state = reader.u8();
  message.votes = reader.u8();
  message.of = reader.u8();
  message.rate_hz = reader.f32();
  message.next_sample = reader.u32();
  message.ram_bytes = reader.u32();
  message.missing_bytes = reader.u32();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, SensorReply& message) {
  ByteReader reader(payload, size);
  message.channels = reader.u8();
  message.most_hz = reader.f32();
  if (message.channels > max_sensor_channels) return false;
  for (uint8_t i = 0; i < message.channels; ++i) {
    for (uint8_t& byte : message.channel[i].name) byte = reader.u8();
    message.channel[i].scale = reader.f32();
  }
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, StatisticsReply& message) {
  ByteReader reader(payload, size);
  message.model_version = reader.u32();
  message.model_hash = reader.u64();
  message.samples = reader.u32();
  message.lost_samples = reader.u32();
  message.windows = reader.u32();
  message.changes = reader.u32();
  message.decision = static_cast<int16_t>(reader.u16());
  message.counts = reader.u16();
  message.since = reader.u32();
  message.mean_score = reader.f32();
  message.saturated = reader.u32();
  reader.skip(4);
  message.asleep_ticks = reader.u64();
  message.ticks = reader.u64();
  message.histogram = reader.rest();
  return !reader.underflow() && reader.remaining() == float_bytes * message.counts;
}

bool decode(const uint8_t* payload, size_t size, DriftRequest& message) {
  ByteReader reader(payload, size);
  message.first = reader.u16();
  return complete(reader);
}

bool decode(const uint8_t* payload, size_t size, DriftReply& message) {
  ByteReader reader(payload, size);
  message.windows = reader.u32();
  message.inputs = reader.u16();
  message.first = reader.u16();
  message.values = reader.rest();
  message.count = reader.remaining() / drift_bytes;
  return !reader.underflow() && reader.remaining() % drift_bytes == 0 &&
         uint32_t{message.first} + message.count <= message.inputs;
}

bool decode(const uint8_t* payload, size_t size, SamplesNotice& message) {
  ByteReader reader(payload, size);
  message.first = reader.u32();
  message.channels = reader.u8();
  message.values = reader.rest();
  if (reader.underflow() || message.channels == 0 || message.channels > max_sensor_channels) {
    return false;
  }
  const size_t sample_bytes = size_t{2} * message.channels;
  message.count = reader.remaining() / sample_bytes;
  return message.count > 0 && reader.remaining() % sample_bytes == 0;
}

bool decode(const uint8_t* payload, size_t size, ChangeNotice& message) {
  ByteReader reader(payload, size);
  message.decision = static_cast<int16_t>(reader.u16());
  message.before = static_cast<int16_t>(reader.u16());
  message.sample = reader.u32();
  message.windows = reader.u32();
  message.model_version = reader.u32();
  message.score = reader.f32();
  return complete(reader);
}

}  // namespace link
}  // namespace haltere
