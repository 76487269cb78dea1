#include "learner/row_store.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::learner {

namespace {

constexpr float zero_code = 128.0F;
constexpr float codes_per_unit = 16.0F;

std::size_t as_bytes(RowFormat format, std::size_t count) {
  return format == RowFormat::int8 ? count : 0;
}

float value_of(std::uint8_t code, float center, float unit) {
  return center + unit * (static_cast<float>(code) - zero_code) / codes_per_unit;
}

}  // namespace

RowStore::RowStore(std::size_t rows, std::size_t inputs, RowFormat format)
    : inputs_(inputs),
      format_(format),
      values_(format == RowFormat::float32 ? rows * inputs : 0, 0.0F),
      codes_(as_bytes(format, rows * inputs), 0),
      seen_(as_bytes(format, inputs), std::max<std::size_t>(rows, 2)),
      center_(as_bytes(format, inputs), 0.0F),
      unit_(as_bytes(format, inputs), 1.0F),
      row_(as_bytes(format, inputs), 0.0F) {}

std::uint8_t RowStore::code(std::size_t input, float value) const {
  const float code = zero_code + codes_per_unit * (value - center_[input]) / unit_[input];
  return static_cast<std::uint8_t>(std::lround(std::clamp(code, 0.0F, 255.0F)));
}

float RowStore::value(std::size_t input, std::uint8_t code) const {
  return value_of(code, center_[input], unit_[input]);
}

/// Moves the input's center and unit to those of the rows seen, once they are far from them.
void RowStore::fit(std::size_t input, std::size_t used) {
  const float mean = seen_.mean()[input];
  const float deviation = seen_.deviation()[input];
  const bool fits = std::abs(mean - center_[input]) <= unit_[input] &&
                    deviation <= 2.0F * unit_[input] && deviation >= 0.5F * unit_[input];
  if (fits) return;
  const float old_center = center_[input];
  const float old_unit = unit_[input];
  center_[input] = mean;
  unit_[input] = deviation;
  for (std::size_t i = 0; i < used; ++i) {
    std::uint8_t& byte = codes_[i * inputs_ + input];
    byte = code(input, value_of(byte, old_center, old_unit));
  }
}

void RowStore::write(std::size_t index, std::span<const float> row, std::size_t used) {
  if (format_ == RowFormat::float32) {
    std::ranges::copy(row, values_.begin() + static_cast<std::ptrdiff_t>(index * inputs_));
    return;
  }
  seen_.update(row);
  for (std::size_t i = 0; i < inputs_; ++i) {
    fit(i, used);
    codes_[index * inputs_ + i] = code(i, row[i]);
  }
}

void RowStore::move(std::size_t from, std::size_t to) {
  const auto copy = [&](auto& rows) {
    if (rows.empty()) return;
    std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(from * inputs_), inputs_,
                rows.begin() + static_cast<std::ptrdiff_t>(to * inputs_));
  };
  copy(values_);
  copy(codes_);
}

std::span<const float> RowStore::row(std::size_t index) const {
  if (format_ == RowFormat::float32) return std::span(values_).subspan(index * inputs_, inputs_);
  for (std::size_t i = 0; i < inputs_; ++i) row_[i] = value(i, codes_[index * inputs_ + i]);
  return row_;
}

void RowStore::exchange(Archive& archive, std::size_t used) {
  if (format_ == RowFormat::float32)
    return archive.exchange(std::span(values_).first(used * inputs_));
  for (std::uint8_t& byte : std::span(codes_).first(used * inputs_)) archive.exchange(byte);
  seen_.exchange(archive);
  archive.exchange(std::span(center_));
  archive.exchange(std::span(unit_));
}

}  // namespace haltere::learner
