#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace haltere::agent {

/// An option or positional of a command, to say more of it. A handle: copies mean the same option.
/// Method names are CLI11's where it has one.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option required();
  Option expected(int least, int most);  ///< so many words
  Option delimiter(char between);        ///< of several values in one word
  Option once_each();                    ///< takes one value each time it is given
  Option capture_default_str();          ///< `--help` shows the variable's value as the default
  Option default_str(const std::string& text);  ///< `--help` shows that

  Option one_of(std::vector<std::string> choices);
  Option between(double low, double high);
  Option between_or(double low, double high, const std::string& word);
  Option whole_between(long low, long high);
  Option whole_between_or(long low, long high, const std::string& word);
  Option positive();

 private:
  CLI::Option* option_;
};

/// A command of the program, or the program itself, to add options and commands to: a handle of the
/// parser's, whose header alone takes seconds to compile. Method names are CLI11's.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_subcommand(const std::string& name, const std::string& description);
  Command require_subcommand();

  /// `names` as "-o,--output", or without dashes for a positional. `value` outlives the parsing. Of
  /// std::string, std::vector<std::string>, float, double, int, std::uint32_t, std::uint64_t, and
  /// std::optional of double and std::uint64_t.
  template <typename Value>
  Option add_option(const std::string& names, Value& value, const std::string& description);
  Option add_flag(const std::string& names, bool& value, const std::string& description);
  Option add_flag(const std::string& names, const std::string& description);

  /// Runs after the whole line was parsed, if this command was given.
  void callback(std::function<void()> run);

 private:
  CLI::App* app_;
};

}  // namespace haltere::agent
