#include "agent/cli/command_line.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

namespace haltere::agent {

Option Option::required() { return Option(option_->required()); }
Option Option::expected(int least, int most) { return Option(option_->expected(least, most)); }
Option Option::delimiter(char between) { return Option(option_->delimiter(between)); }
Option Option::once_each() { return Option(option_->allow_extra_args(false)); }
Option Option::capture_default_str() { return Option(option_->capture_default_str()); }
Option Option::default_str(const std::string& text) { return Option(option_->default_str(text)); }

Option Option::one_of(std::vector<std::string> choices) {
  return Option(option_->check(CLI::IsMember(std::move(choices))));
}

Option Option::between(double low, double high) {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::between_or(double low, double high, const std::string& word) {
  return Option(option_->check(CLI::Range(low, high) | CLI::IsMember({word})));
}

Option Option::whole_between(long low, long high) {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::whole_between_or(long low, long high, const std::string& word) {
  return Option(option_->check(CLI::Range(low, high) | CLI::IsMember({word})));
}

Option Option::positive() { return Option(option_->check(CLI::PositiveNumber)); }

Command Command::add_subcommand(const std::string& name, const std::string& description) {
  return Command(app_->add_subcommand(name, description));
}

Command Command::require_subcommand() { return Command(app_->require_subcommand(1)); }

template <typename Value>
Option Command::add_option(const std::string& names, Value& value, const std::string& description) {
  return Option(app_->add_option(names, value, description));
}

template Option Command::add_option(const std::string&, std::string&, const std::string&);
template Option Command::add_option(const std::string&, std::vector<std::string>&,
                                    const std::string&);
template Option Command::add_option(const std::string&, int&, const std::string&);
template Option Command::add_option(const std::string&, float&, const std::string&);
template Option Command::add_option(const std::string&, double&, const std::string&);
template Option Command::add_option(const std::string&, std::uint32_t&, const std::string&);
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<double>&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<std::uint64_t>&,
                                    const std::string&);

Option Command::add_flag(const std::string& names, bool& value, const std::string& description) {
  return Option(app_->add_flag(names, value, description));
}

Option Command::add_flag(const std::string& names, const std::string& description) {
  return Option(app_->add_flag(names)->description(description));
}

void Command::callback(std::function<void()> run) { app_->callback(std::move(run)); }

}  // namespace haltere::agent
