#include "config/scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "config/text.hpp"

namespace haltere::config {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_character);
}

// `imu`, `imu.acceleration`
bool is_stream_name(std::string_view text) {
  const std::size_t dot = text.find('.');
  return is_name(text.substr(0, dot)) &&
         (dot == std::string_view::npos || is_name(text.substr(dot + 1)));
}

// Bounds are in SI while users write other units; the last bit of a conversion is not their
// mistake.
bool in_range(double value, const Setting& setting) {
  const double slack = 1e-9 * std::abs(value);
  return value >= setting.min - slack && value <= setting.max + slack;
}

// A whole number as it is written: sign, `0x` or not, digits.
struct Digits {
  bool negative = false;
  bool hexadecimal = false;
  std::string_view text;
};

Digits split_integer(std::string_view text) {
  Digits digits{.text = text};
  digits.negative = text.starts_with('-');
  if (digits.negative || text.starts_with('+')) digits.text.remove_prefix(1);
  digits.hexadecimal = digits.text.starts_with("0x") || digits.text.starts_with("0X");
  if (digits.hexadecimal) digits.text.remove_prefix(2);
  return digits;
}

Result<std::int64_t> parse_integer(const std::string& text) {
  const Digits digits = split_integer(text);
  std::int64_t magnitude = 0;
  const char* const begin = digits.text.data();
  const auto [end, fault] =
      std::from_chars(begin, begin + digits.text.size(), magnitude, digits.hexadecimal ? 16 : 10);
  const bool signed_twice = digits.text.starts_with('-');
  if (fault == std::errc::invalid_argument || end != begin + digits.text.size() || signed_twice) {
    return Error{ErrorKind::invalid, in_quotes(text) + " is not a whole number"};
  }
  if (fault != std::errc{}) return Error{ErrorKind::invalid, in_quotes(text) + " is too large"};
  const std::int64_t value = digits.negative ? -magnitude : magnitude;
  if (!digits.hexadecimal && digits.text.size() > 1 && digits.text.front() == '0') {
    return Error{ErrorKind::invalid, in_quotes(text) + " starts with a zero; did you mean " +
                                         in_quotes(std::to_string(value)) + "?"};
  }
  return value;
}

class ScalarReader {
 public:
  explicit ScalarReader(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  bool read(const Node& node, const Setting& setting, Scalar& value) {
    if (node.kind != Node::Kind::scalar) {
      report(node, in_quotes(setting.key) + " must be a single value, not " +
                       std::string(shape_name(node.kind)));
      return false;
    }
    if (node.secret) {
      report(node, in_quotes(setting.key) + " cannot be a secret");
      return false;
    }
    value.text = node.text;
    switch (setting.type) {
      case Type::flag: return read_flag(node, value);
      case Type::integer: return read_integer(node, setting, value.integer);
      case Type::number: return read_number(node, setting, value);
      case Type::choice: return read_choice(node, setting);
      case Type::name: return read_name(node, setting);
      case Type::stream:
      case Type::streams: return read_stream(node);
      default: return true;
    }
  }

 private:
  void report(const Node& node, std::string message) {
    diagnostics_.push_back({node.position, std::move(message)});
  }

  // Quotes say "this is text"; a number in quotes is more likely a slip than a wish.
  bool refuse_quotes(const Node& node) {
    if (!node.quoted) return false;
    report(node, in_quotes(node.text) + " is text because of its quotes; write it without");
    return true;
  }

  bool read_flag(const Node& node, Scalar& value) {
    if (refuse_quotes(node)) return false;
    if (node.text == "true" || node.text == "false") {
      value.flag = node.text == "true";
      return true;
    }
    const bool likely_true =
        node.text == "True" || node.text == "TRUE" || node.text == "yes" || node.text == "on";
    const bool likely_false =
        node.text == "False" || node.text == "FALSE" || node.text == "no" || node.text == "off";
    std::string hint;
    if (likely_true) hint = "; did you mean 'true'?";
    if (likely_false) hint = "; did you mean 'false'?";
    report(node, in_quotes(node.text) + " is neither true nor false" + hint);
    return false;
  }

  bool check_range(const Node& node, double number, const Setting& setting) {
    if (in_range(number, setting)) return true;
    report(node, in_quotes(node.text) + " is out of range; " + in_quotes(setting.key) +
                     " must be " + range_text(setting));
    return false;
  }

  bool read_integer(const Node& node, const Setting& setting, std::int64_t& integer) {
    if (refuse_quotes(node)) return false;
    const Result<std::int64_t> parsed = parse_integer(node.text);
    if (!parsed) {
      report(node, parsed.error().message);
      return false;
    }
    integer = *parsed;
    return check_range(node, static_cast<double>(integer), setting);
  }

  bool read_number(const Node& node, const Setting& setting, Scalar& value) {
    if (refuse_quotes(node)) return false;
    const Result<double> parsed = parse_quantity(node.text, setting.dimension);
    if (!parsed) {
      report(node, parsed.error().message);
      return false;
    }
    value.number = *parsed;
    return check_range(node, value.number, setting);
  }

  bool read_choice(const Node& node, const Setting& setting) {
    if (std::ranges::find(setting.choices, node.text) != setting.choices.end()) return true;
    report(node, in_quotes(node.text) + " is not a value of " + in_quotes(setting.key) +
                     suggestion_or_list(node.text, setting.choices, "its values are"));
    return false;
  }

  bool read_name(const Node& node, const Setting& setting) {
    if (is_name(node.text)) return true;
    report(node, in_quotes(node.text) + " cannot be the " + in_quotes(setting.key) +
                     "; use letters, digits, '_' and '-'");
    return false;
  }

  bool read_stream(const Node& node) {
    if (is_stream_name(node.text)) return true;
    report(node, in_quotes(node.text) +
                     " is not the name of a stream, such as 'imu' or 'imu.acceleration'");
    return false;
  }

  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

bool read_scalar(const Node& node, const Setting& setting, Scalar& value,
                 std::vector<Diagnostic>& diagnostics) {
  return ScalarReader(diagnostics).read(node, setting, value);
}

}  // namespace haltere::config
