#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/kernels/recipe.hpp"

namespace haltere::models {

/// Appends little-endian values; sections start at multiples of 4.
class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void i8(std::int8_t value) { u8(static_cast<std::uint8_t>(value)); }
  void u16(std::size_t value) { little_endian(value, 2); }
  void u32(std::uint32_t value) { little_endian(value, 4); }
  void i32(std::int32_t value) { u32(static_cast<std::uint32_t>(value)); }
  void u64(std::uint64_t value) { little_endian(value, 8); }
  void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  void pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4); }
  void raw(std::span<const std::uint8_t> values) {
    bytes_.insert(bytes_.end(), values.begin(), values.end());
  }
  void i8s(std::span<const std::int8_t> values) {
    for (const auto value : values) i8(value);
    pad();
  }
  void i32s(std::span<const std::int32_t> values) {
    for (const auto value : values) i32(value);
  }
  void f32s(std::span<const float> values) {
    for (const auto value : values) f32(value);
  }
  void text(std::string_view value) {
    for (std::size_t i = 0; i < kernels::name_bytes; ++i)
      u8(i < value.size() ? static_cast<std::uint8_t>(value[i]) : std::uint8_t{0});
  }

  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i, value >>= 8U) u8(static_cast<std::uint8_t>(value & 0xFFU));
  }

  std::vector<std::uint8_t> bytes_;
};

}  // namespace haltere::models
