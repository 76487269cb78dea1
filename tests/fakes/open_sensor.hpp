#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/settings.hpp"
#include "sensors/drivers.hpp"

namespace haltere::fakes {

/// Settings of `platform` as from YAML `text`; problems go to `diagnostics`.
inline config::Section read_settings(std::string_view platform, std::string_view text,
                                     std::vector<config::Diagnostic>& diagnostics) {
  const sensors::Driver* driver = sensors::find_driver(platform);
  const Result<config::Node> node = config::parse_yaml(text, diagnostics);
  if (driver == nullptr || !node) {
    ADD_FAILURE() << "no driver " << platform << " or no YAML: " << text;
    return {};
  }
  config::Section section =
      config::read_section(*node, driver->component.settings, platform, diagnostics);
  (void)driver->layout(section, diagnostics);
  return section;
}

/// Settings that must be right.
inline config::Section settings(std::string_view platform, std::string_view text) {
  std::vector<config::Diagnostic> diagnostics;
  config::Section section = read_settings(platform, text, diagnostics);
  for (const config::Diagnostic& problem : diagnostics) ADD_FAILURE() << problem.message;
  return section;
}

/// The message of the first problem with these settings; empty if there is none.
inline std::string problem_with(std::string_view platform, std::string_view text) {
  std::vector<config::Diagnostic> diagnostics;
  (void)read_settings(platform, text, diagnostics);
  return diagnostics.empty() ? "" : diagnostics.front().message;
}

/// Opens a sensor of `platform`.
inline Result<std::unique_ptr<sensors::Sensor>> open_sensor(std::string_view platform,
                                                            std::string_view text,
                                                            sensors::Buses& buses) {
  return sensors::find_driver(platform)->open(settings(platform, text), buses);
}

}  // namespace haltere::fakes
