#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/rows.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Windows as they were typed; empty = not given.
struct WindowTexts {
  std::string length;  ///< "128" rows or "2s"
  std::string step;    ///< likewise
  std::string rate;    ///< "119Hz"
  std::string segment;
  std::vector<std::string> features;               ///< "mean", "band_power:8:0.5Hz:50Hz", "all"
  std::string trigger{};                           ///< column
  std::string above{};                             ///< "2.5"
  std::string before{};                            ///< as length
  std::string taper{};                             ///< "hann"
  std::string_view length_option = "--window";     ///< how that is called in messages
  std::string_view rate_option = "--sample-rate";  ///< likewise
};

/// Features of a window if none are named; with a known rate band powers come on top.
inline const std::string default_features =
    "mean,std,min,max,peak_to_peak,zero_crossings, and "
    "with --sample-rate 8 bands up to half of it";

/// "last, mean, std, ..."
[[nodiscard]] std::string feature_list();

/// What `texts` ask for; nothing without a length. Errors: invalid, naming the option.
[[nodiscard]] Result<std::optional<Windowing>> read_windowing(const WindowTexts& texts);

}  // namespace haltere::agent
