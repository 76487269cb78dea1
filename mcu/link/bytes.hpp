#pragma once

#include <cstddef>
#include <cstdint>

namespace haltere {
namespace link {

/// Composes little-endian numbers into a bounded buffer. Writing past the end sets `overflow` and
/// stores nothing more.
class ByteWriter {
 public:
  ByteWriter(std::uint8_t* bytes, std::size_t capacity) : bytes_(bytes), capacity_(capacity) {}

  void u8(std::uint8_t value) {
    if (size_ < capacity_) {
      bytes_[size_++] = value;
    } else {
      overflow_ = true;
    }
  }
  void u16(std::uint16_t value) { little_endian(value, 2); }
  void u32(std::uint32_t value) { little_endian(value, 4); }
  void u64(std::uint64_t value) { little_endian(value, 8); }
  void f32(float value);
  void raw(const void* bytes, std::size_t count);
  void zeros(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) u8(0);
  }

  std::size_t size() const { return size_; }
  bool overflow() const { return overflow_; }

 private:
  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
  }

  std::uint8_t* bytes_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

/// Reads little-endian numbers. Reading past the end gives zeros and sets `underflow`.
class ByteReader {
 public:
  ByteReader(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  std::uint8_t u8() {
    if (position_ < size_) return bytes_[position_++];
    underflow_ = true;
    return 0;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::uint64_t u64() { return little_endian(8); }
  float f32();
  void skip(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) u8();
  }

  const std::uint8_t* rest() const { return bytes_ + position_; }
  std::size_t remaining() const { return size_ - position_; }
  bool underflow() const { return underflow_; }

 private:
  std::uint64_t little_endian(int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) value |= static_cast<std::uint64_t>(u8()) << (8 * i);
    return value;
  }

  const std::uint8_t* bytes_;
  std::size_t size_;
  std::size_t position_ = 0;
  bool underflow_ = false;
};

}  // namespace link
}  // namespace haltere
