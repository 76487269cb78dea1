#pragma once

#include <initializer_list>
#include <vector>

#include "config/settings.hpp"
#include "fusion/filter.hpp"

namespace haltere::fusion {

// What filters of motion have in common in their settings.

inline constexpr config::Setting accelerometer_setting{
    .key = "accelerometer",
    .type = config::Type::stream,
    .description = "Stream of the accelerometer's three axes",
    .required = true};

inline constexpr config::Setting gyroscope_setting{
    .key = "gyroscope",
    .type = config::Type::stream,
    .description = "Stream of the gyroscope's three axes, of the same sensor",
    .required = true};

/// The streams that those of `keys` name which `settings` has.
inline std::vector<StreamName> streams_of(const config::Section& settings,
                                          std::initializer_list<const char*> keys) {
  std::vector<StreamName> streams;
  for (const char* key : keys) {
    if (settings.has(key)) streams.push_back({settings.text(key), settings.position(key)});
  }
  return streams;
}

}  // namespace haltere::fusion
