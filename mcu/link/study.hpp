#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/link/bytes.hpp"
#include "mcu/link/messages.hpp"

// Payloads of learning on the microcontroller itself. As in messages.hpp.

namespace haltere {
namespace link {

struct StudyRequest {
  bool on = false;  ///< true: begin, unless it learns already; false: end, and forget
  float rate = 0;   ///< of learning; 0: the usual one
};

struct LabelRequest {
  int16_t label = -1;  ///< of windows of its own sensor; -1: none is known
  uint32_t until = 0;  ///< number of the sample up to which that is so
};

struct TeachRequest {
  uint32_t step = 0;  ///< steps made before; of another number nothing is learned
  uint16_t label = 0;
  const uint8_t* features = nullptr;  ///< f32 [count], as they travel
  size_t count = 0;
};

constexpr size_t teach_header_bytes = 6;

/// Reply to study, label and teach.
struct StudyReply {
  bool on = false;
  uint32_t steps = 0;
  uint32_t kept_step = 0;  ///< after which the kept numbers were the best so far
  uint32_t returns = 0;    ///< times it got worse and went back to them
  float error = 1;         ///< mean of 1 - probability of the label, over the last steps
  float kept_error = 1;    ///< that of the kept ones
  uint16_t weights = 0;    ///< numbers that are learned
  uint32_t ram_bytes = 0;  ///< that it takes for them
  uint32_t next_sample = 0;
};

struct PullRequest {
  uint16_t first = 0;
};

struct PullReply {
  uint32_t kept_step = 0;  ///< changes when better ones were kept meanwhile: pull anew
  uint16_t weights = 0;
  uint16_t first = 0;
  const uint8_t* values = nullptr;  ///< f32 [count], as they travel
  size_t count = 0;
};

constexpr size_t pull_header_bytes = 8;

void encode(const StudyRequest& message, ByteWriter& writer);
void encode(const LabelRequest& message, ByteWriter& writer);
void encode(const TeachRequest& message, ByteWriter& writer);
void encode(const StudyReply& message, ByteWriter& writer);
void encode(const PullRequest& message, ByteWriter& writer);
void encode(const PullReply& message, ByteWriter& writer);

bool decode(const uint8_t* payload, size_t size, StudyRequest& message);
bool decode(const uint8_t* payload, size_t size, LabelRequest& message);
bool decode(const uint8_t* payload, size_t size, TeachRequest& message);
bool decode(const uint8_t* payload, size_t size, StudyReply& message);
bool decode(const uint8_t* payload, size_t size, PullRequest& message);
bool decode(const uint8_t* payload, size_t size, PullReply& message);

}  // namespace link
}  // namespace haltere
