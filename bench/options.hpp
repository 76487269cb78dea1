#pragma once

#include <span>
#include <string>
#include <string_view>

namespace haltere::bench {

/// What follows `name` among a program's arguments; `otherwise` where it is not given.
inline std::string option(int argc, char** argv, std::string_view name,
                          std::string_view otherwise = {}) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i)
    if (arguments[i] == name) return arguments[i + 1];
  return std::string(otherwise);
}

/// Where the results are to be written too; empty: nowhere.
inline std::string json_file(int argc, char** argv) { return option(argc, argv, "--json"); }

}  // namespace haltere::bench
