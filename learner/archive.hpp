#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// Bytes being written to or read from, little-endian, in one fixed order. Every component lists
/// its state once, in `exchange(Archive&)`, and so cannot save one thing and restore another.
/// Reading past the end, or a size that does not fit, makes the archive fail and leaves the rest
/// untouched.
class Archive {
 public:
  /// An archive to write to.
  Archive() = default;
  /// An archive to read `bytes` from; they must outlive it.
  explicit Archive(std::span<const std::uint8_t> bytes) : input_(bytes), reading_(true) {}

  [[nodiscard]] bool reading() const { return reading_; }
  [[nodiscard]] bool failed() const { return failed_; }
  /// Everything was read and nothing failed.
  [[nodiscard]] bool exhausted() const { return !failed_ && at_ == input_.size(); }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return output_; }

  void exchange(std::uint8_t& value);
  void exchange(std::uint32_t& value);
  void exchange(std::int32_t& value);
  void exchange(std::uint64_t& value);
  void exchange(float& value);
  void exchange(double& value);
  void exchange(bool& value);
  void exchange(models::Random& random);

  /// As many values as `values` has; their number is stored and checked.
  void exchange(std::span<float> values);
  void exchange(std::span<double> values);
  void exchange(std::span<std::int32_t> values);
  void exchange(std::span<std::uint32_t> values);

  /// Bytes of any number; reading, that number comes from the archive.
  void exchange(std::vector<std::uint8_t>& bytes);

  /// Marks the archive as failed: what was read cannot be.
  void fail() { failed_ = true; }

 private:
  template <typename Value>
  void exchange_all(std::span<Value> values);
  void exchange_word(std::uint64_t& word, int bytes);

  std::span<const std::uint8_t> input_;
  std::vector<std::uint8_t> output_;
  std::size_t at_ = 0;
  bool reading_ = false;
  bool failed_ = false;
};

/// `payload` with magic, version, length and CRC-32 around it, as stored in a checkpoint file:
/// "HLCK", u32 version, u64 length, payload, u32 CRC-32/ISO-HDLC of all before it; little-endian.
[[nodiscard]] std::vector<std::uint8_t> wrap_checkpoint(std::span<const std::uint8_t> payload);

/// The payload of a checkpoint. Errors: corrupt (length, magic or CRC), invalid (other version).
[[nodiscard]] Result<std::span<const std::uint8_t>> unwrap_checkpoint(
    std::span<const std::uint8_t> bytes);

inline constexpr std::uint32_t checkpoint_version = 4;

}  // namespace haltere::learner
