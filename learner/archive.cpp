#include "learner/archive.hpp"

#include <array>
#include <bit>

#include "models/kernels/crc32.hpp"

namespace haltere::learner {

namespace {

constexpr std::array<std::uint8_t, 4> magic{'H', 'L', 'C', 'K'};
constexpr std::size_t header_bytes = 16;
constexpr std::size_t crc_bytes = 4;

}  // namespace

void Archive::exchange_word(std::uint64_t& word, int bytes) {
  if (failed_) return;
  const auto size = static_cast<std::size_t>(bytes);
  if (!reading_) {
    for (int i = 0; i < bytes; ++i) output_.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
    return;
  }
  if (input_.size() - at_ < size) {
    failed_ = true;
    return;
  }
  word = 0;
  for (int i = 0; i < bytes; ++i) word |= std::uint64_t{input_[at_++]} << (8 * i);
}

void Archive::exchange(std::uint8_t& value) {
  std::uint64_t word = value;
  exchange_word(word, 1);
  value = static_cast<std::uint8_t>(word);
}

void Archive::exchange(std::uint32_t& value) {
  std::uint64_t word = value;
  exchange_word(word, 4);
  value = static_cast<std::uint32_t>(word);
}

void Archive::exchange(std::int32_t& value) {
  auto word = std::bit_cast<std::uint32_t>(value);
  exchange(word);
  value = std::bit_cast<std::int32_t>(word);
}

void Archive::exchange(std::uint64_t& value) { exchange_word(value, 8); }

void Archive::exchange(float& value) {
  auto word = std::bit_cast<std::uint32_t>(value);
  exchange(word);
  value = std::bit_cast<float>(word);
}

void Archive::exchange(double& value) {
  auto word = std::bit_cast<std::uint64_t>(value);
  exchange_word(word, 8);
  value = std::bit_cast<double>(word);
}

void Archive::exchange(bool& value) {
  std::uint8_t byte = value ? 1 : 0;
  exchange(byte);
  if (byte > 1) failed_ = true;
  value = byte == 1;
}

void Archive::exchange(models::Random& random) {
  for (std::uint32_t& word : random.state) exchange(word);
}

template <typename Value>
void Archive::exchange_all(std::span<Value> values) {
  std::uint64_t count = values.size();
  exchange(count);
  if (count != values.size()) failed_ = true;
  for (Value& value : values) exchange(value);
}

void Archive::exchange(std::span<float> values) { exchange_all(values); }
void Archive::exchange(std::span<double> values) { exchange_all(values); }
void Archive::exchange(std::span<std::int32_t> values) { exchange_all(values); }
void Archive::exchange(std::span<std::uint32_t> values) { exchange_all(values); }

void Archive::exchange(std::vector<std::uint8_t>& bytes) {
  std::uint64_t count = bytes.size();
  exchange(count);
  if (reading_ && count > input_.size() - at_) failed_ = true;
  if (failed_) return;
  bytes.resize(static_cast<std::size_t>(count));
  for (std::uint8_t& byte : bytes) exchange(byte);
}

std::vector<std::uint8_t> wrap_checkpoint(std::span<const std::uint8_t> payload) {
  Archive header;
  for (std::uint8_t letter : magic) header.exchange(letter);
  std::uint32_t version = checkpoint_version;
  std::uint64_t length = payload.size();
  header.exchange(version);
  header.exchange(length);
  std::vector<std::uint8_t> bytes = header.bytes();
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  Archive trailer;
  std::uint32_t crc = kernels::crc32(bytes.data(), bytes.size());
  trailer.exchange(crc);
  bytes.insert(bytes.end(), trailer.bytes().begin(), trailer.bytes().end());
  return bytes;
}

Result<std::span<const std::uint8_t>> unwrap_checkpoint(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < header_bytes + crc_bytes)
    return Error{ErrorKind::corrupt, "the checkpoint is cut short"};
  Archive archive(bytes);
  bool ours = true;
  for (const std::uint8_t letter : magic) {
    std::uint8_t byte = 0;
    archive.exchange(byte);
    ours = ours && byte == letter;
  }
  std::uint32_t version = 0;
  std::uint64_t length = 0;
  archive.exchange(version);
  archive.exchange(length);
  if (!ours) return Error{ErrorKind::corrupt, "this is not a checkpoint"};
  if (version != checkpoint_version)
    return Error{ErrorKind::invalid, "the checkpoint has version " + std::to_string(version) +
                                         ", this program reads version " +
                                         std::to_string(checkpoint_version)};
  if (length != bytes.size() - header_bytes - crc_bytes)
    return Error{ErrorKind::corrupt, "the checkpoint has the wrong length"};
  std::uint32_t stored = 0;
  Archive trailer(bytes.last(crc_bytes));
  trailer.exchange(stored);
  if (kernels::crc32(bytes.data(), bytes.size() - crc_bytes) != stored)
    return Error{ErrorKind::corrupt, "the checkpoint's CRC is wrong"};
  return bytes.subspan(header_bytes, static_cast<std::size_t>(length));
}

}  // namespace haltere::learner
