#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <span>
#include <system_error>
#include <vector>

#include "config/settings.hpp"
#include "config/text.hpp"

namespace haltere::config {
namespace {

constexpr double standard_gravity_mps2 = 9.80665;
constexpr double pi = std::numbers::pi;

// si = value * multiply / divide + offset. Two factors, because 3/1000 is exact where 3*0.001 is
// not.
struct Unit {
  std::string_view name;
  Dimension dimension;
  double multiply = 1.0;
  double divide = 1.0;
  double offset = 0.0;
  bool shown = true;  // format_quantity may choose it
};

// Of each dimension in ascending size; other spellings last.
constexpr std::array units{
    Unit{"ns", Dimension::time, 1, 1e9},
    Unit{"us", Dimension::time, 1, 1e6},
    Unit{"ms", Dimension::time, 1, 1e3},
    Unit{"s", Dimension::time},
    Unit{"min", Dimension::time, 60},
    Unit{"h", Dimension::time, 3600},
    Unit{"d", Dimension::time, 86400},
    Unit{"mHz", Dimension::frequency, 1, 1e3},
    Unit{"Hz", Dimension::frequency},
    Unit{"kHz", Dimension::frequency, 1e3},
    Unit{"MHz", Dimension::frequency, 1e6},
    Unit{"m/s2", Dimension::acceleration, 1, 1, 0, false},
    Unit{"mg", Dimension::acceleration, standard_gravity_mps2, 1e3},
    Unit{"g", Dimension::acceleration, standard_gravity_mps2},
    Unit{"rad/s", Dimension::angular_rate, 1, 1, 0, false},
    Unit{"dps", Dimension::angular_rate, pi, 180},
    Unit{"rad", Dimension::angle, 1, 1, 0, false},
    Unit{"deg", Dimension::angle, pi, 180},
    Unit{"uT", Dimension::magnetic_field},
    Unit{"mT", Dimension::magnetic_field, 1e3},
    Unit{"gauss", Dimension::magnetic_field, 100, 1, 0, false},
    Unit{"celsius", Dimension::temperature},
    Unit{"kelvin", Dimension::temperature, 1, 1, -273.15, false},
    Unit{"fahrenheit", Dimension::temperature, 5, 9, -160.0 / 9.0, false},
    Unit{"Pa", Dimension::pressure},
    Unit{"hPa", Dimension::pressure, 100},
    Unit{"kPa", Dimension::pressure, 1e3, 1, 0, false},
    Unit{"mbar", Dimension::pressure, 100, 1, 0, false},
    Unit{"bar", Dimension::pressure, 1e5, 1, 0, false},
    Unit{"%", Dimension::humidity},
    Unit{"uV", Dimension::voltage, 1, 1e6},
    Unit{"mV", Dimension::voltage, 1, 1e3},
    Unit{"V", Dimension::voltage},
    Unit{"uA", Dimension::current, 1, 1e6},
    Unit{"mA", Dimension::current, 1, 1e3},
    Unit{"A", Dimension::current},
    Unit{"mm", Dimension::length, 1, 1e3},
    Unit{"cm", Dimension::length, 1, 100},
    Unit{"m", Dimension::length},
    Unit{"km", Dimension::length, 1e3},
    Unit{"lx", Dimension::illuminance},
    Unit{"ppb", Dimension::concentration, 1, 1e3},
    Unit{"ppm", Dimension::concentration},
    Unit{"%", Dimension::ratio, 1, 100},
    Unit{"B", Dimension::bytes},
    Unit{"KiB", Dimension::bytes, 1024},
    Unit{"MiB", Dimension::bytes, 1024.0 * 1024.0},
    Unit{"windows", Dimension::windows},
    // other spellings
    Unit{"µs", Dimension::time, 1, 1e6, 0, false},
    Unit{"m/s²", Dimension::acceleration, 1, 1, 0, false},
    Unit{"m/s^2", Dimension::acceleration, 1, 1, 0, false},
    Unit{"deg/s", Dimension::angular_rate, pi, 180, 0, false},
    Unit{"°/s", Dimension::angular_rate, pi, 180, 0, false},
    Unit{"°", Dimension::angle, pi, 180, 0, false},
    Unit{"µT", Dimension::magnetic_field, 1, 1, 0, false},
    Unit{"°C", Dimension::temperature, 1, 1, 0, false},
    Unit{"percent", Dimension::humidity, 1, 1, 0, false},
    Unit{"µV", Dimension::voltage, 1, 1e6, 0, false},
    Unit{"µA", Dimension::current, 1, 1e6, 0, false},
    Unit{"percent", Dimension::ratio, 1, 100, 0, false},
    Unit{"window", Dimension::windows, 1, 1, 0, false},
};

// What a message calls the dimension, and the unit it proposes when none was given.
struct Naming {
  std::string_view noun;
  std::string_view usual_unit;
};

constexpr Naming naming(Dimension dimension) {
  switch (dimension) {
    case Dimension::none: return {"plain number", ""};
    case Dimension::time: return {"time", "s"};
    case Dimension::frequency: return {"frequency", "Hz"};
    case Dimension::acceleration: return {"acceleration", "g"};
    case Dimension::angular_rate: return {"angular rate", "dps"};
    case Dimension::angle: return {"angle", "deg"};
    case Dimension::magnetic_field: return {"magnetic field", "uT"};
    case Dimension::temperature: return {"temperature", "celsius"};
    case Dimension::pressure: return {"pressure", "hPa"};
    case Dimension::humidity: return {"humidity", "%"};
    case Dimension::voltage: return {"voltage", "V"};
    case Dimension::current: return {"current", "mA"};
    case Dimension::length: return {"length", "m"};
    case Dimension::illuminance: return {"illuminance", "lx"};
    case Dimension::concentration: return {"concentration", "ppm"};
    case Dimension::ratio: return {"ratio", "%"};
    case Dimension::bytes: return {"size", "KiB"};
    case Dimension::windows: return {"number of windows", " windows"};
  }
  return {"quantity", ""};
}

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Number {
  double value = 0.0;
  std::string_view digits;  // as written
  std::string_view rest;    // what follows the number
};

// Neither octal nor `inf`, `nan`, hexadecimal: a number is written in decimal digits.
Result<Number> scan_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  const bool point_first = digits.size() > 1 && digits[0] == '.' && is_digit(digits[1]);
  if (digits.empty() || (!is_digit(digits[0]) && !point_first))
    return invalid(in_quotes(text) + " is not a number");
  const std::string sign(text.substr(0, text.size() - digits.size()));
  std::string_view plain = digits;
  while (plain.size() > 1 && plain[0] == '0' && is_digit(plain[1])) plain.remove_prefix(1);
  if (plain.size() < digits.size()) {
    return invalid(in_quotes(text) + " starts with a zero; did you mean " +
                   in_quotes(sign + std::string(plain)) + "?");
  }
  const std::string_view unsigned_positive = text.starts_with('+') ? text.substr(1) : text;
  Number number;
  const char* end = unsigned_positive.data() + unsigned_positive.size();
  const auto [stop, fault] = std::from_chars(unsigned_positive.data(), end, number.value);
  if (fault != std::errc{}) return invalid(in_quotes(text) + " is beyond what a number can hold");
  number.rest = {stop, static_cast<std::size_t>(end - stop)};
  number.digits = text.substr(0, text.size() - number.rest.size());
  return number;
}

const Unit* find_in(Dimension dimension, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.dimension == dimension && unit.name == name) return &unit;
  }
  return nullptr;
}

// The unit as it is written behind a number: "200 windows" but "200Hz".
std::string attach(std::string_view digits, std::string_view unit) {
  return std::string(digits) + (unit == "windows" ? " " : "") + std::string(unit);
}

std::string with_article(std::string_view noun) {
  const bool vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

Error wrong_unit(std::string_view text, std::string_view digits, std::string_view unit,
                 Dimension dimension) {
  const Result<UnitScale> other = find_unit(unit);
  const std::string_view noun = naming(dimension).noun;
  if (other) {
    return invalid(in_quotes(text) + " is " + with_article(naming(other->dimension).noun) + "; " +
                   with_article(noun) + " is needed" +
                   (dimension == Dimension::none ? "" : " (" + join(unit_names(dimension)) + ")"));
  }
  const std::vector<std::string_view> names = unit_names(dimension);
  const std::string_view likely = did_you_mean(unit, names);
  const std::string problem = in_quotes(text) + " has the unknown unit " + in_quotes(unit);
  if (!likely.empty())
    return invalid(problem + "; did you mean " + in_quotes(attach(digits, likely)) + "?");
  if (names.empty()) return invalid(in_quotes(text) + " is not a plain number");
  return invalid(problem + "; " + with_article(noun) + " is given in " + join(names));
}

double convert(double value, const Unit& unit) {
  return value * unit.multiply / unit.divide + unit.offset;
}

std::string short_number(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
  return buffer.data();
}

// The largest unit in which `value` is at least 1, else the smallest one.
const Unit* unit_to_show(double value, Dimension dimension) {
  const Unit* best = nullptr;
  for (const Unit& unit : units) {
    if (unit.dimension != dimension || !unit.shown) continue;
    const double shown = std::abs(value) * unit.divide / unit.multiply;
    if (best == nullptr || shown >= 1.0 - 1e-9) best = &unit;
  }
  return best;
}

}  // namespace

Result<double> parse_quantity(std::string_view text, Dimension dimension) {
  text = trim(text);
  const Result<Number> number = scan_number(text);
  if (!number) return number.error();
  const std::string_view unit_name = trim(number->rest);
  if (unit_name.empty()) {
    if (dimension == Dimension::none || dimension == Dimension::ratio) return number->value;
    return invalid(in_quotes(text) + " has no unit; did you mean " +
                   in_quotes(std::string(text) + std::string(naming(dimension).usual_unit)) + "?");
  }
  const Unit* unit = find_in(dimension, unit_name);
  if (unit == nullptr) return wrong_unit(text, number->digits, unit_name, dimension);
  const double value = convert(number->value, *unit);
  if (!std::isfinite(value)) return invalid(in_quotes(text) + " is beyond what a number can hold");
  return value;
}

std::string format_quantity(double value, Dimension dimension) {
  // A length of time of zero has no natural unit; the usual one reads best.
  const Unit* unit = value == 0.0 ? find_in(dimension, trim(naming(dimension).usual_unit))
                                  : unit_to_show(value, dimension);
  if (unit == nullptr) return short_number(value);
  const std::string number = short_number(value * unit->divide / unit->multiply);
  const std::string_view name = unit->name == "celsius" ? "°C" : unit->name;
  return number + (name == "%" ? "" : " ") + std::string(name);
}

std::string_view dimension_name(Dimension dimension) { return naming(dimension).noun; }

std::vector<std::string_view> unit_names(Dimension dimension) {
  std::vector<std::string_view> names;
  for (const Unit& unit : units) {
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (unit.dimension == dimension && std::ranges::all_of(unit.name, ascii)) {
      names.push_back(unit.name);
    }
  }
  return names;
}

Result<UnitScale> find_unit(std::string_view unit) {
  for (const Unit& known : units) {
    if (known.name == unit)
      return UnitScale{known.dimension, known.multiply / known.divide, known.offset};
  }
  std::vector<std::string_view> names(units.size());
  std::ranges::transform(units, names.begin(), &Unit::name);
  return invalid(in_quotes(unit) + " is not a unit" + suggestion(unit, names));
}

}  // namespace haltere::config
