#include "mcu/link/bytes.hpp"

#include <string.h>

namespace haltere {
namespace link {

static_assert(sizeof(float) == 4, "IEEE 754 single precision");

void ByteWriter::f32(float value) {
  uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  u32(bits);
}

void ByteWriter::raw(const void* bytes, size_t count) {
  if (count > capacity_ - size_) {
    overflow_ = true;
    return;
  }
  if (count > 0) memcpy(bytes_ + size_, bytes, count);
  size_ += count;
}

float ByteReader::f32() {
  const uint32_t bits = u32();
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace link
}  // namespace haltere
