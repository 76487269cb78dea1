#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/link/bytes.hpp"

// The payloads of `protocol.md`. Each message is a plain struct with `encode(struct, writer)` and
// `decode(payload, size, struct&)`; decode is false when the payload has the wrong length.

namespace haltere {
namespace link {

constexpr uint8_t protocol_version = 1;
constexpr uint8_t reply_bit = 0x80;
constexpr uint8_t no_slot = 255;

enum class MessageType : uint8_t {
  hello = 0x01,
  begin = 0x02,
  data = 0x03,
  commit = 0x04,
  activate = 0x05,
  rollback = 0x06,
  infer = 0x07,
  status = 0x08,
  bench = 0x09,
  reset = 0x0A,
  extract = 0x0B,
  prove = 0x0C,
  enroll = 0x0D,
  watch = 0x0E,
  sensor = 0x0F,
  statistics = 0x10,
  drift = 0x11,
  study = 0x12,
  label = 0x13,
  teach = 0x14,
  pull = 0x15,
  booted = 0xC0,   ///< unasked, once after every start
  samples = 0xC1,  ///< unasked, once a stream was asked for
  changed = 0xC2,  ///< likewise, of decisions
  error = 0xFF,
};

enum class Core : uint8_t {
  host = 0,
  cortex_m0 = 1,
  cortex_m0plus = 2,
  cortex_m3 = 3,
  cortex_m4 = 4,
  cortex_m4f = 5,
  cortex_m7 = 6,
  cortex_m33 = 7,
  rv32im = 16,
  rv32imc = 17,
  avr = 32,
};

enum class ResetReason : uint8_t {
  unknown = 0,
  power = 1,
  pin = 2,
  software = 3,
  watchdog = 4,
  fault = 5,
};

enum class ErrorCode : uint8_t {
  none = 0,  ///< never sent
  malformed = 1,
  unsupported = 2,
  too_big = 3,
  storage = 4,
  no_transfer = 5,
  out_of_range = 6,
  incomplete = 7,
  hash_mismatch = 8,
  bad_bundle = 9,
  self_test = 10,
  not_committed = 11,
  no_model = 12,
  wrong_count = 13,
  on_trial = 14,
  not_authentic = 15,
  outdated = 16,
  closed = 17,
  no_sensor = 18,
  not_learning = 19,
};

struct HelloRequest {
  uint8_t protocol = protocol_version;
  uint8_t nonce[16] = {};  ///< fresh, for the key of the session that begins
};

/// Bits of HelloReply::state.
constexpr uint8_t state_enrolled = 1;
constexpr uint8_t state_can_enroll = 2;
constexpr uint8_t state_on_trial = 4;

struct HelloReply {
  uint8_t protocol = protocol_version;
  Core core = Core::host;
  ResetReason reset_reason = ResetReason::unknown;
  uint8_t bundle_format = 0;
  uint16_t max_content_bytes = 0;
  uint8_t window_frames = 0;
  uint8_t active_slot = no_slot;
  uint32_t firmware_version = 0;  ///< major << 16, minor << 8, patch
  uint32_t packings = 1;          ///< bit n: weights packed for class n are understood
  uint32_t ram_bytes = 0;         ///< free for a model's working memory
  uint32_t slot_bytes = 0;
  uint32_t boots = 0;
  uint32_t model_version = 0;
  uint64_t model_hash = 0;
  uint64_t previous_hash = 0;
  uint8_t device[12] = {};     ///< once enrolled
  uint32_t session = 0;        ///< counts since the start
  uint32_t model_counter = 0;  ///< a sealed model's must be above it
  uint8_t state = 0;
};

struct BeginRequest {
  uint32_t length_bytes = 0;
  uint64_t hash = 0;
};

struct BeginReply {
  uint32_t next_offset = 0;
};

struct DataRequest {
  uint32_t offset = 0;
  const uint8_t* bytes = nullptr;
  size_t count = 0;
};

constexpr size_t data_header_bytes = 4;
constexpr uint8_t data_gap = 1;  ///< flag: a frame began after `next_offset` and was dropped

struct DataReply {
  uint32_t next_offset = 0;
  uint8_t flags = 0;
};

/// Payload of commit, activate and rollback.
struct HashRequest {
  uint64_t hash = 0;
};

struct CommitReply {
  uint8_t slot = no_slot;
};

struct ActivateReply {
  uint8_t slot = no_slot;
  uint32_t model_version = 0;
};

struct RollbackReply {
  uint8_t slot = no_slot;
  uint32_t model_version = 0;
  uint64_t model_hash = 0;
};

struct InferReply {
  uint32_t model_version = 0;
  uint64_t model_hash = 0;
  int16_t verdict = -1;
  const uint8_t* outputs = nullptr;  ///< int8, as they travel
  size_t output_count = 0;
};

constexpr size_t infer_reply_header_bytes = 14;

/// Counts since start, in the order they travel.
struct StatusReply {
  uint32_t inferences = 0;
  uint32_t infer_errors = 0;
  uint32_t frames = 0;
  uint32_t crc_errors = 0;
  uint32_t cobs_errors = 0;
  uint32_t oversize_frames = 0;
  uint32_t short_frames = 0;
  uint32_t overruns = 0;
  uint32_t refused_requests = 0;
  uint32_t commits = 0;
  uint32_t refused_bundles = 0;
  uint32_t switches = 0;
  uint32_t rollbacks = 0;
  uint32_t boot_fallbacks = 0;
};

enum class BenchSubject : uint8_t { inference = 0, load = 1, study = 2 };

struct BenchRequest {
  uint32_t count = 0;
  BenchSubject what = BenchSubject::inference;  ///< not sent: then older firmware understands
};

constexpr uint32_t max_bench_count = 100000;

struct ProveRequest {
  uint64_t hash = 0;
  uint8_t count = 0;
};

struct ProveReply {
  uint8_t inferences_left = 0;  ///< until the model counts as proven; 0: it does
};

/// Gives a microcontroller its identity and the key that it shares with one board.
struct EnrollRequest {
  uint8_t device[12] = {};
  uint8_t key[16] = {};
};

struct BenchReply {
  uint32_t count = 0;
  uint64_t ticks = 0;
  uint32_t tick_hz = 0;
};

/// Tells a board at once that what it asked before is forgotten.
struct BootNotice {
  uint32_t boots = 0;
};

struct ErrorReply {
  uint8_t request = 0;
  ErrorCode code = ErrorCode::none;
  uint32_t detail = 0;
};

void encode(const HelloRequest& message, ByteWriter& writer);
void encode(const HelloReply& message, ByteWriter& writer);
void encode(const BeginRequest& message, ByteWriter& writer);
void encode(const BeginReply& message, ByteWriter& writer);
void encode(const DataRequest& message, ByteWriter& writer);
void encode(const DataReply& message, ByteWriter& writer);
void encode(const HashRequest& message, ByteWriter& writer);
void encode(const CommitReply& message, ByteWriter& writer);
void encode(const ActivateReply& message, ByteWriter& writer);
void encode(const RollbackReply& message, ByteWriter& writer);
void encode(const InferReply& message, ByteWriter& writer);
void encode(const StatusReply& message, ByteWriter& writer);
void encode(const BenchRequest& message, ByteWriter& writer);
void encode(const BenchReply& message, ByteWriter& writer);
void encode(const ProveRequest& message, ByteWriter& writer);
void encode(const EnrollRequest& message, ByteWriter& writer);
void encode(const ProveReply& message, ByteWriter& writer);
void encode(const BootNotice& message, ByteWriter& writer);
void encode(const ErrorReply& message, ByteWriter& writer);

bool decode(const uint8_t* payload, size_t size, HelloRequest& message);
/// True also for a longer payload: later versions add at the end.
bool decode(const uint8_t* payload, size_t size, HelloReply& message);
bool decode(const uint8_t* payload, size_t size, BeginRequest& message);
bool decode(const uint8_t* payload, size_t size, BeginReply& message);
bool decode(const uint8_t* payload, size_t size, DataRequest& message);
bool decode(const uint8_t* payload, size_t size, DataReply& message);
bool decode(const uint8_t* payload, size_t size, HashRequest& message);
bool decode(const uint8_t* payload, size_t size, CommitReply& message);
bool decode(const uint8_t* payload, size_t size, ActivateReply& message);
bool decode(const uint8_t* payload, size_t size, RollbackReply& message);
bool decode(const uint8_t* payload, size_t size, InferReply& message);
bool decode(const uint8_t* payload, size_t size, StatusReply& message);
bool decode(const uint8_t* payload, size_t size, BenchRequest& message);
bool decode(const uint8_t* payload, size_t size, BenchReply& message);
bool decode(const uint8_t* payload, size_t size, ProveRequest& message);
bool decode(const uint8_t* payload, size_t size, EnrollRequest& message);
bool decode(const uint8_t* payload, size_t size, ProveReply& message);
bool decode(const uint8_t* payload, size_t size, BootNotice& message);
bool decode(const uint8_t* payload, size_t size, ErrorReply& message);

}  // namespace link
}  // namespace haltere
