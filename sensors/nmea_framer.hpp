#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haltere::sensors {

/// Cuts a byte stream into NMEA 0183 sentences: from `$` to the line's end, with a checksum that
/// fits. What stands between sentences (empty lines, a receiver's binary messages) is passed over;
/// a `$` always starts a sentence, so that after any damage the next one is read. Allocates only to
/// say why something was rejected.
class NmeaFramer {
 public:
  /// The standard's 82, and as much again for receivers with more digits than it has.
  static constexpr std::size_t max_sentence_bytes = 164;
  /// So many bytes without a sentence are rejected too: the speed of the line is probably wrong.
  static constexpr std::size_t hopeless_bytes = 2048;

  enum class Outcome : std::uint8_t {
    nothing,   ///< goes on
    started,   ///< this byte is a sentence's first
    sentence,  ///< `sentence()` is whole
    rejected,  ///< `rejection()` says why; this byte may nevertheless start the next: see
               ///< `inside()`
  };

  Outcome push(std::uint8_t byte);

  /// What stood between `$` and `*`, until the next push.
  [[nodiscard]] std::string_view sentence() const { return {text_.data(), body_}; }
  [[nodiscard]] const std::string& rejection() const { return rejection_; }
  /// Whether a sentence has begun.
  [[nodiscard]] bool inside() const { return inside_; }

 private:
  Outcome end_sentence();
  Outcome reject(std::string why);

  std::array<char, max_sentence_bytes> text_{};
  std::size_t size_ = 0;
  std::size_t body_ = 0;
  std::size_t since_good_ = 0;
  bool inside_ = false;
  std::string rejection_;
};

/// The fields of a sentence, each without spaces around it. Views into the sentence.
class NmeaFields {
 public:
  explicit NmeaFields(std::string_view sentence);

  /// `GGA` of `GNGGA`; empty for a manufacturer's own sentence.
  [[nodiscard]] std::string_view kind() const { return kind_; }
  /// Field `i`, counted from 1 as in the receivers' manuals; empty if there is none.
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    return i < count_ ? fields_[i] : std::string_view();
  }

 private:
  static constexpr std::size_t max_fields = 26;
  std::string_view kind_;
  std::array<std::string_view, max_fields> fields_{};
  std::size_t count_ = 0;
};

}  // namespace haltere::sensors
