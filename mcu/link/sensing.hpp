#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/link/bytes.hpp"
#include "mcu/link/messages.hpp"

// Payloads of what a microcontroller does with a sensor of its own: raw samples, decisions,
// statistics. As in messages.hpp.

namespace haltere {
namespace link {

constexpr size_t channel_name_bytes = 16;
constexpr uint8_t max_sensor_channels = 16;

/// Why a microcontroller does not infer by itself. The codes travel.
enum class Blocked : uint8_t {
  none = 0,      ///< it does
  sensor = 1,    ///< it has no sensor
  model = 2,     ///< it has no model, or one that takes no windows
  channels = 3,  ///< the model wants a channel that the sensor has not
  rate = 4,      ///< or a rate that it cannot sample at, or does not while it streams at another
  ram = 5,       ///< the window does not fit beside the model
};

/// Bits of WatchReply::state.
constexpr uint8_t watch_sampling = 1;
constexpr uint8_t watch_streaming = 2;
constexpr uint8_t watch_wake_line = 4;

constexpr uint8_t most_votes = 16;

struct WatchRequest {
  bool report = false;   ///< say changes unasked, until the next hello
  uint32_t samples = 0;  ///< stream so many from now on; 0: none any more
  float rate_hz = 0;     ///< of the stream; 0: the model's, or what the sensor likes
  uint8_t votes = 0;     ///< a decision needs so many of the last `of` windows; 0: as before
  uint8_t of = 0;
};

struct WatchReply {
  Blocked blocked = Blocked::none;
  uint8_t state = 0;
  uint8_t votes = 0;
  uint8_t of = 0;
  float rate_hz = 0;           ///< at which it samples; 0 when it does not
  uint32_t next_sample = 0;    ///< number of the next one
  uint32_t ram_bytes = 0;      ///< that windows and statistics of the active model take
  uint32_t missing_bytes = 0;  ///< Blocked::ram: how much more there should be
};

struct SensorChannelText {
  uint8_t name[channel_name_bytes] = {};  ///< UTF-8, zero-padded
  float scale = 1;                        ///< value of one count
};

struct SensorReply {
  uint8_t channels = 0;  ///< at most max_sensor_channels
  float most_hz = 0;
  SensorChannelText channel[max_sensor_channels];
};

/// Since the active model became so, or since the start.
struct StatisticsReply {
  uint32_t model_version = 0;
  uint64_t model_hash = 0;
  uint32_t samples = 0;
  uint32_t lost_samples = 0;           ///< that the sensor had no room for
  uint32_t windows = 0;                ///< judged
  uint32_t changes = 0;                ///< of the decision
  int16_t decision = -1;               ///< as a verdict; -1: unknown, or none yet
  uint16_t counts = 0;                 ///< entries of the histogram, the last one of "unknown"
  uint32_t since = 0;                  ///< number of the sample after which it was decided
  float mean_score = 0;                ///< classify: mean winning output; anomaly: mean score
  uint32_t saturated = 0;              ///< inputs at the end of int8, over all windows
  uint64_t asleep_ticks = 0;           ///< while it sampled
  uint64_t ticks = 0;                  ///< that it sampled
  const uint8_t* histogram = nullptr;  ///< u32 [counts], as they travel
};

constexpr size_t statistics_header_bytes = 64;

struct DriftRequest {
  uint16_t first = 0;  ///< input
};

/// Of inputs as they were learned with mean 0 and deviation 1.
struct InputDrift {
  float mean = 0;
  float deviation = 0;
};

struct DriftReply {
  uint32_t windows = 0;  ///< that these are of: older ones fade
  uint16_t inputs = 0;   ///< of the model
  uint16_t first = 0;
  const uint8_t* values = nullptr;  ///< f32 mean, deviation [count], as they travel
  size_t count = 0;
};

constexpr size_t drift_header_bytes = 8;

/// Unasked: consecutive samples.
struct SamplesNotice {
  uint32_t first = 0;  ///< number of the first one; what is not sent leaves a gap
  uint8_t channels = 0;
  const uint8_t* values = nullptr;  ///< i16 [count][channels], as they travel
  size_t count = 0;
};

constexpr size_t samples_header_bytes = 5;

/// Unasked: another decision.
struct ChangeNotice {
  int16_t decision = -1;
  int16_t before = -1;
  uint32_t sample = 0;   ///< the window's last
  uint32_t windows = 0;  ///< judged so far
  uint32_t model_version = 0;
  float score = 0;  ///< of this window, as StatisticsReply::mean_score
};

/// Unasked frames besides `booted`: numbered by themselves.
constexpr bool is_notice(uint8_t type) {
  return type == static_cast<uint8_t>(MessageType::samples) ||
         type == static_cast<uint8_t>(MessageType::changed);
}

void encode(const WatchRequest& message, ByteWriter& writer);
void encode(const WatchReply& message, ByteWriter& writer);
void encode(const SensorReply& message, ByteWriter& writer);
void encode(const StatisticsReply& message, ByteWriter& writer);
void encode(const DriftRequest& message, ByteWriter& writer);
void encode(const DriftReply& message, ByteWriter& writer);
void encode(const SamplesNotice& message, ByteWriter& writer);
void encode(const ChangeNotice& message, ByteWriter& writer);

bool decode(const uint8_t* payload, size_t size, WatchRequest& message);
bool decode(const uint8_t* payload, size_t size, WatchReply& message);
bool decode(const uint8_t* payload, size_t size, SensorReply& message);
bool decode(const uint8_t* payload, size_t size, StatisticsReply& message);
bool decode(const uint8_t* payload, size_t size, DriftRequest& message);
bool decode(const uint8_t* payload, size_t size, DriftReply& message);
bool decode(const uint8_t* payload, size_t size, SamplesNotice& message);
bool decode(const uint8_t* payload, size_t size, ChangeNotice& message);

}  // namespace link
}  // namespace haltere
