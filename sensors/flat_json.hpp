#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haltere::sensors {

/// Walks the members of one JSON object in place, without memory of its own. Nested values are
/// stepped over, not looked into; escapes in strings are left as written.
class FlatJson {
 public:
  struct Member {
    std::string_view key;
    std::string_view value;  ///< a string without its quotes; anything else as written
    bool quoted = false;     ///< the value is a string
  };
  enum class Step : std::uint8_t { member, end, malformed };

  explicit FlatJson(std::string_view text) : text_(text) {}

  /// The next member into `member`. After `end` nothing but blanks followed the object.
  Step next(Member& member);

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks();
  bool take(char c);
  bool take_string(std::string_view& content);
  bool take_value(Member& member);
  bool step_over_nested();

  std::string_view text_;
  std::size_t at_ = 0;
  bool opened_ = false;
};

}  // namespace haltere::sensors
