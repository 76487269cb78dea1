#include "agent/pipeline/condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "agent/pipeline/streams.hpp"

namespace haltere::agent {
namespace {

using Comparison = Condition::Comparison;
using Term = Condition::Term;

struct Operator {
  std::string_view text;
  Comparison comparison;
};
constexpr std::array operators{
    Operator{"<=", Comparison::at_most}, Operator{">=", Comparison::at_least},
    Operator{"==", Comparison::equal},   Operator{"!=", Comparison::unequal},
    Operator{"<", Comparison::less},     Operator{">", Comparison::more},
};

/// The words of a condition: names and numbers, and operators wherever they stand.
class Words {
 public:
  explicit Words(std::string_view text) {
    while (skip_blanks(text)) words_.push_back(cut(text));
  }
  /// Empty at the end.
  [[nodiscard]] std::string_view peek() const { return at_ < words_.size() ? words_[at_] : ""; }
  std::string_view take() {
    const std::string_view word = peek();
    ++at_;
    return word;
  }
  bool take_if(std::string_view word) {
    if (peek() != word) return false;
    ++at_;
    return true;
  }

 private:
  static bool skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return !text.empty();
  }
  static std::string_view cut(std::string_view& text) {
    std::size_t size = std::min(text.find_first_of(" \t<>=!"), text.size());
    if (size == 0) size = text.size() > 1 && text[1] == '=' ? 2 : 1;
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(size);
    return word;
  }

  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
};

std::optional<Comparison> comparison_of(std::string_view word) {
  for (const Operator& known : operators) {
    if (known.text == word) return known.comparison;
  }
  return std::nullopt;
}

class ConditionReader {
 public:
  ConditionReader(const std::string& text, config::Position position, const StreamTable& streams,
                  std::vector<config::Diagnostic>& diagnostics)
      : words_(text), position_(position), streams_(streams), diagnostics_(diagnostics) {}

  Condition read() {
    Condition condition;
    do {
      std::vector<Term>& all = condition.any_of.emplace_back();
      do {
        if (!read_term(all.emplace_back())) return condition;
      } while (words_.take_if("and"));
    } while (words_.take_if("or"));
    if (!words_.peek().empty()) {
      complain("'" + std::string(words_.peek()) +
               "' is not expected here: conditions are joined "
               "by 'and' or 'or'");
    }
    return condition;
  }

 private:
  bool read_term(Term& term) {
    term.negated = words_.take_if("not");
    const std::string name(words_.take());
    if (name.empty()) return complain("a stream is missing, as in 'motion.at_rest'");
    const auto stream = streams_.find({.name = name, .position = position_}, diagnostics_);
    if (!stream) return false;
    if (stream->channels.size() != 1) {
      return complain("'" + name + "' has " + std::to_string(stream->channels.size()) +
                      " channels; one is needed");
    }
    term.source = stream->source;
    term.channel = stream->channels.front();
    const auto comparison = comparison_of(words_.peek());
    if (!comparison) return true;
    term.comparison = *comparison;
    words_.take();
    return read_number(term.value);
  }

  bool read_number(float& value) {
    const std::string_view word = words_.take();
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc() && end == word.data() + word.size();
    if (whole && std::isfinite(value)) return true;
    return complain("'" + std::string(word) + "' is not a number");
  }

  bool complain(std::string message) {
    diagnostics_.push_back({position_, std::move(message)});
    return false;
  }

  Words words_;
  config::Position position_;
  const StreamTable& streams_;
  std::vector<config::Diagnostic>& diagnostics_;
};

bool compare(Comparison comparison, float value, float limit) {
  switch (comparison) {
    case Comparison::is_set: return value > 0.5F;
    case Comparison::less: return value < limit;
    case Comparison::at_most: return value <= limit;
    case Comparison::more: return value > limit;
    case Comparison::at_least: return value >= limit;
    case Comparison::equal: return value == limit;
    case Comparison::unequal: return value != limit;
  }
  return false;
}

}  // namespace

bool holds(const Condition::Term& term, float value) {
  return !std::isnan(value) && compare(term.comparison, value, term.value) != term.negated;
}

Condition read_condition(const std::string& text, config::Position position,
                         const StreamTable& streams, std::vector<config::Diagnostic>& diagnostics) {
  return ConditionReader(text, position, streams, diagnostics).read();
}

}  // namespace haltere::agent
