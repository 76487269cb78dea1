#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__AVR__) && !defined(__AVR_PM_BASE_ADDRESS__)
#define HALTERE_LOADS_FLASH 1
extern "C" uint8_t haltere_load_u8(const uint8_t* bytes);
#endif

namespace haltere {
namespace link {

/// The byte at `bytes`, also where flash is not at the addresses of data: what a bundle is read by.
inline uint8_t load_u8(const uint8_t* bytes) {
#if defined(HALTERE_LOADS_FLASH)
  return haltere_load_u8(bytes);
#else
  return *bytes;
#endif
}

/// Composes little-endian numbers into a bounded buffer. Writing past the end sets `overflow` and
/// stores nothing more.
class ByteWriter {
 public:
  ByteWriter(uint8_t* bytes, size_t capacity) : bytes_(bytes), capacity_(capacity) {}

  void u8(uint8_t value) {
    if (size_ < capacity_) {
      bytes_[size_++] = value;
    } else {
      overflow_ = true;
    }
  }
  void u16(uint16_t value) { little_endian(value, 2); }
  void u32(uint32_t value) { little_endian(value, 4); }
  void u64(uint64_t value) { little_endian(value, 8); }
  void f32(float value);
  void raw(const void* bytes, size_t count);
  void zeros(size_t count) {
    for (size_t i = 0; i < count; ++i) u8(0);
  }

  size_t size() const { return size_; }
  bool overflow() const { return overflow_; }

 private:
  void little_endian(uint64_t value, int count) {
    for (int i = 0; i < count; ++i) u8(static_cast<uint8_t>(value >> (8 * i)));
  }

  uint8_t* bytes_;
  size_t capacity_;
  size_t size_ = 0;
  bool overflow_ = false;
};

/// Reads little-endian numbers. Reading past the end gives zeros and sets `underflow`.
class ByteReader {
 public:
  ByteReader(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

  uint8_t u8() {
    if (position_ < size_) return load_u8(bytes_ + position_++);
    underflow_ = true;
    return 0;
  }
  uint16_t u16() { return static_cast<uint16_t>(little_endian(2)); }
  uint32_t u32() { return static_cast<uint32_t>(little_endian(4)); }
  uint64_t u64() { return little_endian(8); }
  float f32();
  void skip(size_t count) {
    for (size_t i = 0; i < count; ++i) u8();
  }

  const uint8_t* rest() const { return bytes_ + position_; }
  size_t remaining() const { return size_ - position_; }
  bool underflow() const { return underflow_; }

 private:
  uint64_t little_endian(int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) value |= static_cast<uint64_t>(u8()) << (8 * i);
    return value;
  }

  const uint8_t* bytes_;
  size_t size_;
  size_t position_ = 0;
  bool underflow_ = false;
};

}  // namespace link
}  // namespace haltere
