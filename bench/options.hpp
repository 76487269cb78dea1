#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haltere::bench {

/// A benchmark's arguments: `--json FILE` and what else it has, each followed by its value.
/// Anything else ends the program with its usage, before it measures for minutes.
class Options {
 public:
  Options(int argc, char** argv, std::initializer_list<std::string_view> others = {})
      : arguments_(argv + 1, argv + std::max(argc, 1)) {
    std::vector<std::string_view> known(others);
    known.emplace_back("--json");
    for (std::size_t i = 0; i < arguments_.size(); i += 2)
      if (i + 1 == arguments_.size() || std::ranges::find(known, arguments_[i]) == known.end())
        explain(argv[0], known);
  }

  /// What follows `name`; `otherwise` where it is not given.
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {}) const {
    for (std::size_t i = 0; i + 1 < arguments_.size(); i += 2)
      if (arguments_[i] == name) return std::string(arguments_[i + 1]);
    return std::string(otherwise);
  }

  /// Where the results are to be written too; empty: nowhere.
  [[nodiscard]] std::string json() const { return text("--json"); }

 private:
  [[noreturn]] void explain(const char* program, std::span<const std::string_view> known) const {
    const bool asked = arguments_.size() == 1 && arguments_[0] == "--help";
    std::fprintf(asked ? stdout : stderr, "usage: %s", program);
    for (const std::string_view name : known)
      std::fprintf(asked ? stdout : stderr, " [%s VALUE]", std::string(name).c_str());
    std::fputs("\n", asked ? stdout : stderr);
    std::exit(asked ? 0 : 2);  // NOLINT(concurrency-mt-unsafe): nothing runs yet
  }

  std::vector<std::string_view> arguments_;
};

}  // namespace haltere::bench
