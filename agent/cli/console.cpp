#include "agent/cli/console.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace haltere::agent {

void set_up_logging(Verbosity verbosity) {
  const auto mode =
      may_colour(STDERR_FILENO) ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto logger = std::make_shared<spdlog::logger>(
      "haltere", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode));
  logger->set_pattern("haltere: %^%l%$: %v");
  switch (verbosity) {
    case Verbosity::quiet: logger->set_level(spdlog::level::err); break;
    case Verbosity::normal: logger->set_level(spdlog::level::info); break;
    case Verbosity::verbose: logger->set_level(spdlog::level::debug); break;
  }
  spdlog::set_default_logger(std::move(logger));
}

bool may_colour(int fd) {
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return (no_color == nullptr || *no_color == '\0') && isatty(fd) == 1;
}

void print_error(std::string_view message) {
  std::fprintf(stderr, "haltere: %.*s\n", static_cast<int>(message.size()), message.data());
}

}  // namespace haltere::agent
