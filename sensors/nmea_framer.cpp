#include "sensors/nmea_framer.hpp"

#include <utility>

namespace haltere::sensors {
namespace {

constexpr std::size_t checksum_bytes = 3;  // `*` and two hexadecimal digits

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string hex_byte(unsigned value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {digits[value >> 4U & 0xFU], digits[value & 0xFU]};
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

NmeaFramer::Outcome NmeaFramer::push(std::uint8_t byte) {
  ++since_good_;
  if (byte == '$') {
    const bool cut = std::exchange(inside_, true);
    size_ = 0;
    return cut ? reject("a sentence cut off by the next one") : Outcome::started;
  }
  if (!inside_) return since_good_ % hopeless_bytes == 0 ? reject({}) : Outcome::nothing;
  if (byte == '\r' || byte == '\n') return end_sentence();
  const bool is_text = byte >= 0x20 && byte < 0x7F;
  if (is_text && size_ < text_.size()) {
    text_[size_++] = static_cast<char>(byte);
    return Outcome::nothing;
  }
  inside_ = false;
  return reject(is_text ? "a sentence of more than " + std::to_string(max_sentence_bytes) + " bytes"
                        : "a sentence with bytes that are no text");
}

NmeaFramer::Outcome NmeaFramer::end_sentence() {
  inside_ = false;
  if (size_ < checksum_bytes || text_[size_ - checksum_bytes] != '*') {
    return reject("a sentence without a checksum");
  }
  body_ = size_ - checksum_bytes;
  unsigned sum = 0;
  for (const char c : sentence()) sum ^= static_cast<unsigned char>(c);
  const int high = hex_digit(text_[size_ - 2]);
  const int low = hex_digit(text_[size_ - 1]);
  if (high < 0 || low < 0 || static_cast<unsigned>(16 * high + low) != sum) {
    return reject("a sentence whose checksum should be " + hex_byte(sum));
  }
  since_good_ = 0;
  return Outcome::sentence;
}

NmeaFramer::Outcome NmeaFramer::reject(std::string why) {
  rejection_ = std::move(why);
  if (since_good_ >= hopeless_bytes) {
    rejection_ =
        std::to_string(hopeless_bytes) +
        " bytes without a sentence of NMEA 0183: is 'baud' the receiver's (9600, 38400 and "
        "115200 are usual), and does it send NMEA?";
  }
  return Outcome::rejected;
}

NmeaFields::NmeaFields(std::string_view sentence) {
  for (bool more = true; more && count_ < max_fields;) {
    const std::size_t comma = sentence.find(',');
    more = comma != std::string_view::npos;
    fields_[count_++] = trimmed(sentence.substr(0, comma));
    if (more) sentence.remove_prefix(comma + 1);
  }
  // Two letters for who talks, three for what; a manufacturer's own begin with P.
  const std::string_view address = fields_[0];
  if (address.size() == 5 && address[0] != 'P') kind_ = address.substr(2);
}

}  // namespace haltere::sensors
